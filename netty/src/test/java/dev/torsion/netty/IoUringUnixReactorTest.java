package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// The contract on UNIX sockets.
final class IoUringUnixReactorTest extends ReactorContract {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.IO_URING, false, directory);
    }
}
