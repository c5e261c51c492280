package dev.torsion.netty;

import dev.torsion.reactor.Endpoint;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;

/// Linux epoll. Nobody but this and what it makes knows Netty's epoll classes, which may be absent.
final class EpollSockets implements Sockets {
    private EpollSockets() {}

    static Sockets load() {
        if (!Epoll.isAvailable()) {
            throw SocketsChoice.absent(ReactorOptions.Io.EPOLL, Epoll.unavailabilityCause());
        }
        return new EpollSockets();
    }

    @Override
    public ReactorOptions.Io io() {
        return ReactorOptions.Io.EPOLL;
    }

    @Override
    public IoHandlerFactory watcher() {
        return MendedIoHandler.factory(
                EpollIoHandler.newFactory(),
                (handler, socket) ->
                        new StayingRegistration(
                                handler.register(new HalfClosedSocket((EpollIoHandle) socket))));
    }

    @Override
    public ServerSocketChannel server() {
        return new EpollServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new EpollSocketChannel();
    }

    @Override
    public ServerChannel inherited(Endpoint.Systemd endpoint) throws IOException {
        int descriptor = SystemdSockets.open(endpoint);
        return switch (endpoint.domain()) {
            case INET -> new EpollServerSocketChannel(descriptor);
            case UNIX -> new EpollServerDomainSocketChannel(descriptor, true);
        };
    }

    @Override
    public ServerChannel unixServer() {
        return new EpollServerDomainSocketChannel();
    }

    @Override
    public DuplexChannel unixClient() {
        return new EpollDomainSocketChannel();
    }

    @Override
    public SocketAddress unixAddress(String path) {
        return new DomainSocketAddress(path);
    }

    @Override
    public ChannelOption<Boolean> sharing() {
        return EpollChannelOption.SO_REUSEPORT;
    }

    @Override
    public UdpSocket udp(boolean ipv6) {
        SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
        return new NativeUdpSocket(new EpollDatagramChannel(family), ipv6);
    }
}
