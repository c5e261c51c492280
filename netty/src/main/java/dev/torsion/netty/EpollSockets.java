package dev.torsion.netty;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

/// Linux epoll. The only class that knows Netty's epoll classes, which may be absent.
final class EpollSockets implements Sockets {
    private EpollSockets() {}

    static Sockets load() {
        if (!Epoll.isAvailable()) {
            throw new IllegalStateException(
                    "epoll cannot be used here", Epoll.unavailabilityCause());
        }
        return new EpollSockets();
    }

    @Override
    public IoHandlerFactory watcher() {
        return EpollIoHandler.newFactory();
    }

    @Override
    public ServerSocketChannel server() {
        return new EpollServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new EpollSocketChannel();
    }
}
