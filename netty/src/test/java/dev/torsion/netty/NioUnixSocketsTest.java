package dev.torsion.netty;

final class NioUnixSocketsTest extends UnixSocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.NIO;
    }
}
