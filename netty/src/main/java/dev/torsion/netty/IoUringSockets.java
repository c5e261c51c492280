package dev.torsion.netty;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/// Linux io_uring. The only class that knows Netty's io_uring classes, which may be absent.
final class IoUringSockets implements Sockets {
    private IoUringSockets() {}

    static Sockets load() {
        if (!IoUring.isAvailable()) {
            throw new IllegalStateException(
                    "io_uring cannot be used here", IoUring.unavailabilityCause());
        }
        return new IoUringSockets();
    }

    @Override
    public IoHandlerFactory watcher() {
        return IoUringIoHandler.newFactory();
    }

    @Override
    public ServerSocketChannel server() {
        return new IoUringServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new IoUringSocketChannel();
    }
}
