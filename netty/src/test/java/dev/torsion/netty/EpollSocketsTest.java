package dev.torsion.netty;

final class EpollSocketsTest extends SocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.EPOLL;
    }
}
