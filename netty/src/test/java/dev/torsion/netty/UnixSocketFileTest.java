package dev.torsion.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UnixSocketFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    /// One that is opened, step by step.
    private static final class Opening implements AutoCloseable {
        final UnixSocketFile file;
        final ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);

        Opening(Path path, long chance) throws IOException {
            Endpoint.Unix endpoint = Endpoint.unix(path.toString());
            file = UnixSocketFile.prepare(endpoint, new SplittableRandom(chance));
            socket.bind(UnixDomainSocketAddress.of(file.temporary()));
        }

        void giveUp() throws IOException {
            socket.close();
            file.delete();
        }

        @Override
        public void close() throws IOException {
            giveUp();
        }
    }

    /// It listens as soon as it is bound.
    @Test
    void isReachedByItsOwnerAloneBeforeItHasItsPermissions() throws IOException {
        Path path = directory.resolve("a.sock");
        try (Opening opening = new Opening(path, 1)) {
            UnixDomainSocketAddress at =
                    (UnixDomainSocketAddress) requireNonNull(opening.socket.getLocalAddress());
            Path shelter = requireNonNull(at.getPath().getParent());
            assertThat(shelter).isNotEqualTo(directory);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shelter)))
                    .isEqualTo("rwx------");
            opening.file.bound();
            assertThat(shelter).doesNotExist();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isRefusedToTheSlowerOfTwoThatOpenIt(boolean replacesADeadOne) throws IOException {
        Path path = directory.resolve("a.sock");
        if (replacesADeadOne) {
            leaveDead(path);
        }
        try (Opening first = new Opening(path, 1);
                Opening second = new Opening(path, 2)) {
            first.file.bound();
            assertThatThrownBy(second.file::bound)
                    .isInstanceOf(BindException.class)
                    .hasMessage("address already in use: somebody listens there");
            second.giveUp();
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    SocketChannel server = first.socket.accept()) {
                assertThat(client.isConnected()).isTrue();
                assertThat(server).isNotNull();
            }
            assertThat(directory).isDirectoryContaining(path::equals);
            assertThat(requireNonNull(directory.toFile().list())).hasSize(1);
        }
        assertThat(directory).isEmptyDirectory();
    }

    /// Whose file may have the identity that its own had.
    @Test
    void isNotTakenFromASuccessorWhenItIsGoneAlready() throws IOException {
        Path path = directory.resolve("a.sock");
        try (Opening first = new Opening(path, 1)) {
            first.file.bound();
            first.file.delete();
            assertThat(path).doesNotExist();
            first.socket.close();
            try (Opening second = new Opening(path, 2)) {
                second.file.bound();
                first.file.delete();
                assertThat(path).exists();
            }
        }
        assertThat(directory).isEmptyDirectory();
    }

    private static void leaveDead(Path path) throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
    }

    /// As another user's. Not tried with a file: to the superuser all is permitted.
    @Test
    void isNotSaidToBeInUseWhereNobodyCouldLook() {
        assertThat(UnixSocketFile.occupied(new BindException("Permission denied")))
                .hasMessage(
                        "there is a socket that this user may not connect to, so that nobody knows"
                                + " whether somebody listens: remove it if nobody does");
        assertThat(UnixSocketFile.occupied(new IOException("Resource temporarily unavailable")))
                .hasMessage("address already in use: somebody listens there");
    }
}
