package dev.torsion.netty;

final class NioSocketsTest extends SocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.NIO;
    }
}
