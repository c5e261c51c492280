package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of a UNIX socket that somebody listens on: how it comes to be, with the right
/// permissions from the first moment, and how it goes.
///
/// The socket is bound in a directory beside its place that is the owner's alone, since it listens
/// from then on with the permissions that the process gives to any file; it is given its own, and
/// takes its name: nobody else can connect to it before. It takes the name only while nobody has
/// it, after the removal of the file of one that nobody listens on any more; so that of two that
/// are opened there at once one is refused.
final class UnixSocketFile {
    /// Of a path in `sockaddr_un`, less the byte that ends it (unix(7)).
    static final int LONGEST_PATH = 107;

    private static final Logger log = LoggerFactory.getLogger(UnixSocketFile.class);

    private static final FileAttribute<?> OWNERS_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path path;
    private final Path shelter;
    private final Path temporary;
    private final int mode;
    private final @Nullable Object dead; // which file is to be replaced
    private boolean sheltered; // in a directory that is ours
    private @Nullable Object identity;

    private UnixSocketFile(Path path, Path shelter, int mode, @Nullable Object dead) {
        this.path = path;
        this.shelter = shelter;
        temporary = shelter.resolve("s");
        this.mode = mode;
        this.dead = dead;
    }

    /// Makes sure that a socket may be put there.
    ///
    /// @throws IOException saying why it may not
    static UnixSocketFile prepare(Endpoint.Unix endpoint, RandomGenerator chance)
            throws IOException {
        Path path = Path.of(endpoint.address().path());
        String name = "." + Integer.toString(chance.nextInt(36 * 36 * 36, 46_656 * 36), 36);
        Path shelter = path.resolveSibling(name);
        requireShort(path.toString());
        requireShort(shelter.resolve("s").toString());
        Path directory = Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException("there is no directory " + directory);
        }
        return new UnixSocketFile(path, shelter, endpoint.mode(), requireNobodyThere(path));
    }

    /// @throws IOException if `path` is longer than the machine takes
    static void requireShort(String path) throws IOException {
        int length = path.getBytes(UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IOException(
                    "the path of a UNIX socket has at most "
                            + LONGEST_PATH
                            + " bytes, and "
                            + path
                            + " has "
                            + length);
        }
    }

    /// @return which file is there of one that nobody listens on any more; null if none is
    private static @Nullable Object requireNobodyThere(Path path) throws IOException {
        BasicFileAttributes there;
        try {
            there =
                    Files.readAttributes(
                            path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException nothing) {
            return null;
        }
        if (!there.isOther()) {
            throw new BindException("there is a file of that name that is no socket");
        }
        try (SocketChannel visitor = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            visitor.configureBlocking(false);
            visitor.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException refused) {
            log.info("{} is a socket that nobody listens on any more; it is replaced", path);
            return there.fileKey();
        } catch (IOException notTaken) {
            log.debug("{} does not take a connection now", path, notTaken);
            throw switch (SocketFailure.of(notTaken)) {
                case NO_DESCRIPTOR, NO_DESCRIPTOR_IN_SYSTEM -> notTaken;
                default -> occupied(notTaken);
            };
        }
        throw occupied(null);
    }

    /// @param refusal why a visitor was not let in; null if one was
    static BindException occupied(@Nullable IOException refusal) {
        boolean denied = refusal != null && SocketFailure.of(refusal) == SocketFailure.DENIED;
        return new BindException(
                denied
                        ? "there is a socket that this user may not connect to, so that nobody"
                                + " knows whether somebody listens: remove it if nobody does"
                        : "address already in use: somebody listens there");
    }

    /// Makes the place where to bind the socket.
    String temporary() throws IOException {
        try {
            Files.createDirectory(shelter, OWNERS_ALONE);
            sheltered = true;
        } catch (FileAlreadyExistsException another) {
            throw occupied(null);
        } catch (UnsupportedOperationException noPosix) {
            throw unable(noPosix);
        }
        return temporary.toString();
    }

    /// The socket is bound: it gets its permissions and its name.
    void bound() throws IOException {
        try {
            Files.setPosixFilePermissions(temporary, permissions());
            identity = identity(temporary);
            if (dead != null) {
                remove(dead);
            }
            Files.createLink(path, temporary);
            Files.delete(temporary);
            Files.delete(shelter);
        } catch (FileAlreadyExistsException another) {
            throw occupied(null);
        } catch (UnsupportedOperationException noPosix) {
            throw unable(noPosix);
        }
    }

    private static IOException unable(UnsupportedOperationException why) {
        return new IOException(
                "the file system here knows no permissions, or no second name of a file", why);
    }

    /// Removes the file of one that nobody listens on any more, or finds a living one there that
    /// has replaced it meanwhile. No system call removes a name only if it is a certain file's: so
    /// what is there is moved out of the way to be looked at, and back.
    private void remove(Object dead) throws IOException {
        Path aside = shelter.resolve("dead");
        try {
            if (!dead.equals(identity(path))) {
                throw occupied(null);
            }
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException removed) {
            return; // by another that replaces it, and may be faster
        }
        boolean isDead = dead.equals(identity(aside));
        try {
            if (!isDead) {
                Files.createLink(path, aside);
            }
        } catch (FileAlreadyExistsException third) {
            log.error("{} was taken from a socket that listens: nobody reaches that now", path);
        } finally {
            Files.delete(aside);
        }
        if (!isDead) {
            throw occupied(null);
        }
    }

    private Set<PosixFilePermission> permissions() {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values(); // rwx of owner, group, others
        for (int i = 0; i < all.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                permissions.add(all[i]);
            }
        }
        return permissions;
    }

    /// Takes the file away, if it is this socket's still; to be called while that listens, since
    /// nobody replaces the file of one that does. Once: another file may have the same identity
    /// when this one is gone. What a person moves there in the same moment goes with it.
    void delete() {
        Object ours = identity;
        identity = null;
        try {
            if (sheltered) {
                Files.deleteIfExists(temporary);
                Files.deleteIfExists(shelter);
            }
            if (ours != null && ours.equals(identity(path))) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException gone) {
            log.debug("{} is gone already", path);
        } catch (IOException kept) {
            log.warn("the socket file {} stays: {}", path, kept.toString());
        }
    }

    private static @Nullable Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }
}
