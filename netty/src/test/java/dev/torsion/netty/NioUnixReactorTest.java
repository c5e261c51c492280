package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/// The contract on UNIX sockets.
final class NioUnixReactorTest extends ReactorContract {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.NIO, false, directory);
    }
}
