package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.PeerCredentials;
import io.netty.channel.ChannelException;
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
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Linux epoll. Nobody but this and what it makes knows Netty's epoll classes, which may be absent.
final class EpollSockets implements Sockets {
    // Of socket(7), as asm-generic/socket.h and linux/socket.h have them.
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;

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
    public TcpOptions tcpOptions() {
        return new TcpOptions(
                EpollChannelOption.TCP_KEEPIDLE,
                EpollChannelOption.TCP_KEEPINTVL,
                EpollChannelOption.TCP_KEEPCNT,
                EpollChannelOption.TCP_USER_TIMEOUT);
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
        requireFit(descriptor, endpoint);
        return switch (endpoint.domain()) {
            case INET -> new EpollServerSocketChannel(descriptor);
            case UNIX -> new EpollServerDomainSocketChannel(descriptor, true);
        };
    }

    /// Netty would take whatever it is for a socket of that kind which listens.
    private static void requireFit(int descriptor, Endpoint.Systemd endpoint) throws IOException {
        try {
            String unfit = unfit(new Socket(descriptor), endpoint.domain());
            if (unfit != null) {
                throw new IOException("what was passed " + unfit);
            }
        } catch (IOException | ChannelException failed) {
            new FileDescriptor(descriptor).close();
            throw SocketFailure.known(failed);
        }
    }

    private static @Nullable String unfit(Socket passed, Endpoint.Systemd.Domain domain)
            throws IOException {
        boolean isUnix = passed.getIntOpt(SOL_SOCKET, SO_DOMAIN) == AF_UNIX;
        boolean wantsUnix = domain == Endpoint.Systemd.Domain.UNIX;
        if (isUnix != wantsUnix) {
            return isUnix
                    ? "is a UNIX socket: say domain=unix"
                    : "is no UNIX socket, as domain=unix says";
        }
        if (passed.getIntOpt(SOL_SOCKET, SO_TYPE) != SOCK_STREAM) {
            return "carries datagrams, not streams";
        }
        return passed.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) == 0
                ? "is a socket that does not listen"
                : null;
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
    public SocketAddress unixAddress(Address.Unix address) {
        return new DomainSocketAddress(Sockets.nativePath(address));
    }

    @Override
    public @Nullable PeerCredentials peerCredentials(DuplexChannel channel) throws IOException {
        return UnixPeers.ofNative(((EpollDomainSocketChannel) channel).peerCredentials());
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
