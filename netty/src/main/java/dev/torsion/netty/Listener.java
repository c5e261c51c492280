package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening socket of a [Port], on one loop.
final class Listener extends LastHandler {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Port port;
    private final NettyReactor reactor;
    private final ServerChannel channel;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final @Nullable UnixSocketFile file;
    private Address address = Address.unix("");
    private boolean troubled;

    private Listener(
            Port port, NettyReactor reactor, ServerChannel channel, @Nullable UnixSocketFile file) {
        this.port = port;
        this.reactor = reactor;
        this.channel = channel;
        this.file = file;
    }

    // ---- opening ----

    /// Finds the address of a host's name, which may take its time. Thread-safe.
    ///
    /// @return null if there is none to be found
    static @Nullable SocketAddress resolve(Endpoint endpoint, Lookups lookups) {
        if (!(endpoint instanceof Endpoint.Tcp tcp)) {
            return null;
        }
        Address.Inet address = tcp.address();
        try {
            return new InetSocketAddress(lookups.ofPort(address), address.port());
        } catch (IOException | RuntimeException none) {
            throw new CannotListenException(
                    endpoint, Lookups.whyNoPort(address, none), SocketFailure.known(none));
        }
    }

    /// The first socket at that place. Loop only.
    static Listener open(
            Port port, NettyReactor reactor, Endpoint endpoint, @Nullable SocketAddress where) {
        return open(port, reactor, endpoint, where, false);
    }

    /// One more socket at the place of one that [#share]s it. Loop only.
    static Listener openShared(
            Port port, NettyReactor reactor, Endpoint.Tcp endpoint, SocketAddress where) {
        return open(port, reactor, endpoint, where, true);
    }

    private static Listener open(
            Port port,
            NettyReactor reactor,
            Endpoint endpoint,
            @Nullable SocketAddress where,
            boolean shared) {
        if (reactor.stopping()) {
            throw cannotAfterStop(endpoint);
        }
        Listener listener;
        try {
            // a switch by type, the first of a JVM, would take 10 ms of a start to be linked
            if (endpoint instanceof Endpoint.Tcp tcp) {
                listener = tcp(port, reactor, tcp, where, shared);
            } else if (endpoint instanceof Endpoint.Unix unix) {
                listener = unix(port, reactor, unix);
            } else {
                listener = inherited(port, reactor, endpoint);
            }
        } catch (IOException failed) {
            throw cannot(endpoint, failed);
        } catch (RuntimeException failed) {
            throw cannot(endpoint, SocketFailure.known(failed));
        }
        listener.channel.closeFuture().addListener(_ -> listener.channelClosed());
        reactor.opened().add(listener);
        return listener;
    }

    private static Listener tcp(
            Port port,
            NettyReactor reactor,
            Endpoint.Tcp endpoint,
            @Nullable SocketAddress where,
            boolean shared)
            throws IOException {
        SocketOptions options = endpoint.options();
        String refusal = reactor.streamSockets().refusal(options);
        if (refusal != null) {
            throw new IOException(refusal);
        }
        ServerChannel channel = reactor.sockets().server();
        channel.config().setOption(ChannelOption.SO_REUSEADDR, options.reuseAddress());
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        if (options.receiveBuffer() > 0) {
            channel.config().setOption(ChannelOption.SO_RCVBUF, options.receiveBuffer());
        }
        Listener listener = new Listener(port, reactor, channel, null);
        if (shared) {
            listener.share();
        }
        listener.bind(where);
        int bound = channel.localAddress() instanceof InetSocketAddress at ? at.getPort() : 0;
        listener.address = Address.of(endpoint.address().host(), bound);
        return listener;
    }

    private static Listener unix(Port port, NettyReactor reactor, Endpoint.Unix endpoint)
            throws IOException {
        if (endpoint.address().isAbstract()) {
            return abstractUnix(port, reactor, endpoint);
        }
        UnixSocketFile file = UnixSocketFile.prepare(endpoint, reactor.random());
        ServerChannel channel = reactor.sockets().unixServer();
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        Listener listener = new Listener(port, reactor, channel, file);
        try {
            Address.Unix sheltered = Address.unix(file.temporary());
            listener.bind(reactor.sockets().unixAddress(sheltered));
            file.bound();
        } catch (IOException | RuntimeException failed) {
            channel.unsafe().closeForcibly();
            file.delete();
            throw failed;
        }
        listener.address = endpoint.address();
        return listener;
    }

