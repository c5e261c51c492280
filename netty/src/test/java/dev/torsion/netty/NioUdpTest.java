package dev.torsion.netty;

final class NioUdpTest extends UdpContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.NIO;
    }
}
