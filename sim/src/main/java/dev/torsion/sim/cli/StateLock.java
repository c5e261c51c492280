package dev.torsion.sim.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Lets one run at a time keep its progress in a file. The lock is on a file beside it, since the
/// file itself is replaced whenever progress is saved; that one stays, so that nobody locks a file
/// that somebody else has deleted.
final class StateLock implements AutoCloseable {
    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws WrongUseException if another run, of this JVM or another, has it
    /// @throws IOException if there is no writing beside the file; the message says where and why
    static StateLock of(Path state) throws IOException {
        Path file = state.resolveSibling(state.getFileName() + ".lock").toAbsolutePath();
        FileChannel channel;
        try {
            Files.createDirectories(file.getParent());
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write " + state + ": " + Main.why(e), e);
        }
        if (lock(channel) == null) {
            channel.close();
            throw new WrongUseException(
                    "another run is keeping its progress in "
                            + state
                            + "; --state FILE keeps this one's elsewhere");
        }
        return new StateLock(channel);
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // this JVM has it
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
