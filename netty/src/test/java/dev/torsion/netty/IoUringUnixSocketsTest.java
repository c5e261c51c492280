package dev.torsion.netty;

import org.junit.jupiter.api.BeforeAll;

final class IoUringUnixSocketsTest extends UnixSocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }
}
