package dev.torsion.netty;

final class IoUringSocketsTest extends SocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }
}
