package dev.torsion.netty;

import org.junit.jupiter.api.BeforeAll;

final class EpollUdpTest extends UdpContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.EPOLL;
    }
}
