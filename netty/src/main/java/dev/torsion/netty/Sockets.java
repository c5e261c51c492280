package dev.torsion.netty;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;

/// One of the ways to watch sockets, and the sockets that go with it.
interface Sockets {

    IoHandlerFactory watcher();

    ServerSocketChannel server();

    SocketChannel client();

    /// Finds the sockets for what was asked.
    ///
    /// @throws IllegalStateException if what was asked for cannot be had here, saying why
    static Sockets choose(ReactorOptions.Io io) {
        return switch (io) {
            case NIO -> new NioSockets();
            case EPOLL -> epoll();
            case IO_URING -> ioUring();
            case AUTO -> best();
        };
    }

    private static Sockets best() {
        try {
            return ioUring();
        } catch (IllegalStateException noIoUring) {
            try {
                return epoll();
            } catch (IllegalStateException noEpoll) {
                return new NioSockets();
            }
        }
    }

    private static Sockets epoll() {
        try {
            return EpollSockets.load();
        } catch (LinkageError absent) {
            throw new IllegalStateException("epoll is not on the class path", absent);
        }
    }

    private static Sockets ioUring() {
        try {
            return IoUringSockets.load();
        } catch (LinkageError absent) {
            throw new IllegalStateException("io_uring is not on the class path", absent);
        }
    }
}