    private static Listener abstractUnix(Port port, NettyReactor reactor, Endpoint.Unix endpoint)
            throws IOException {
        UnixSocketFile.requireShort(endpoint.address().path());
        SocketAddress name = reactor.sockets().unixAddress(endpoint.address());
        ServerChannel channel = reactor.sockets().unixServer();
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        Listener listener = new Listener(port, reactor, channel, null);
        listener.bind(name);
        listener.address = endpoint.address();
        return listener;
    }

    private static Listener inherited(Port port, NettyReactor reactor, Endpoint endpoint)
            throws IOException {
        ServerChannel channel = reactor.sockets().inherited(endpoint);
        Listener listener = new Listener(port, reactor, channel, null);
        listener.bind(null);
        if (channel.localAddress() instanceof InetSocketAddress bound) {
            listener.address = PeerAddresses.textual(bound);
        }
        return listener;
    }

    /// Lets other sockets of this user listen at the same place from now on.
    ///
    /// A socket that shares from the start could be opened at a place where another program shares
    /// too. The first of a port is therefore opened alone, which fails if anybody listens there.
    ///
    /// @return whether the system can
    boolean share() {
        ChannelOption<Boolean> option = reactor.sockets().sharing();
        return option != null && channel.config().setOption(option, true);
    }

    /// @param where null if it is bound already
    private void bind(@Nullable SocketAddress where) throws IOException {
        channel.pipeline().addLast(this);
        try {
            reactor.register(channel);
            if (where != null) {
                NettyReactor.done(channel.bind(where));
            }
        } catch (IOException failed) {
            channel.unsafe().closeForcibly();
            throw failed;
        }
    }

    static CannotListenException cannotAfterStop(Endpoint endpoint) {
        return cannot(endpoint, new IOException("the reactor was stopped"));
    }

    private static CannotListenException cannot(Endpoint endpoint, IOException cause) {
        String host = endpoint instanceof Endpoint.Tcp tcp ? tcp.address().host() : "";
        return new CannotListenException(endpoint, SocketFailure.whyNotBound(cause, host), cause);
    }

    // ---- closing ----

    /// Thread-safe.
    CompletableFuture<Void> close() {
        if (!closed.isDone()) {
            if (file == null) {
                var _ = channel.close();
            } else if (reactor.inLoop()) {
                closeWithFile(file);
            } else {
                var _ = reactor.tell(() -> closeWithFile(file));
            }
        }
        return closed;
    }

    /// The file goes first: as long as somebody listens there, nobody else takes its place.
    private void closeWithFile(UnixSocketFile named) {
        named.delete();
        var _ = channel.close();
    }

    /// By [#close], or because the loop is dying.
    private void channelClosed() {
        if (file != null) {
            file.delete();
        }
        reactor.afterNextLook(() -> {
            reactor.opened().remove(this);
            closed.complete(null);
        });
    }

    NettyReactor reactor() {
        return reactor;
    }

    Address address() {
        return address;
    }

    // ---- accepting ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (troubled) {
            troubled = false;
            log.info("{} accepts connections again", address);
        }
        port.accepted(reactor, (DuplexChannel) accepted);
    }

    /// Out of file descriptors, most likely: closing the port would make a moment's shortage an
    /// outage, and trying again at once would spin.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!troubled) {
            troubled = true;
            log.error(
                    "{} cannot accept connections, and tries again every {} ms: {}",
                    address,
                    PAUSE.toMillis(),
                    SocketFailure.why(cause));
        }
        channel.config().setAutoRead(false);
        var _ = reactor.schedule(PAUSE, () -> channel.config().setAutoRead(true));
    }

    @Override
    public String toString() {
        return "port " + address;
    }
}
