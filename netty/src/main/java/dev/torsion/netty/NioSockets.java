package dev.torsion.netty;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// The JDK's own selector.
final class NioSockets implements Sockets {

    @Override
    public IoHandlerFactory watcher() {
        return NioIoHandler.newFactory();
    }

    @Override
    public ServerSocketChannel server() {
        return new NioServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new NioSocketChannel();
    }
}
