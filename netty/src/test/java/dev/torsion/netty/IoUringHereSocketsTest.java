package dev.torsion.netty;

import org.junit.jupiter.api.BeforeAll;

final class IoUringHereSocketsTest extends SocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }

    @Override
    NettyReactor reactor(ReactorOptions options) {
        return RealWorld.runningHere(options);
    }
}
