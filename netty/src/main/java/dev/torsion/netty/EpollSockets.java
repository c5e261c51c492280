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
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;

    private static final int FIRST = 3; // behind the standard streams

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

    /// The descriptor that was passed stays open, so that the port may be closed and opened again:
    /// the socket gets one of its own.
    @Override
    public ServerChannel inherited(Endpoint endpoint) throws IOException {
        Endpoint.Systemd systemd = endpoint instanceof Endpoint.Systemd it ? it : null;
        int passed =
                systemd == null
                        ? ((Endpoint.Descriptor) endpoint).number()
                        : SystemdSockets.find(systemd);
        int own = LibC.duplicate(passed, FIRST);
        try {
            boolean isUnix = isUnix(socket(own), systemd == null ? null : systemd.domain());
            LibC.doNotBlock(own); // not before it is known: it might be somebody's terminal
            return isUnix
                    ? new EpollServerDomainSocketChannel(own, true)
                    : new EpollServerSocketChannel(own);
        } catch (IOException | ChannelException failed) {
            new FileDescriptor(own).close();
            throw SocketFailure.known(failed);
        }
    }

    /// Whether it is a UNIX socket. Netty would take whatever it is for a socket that listens, of
    /// the kind that it is told.
    ///
    /// @param domain what it has to be; null for either
    /// @throws IOException if it cannot be listened on, saying why
    private static boolean isUnix(Socket passed, Endpoint.Systemd.@Nullable Domain domain)
            throws IOException {
        int family = passed.getIntOpt(SOL_SOCKET, SO_DOMAIN);
        String unfit = unfit(passed, family, domain);
        if (unfit != null) {
            throw new IOException("what was passed " + unfit);
        }
        return family == AF_UNIX;
    }

    private static Socket socket(int passed) throws IOException {
        try {
            return new Socket(passed); // which asks the kernel for its address
        } catch (ChannelException _) {
            throw new IOException("what was passed is no socket");
        }
    }

    private static @Nullable String unfit(
            Socket passed, int family, Endpoint.Systemd.@Nullable Domain domain)
            throws IOException {
        boolean isUnix = family == AF_UNIX;
        if (!isUnix && family != AF_INET && family != AF_INET6) {
            return "is neither a TCP nor a UNIX socket, but of the address family " + family;
        }
        if (domain != null && isUnix != (domain == Endpoint.Systemd.Domain.UNIX)) {
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
