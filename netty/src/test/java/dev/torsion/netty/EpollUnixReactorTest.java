package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// The contract on UNIX sockets.
final class EpollUnixReactorTest extends ReactorContract {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.EPOLL, false, directory);
    }
}
