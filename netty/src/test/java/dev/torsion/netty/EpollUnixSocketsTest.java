package dev.torsion.netty;

import org.junit.jupiter.api.BeforeAll;

final class EpollUnixSocketsTest extends UnixSocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.EPOLL;
    }
}
