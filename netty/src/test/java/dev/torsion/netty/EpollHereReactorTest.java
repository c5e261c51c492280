package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;
import org.junit.jupiter.api.BeforeAll;

final class EpollHereReactorTest extends ReactorContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.EPOLL, true);
    }
}
