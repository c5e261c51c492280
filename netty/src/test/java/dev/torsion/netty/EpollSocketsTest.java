package dev.torsion.netty;

import org.junit.jupiter.api.BeforeAll;

final class EpollSocketsTest extends SocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.EPOLL;
    }
}
