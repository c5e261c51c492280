package dev.torsion.netty;

final class NioHereSocketsTest extends SocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.NIO;
    }

    @Override
    NettyReactor reactor(ReactorOptions options) {
        return RealWorld.runningHere(options);
    }
}
