package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;
import org.junit.jupiter.api.BeforeAll;

final class IoUringHereReactorTest extends ReactorContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.IO_URING, true);
    }
}
