package dev.torsion.netty;

import dev.torsion.reactor.testing.DatagramContract;
import dev.torsion.reactor.testing.ReactorContract;
import org.junit.jupiter.api.BeforeAll;

final class EpollDatagramTest extends DatagramContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    protected ReactorContract.World world() {
        return new RealWorld(ReactorOptions.Io.EPOLL, false);
    }
}
