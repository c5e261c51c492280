package dev.torsion.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;

/// Linux io_uring. The only class that knows Netty's io_uring classes, which may be absent.
final class IoUringSockets implements Sockets {
    private IoUringSockets() {}

    static Sockets load() {
        if (!IoUring.isAvailable()) {
            throw SocketsChoice.absent(ReactorOptions.Io.IO_URING, IoUring.unavailabilityCause());
        }
        return new IoUringSockets();
    }

    @Override
    public ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
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

    @Override
    public ServerChannel unixServer() {
        return new IoUringServerDomainSocketChannel();
    }

    @Override
    public DuplexChannel unixClient() {
        return new IoUringDomainSocketChannel();
    }

    @Override
    public SocketAddress unixAddress(String path) {
        return new DomainSocketAddress(path);
    }

    @Override
    public ChannelOption<Boolean> sharing() {
        return IoUringChannelOption.SO_REUSEPORT;
    }

    @Override
    public boolean readWhenReady() {
        return false;
    }

    @Override
    public UdpSocket udp(boolean ipv6) {
        SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
        return new NativeUdpSocket(new IoUringDatagramChannel(family), ipv6);
    }
}
