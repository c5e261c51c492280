package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open port: accepts on one loop and hands each connection to the reactor whose turn it is.
final class Listener extends ChannelInboundHandlerAdapter implements ListeningPort {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final NettyReactor reactor;
    private final ServerChannel channel;
    private final ProtocolFactory factory;
    private final Supplier<NettyReactor> next;
    private final SocketOptions options;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final @Nullable UnixSocketFile file;
    private Address address = Address.unix("");
    private boolean troubled;

    private Listener(
            NettyReactor reactor,
            ServerChannel channel,
            SocketOptions options,
            @Nullable UnixSocketFile file,
            ProtocolFactory factory,
            Supplier<NettyReactor> next) {
        this.reactor = reactor;
        this.channel = channel;
        this.options = options;
        this.file = file;
        this.factory = factory;
        this.next = next;
    }

    // ---- opening ----

    /// Finds the address of a host's name, which may take its time. Thread-safe.
    ///
    /// @return null if there is none to be found
    static @Nullable SocketAddress resolve(Endpoint endpoint) {
        if (!(endpoint instanceof Endpoint.Tcp tcp)) {
            return null;
        }
        String host = tcp.address().host();
        try {
            return new InetSocketAddress(InetAddress.getByName(host), tcp.address().port());
        } catch (UnknownHostException unknown) {
            throw new CannotListenException(endpoint, "unknown host \"" + host + "\"", unknown);
        }
    }

    /// Loop only.
    static Listener open(
            NettyReactor reactor,
            Endpoint endpoint,
            @Nullable SocketAddress where,
            ProtocolFactory factory,
            Supplier<NettyReactor> next) {
        if (reactor.stopping()) {
            throw cannotAfterStop(endpoint);
        }
        Listener listener;
        try {
            listener =
                    switch (endpoint) {
                        case Endpoint.Tcp tcp -> tcp(reactor, tcp, where, factory, next);
                        case Endpoint.Unix unix -> unix(reactor, unix, factory, next);
                        case Endpoint.Systemd passed -> systemd(reactor, passed, factory, next);
                    };
        } catch (IOException failed) {
            throw cannot(endpoint, failed);
        } catch (RuntimeException failed) {
            throw cannot(endpoint, new IOException(failed.getMessage(), failed));
        }
        listener.channel.closeFuture().addListener(_ -> listener.channelClosed());
        reactor.opened(listener);
        return listener;
    }

    private static Listener tcp(
            NettyReactor reactor,
            Endpoint.Tcp endpoint,
            @Nullable SocketAddress where,
            ProtocolFactory factory,
            Supplier<NettyReactor> next)
            throws IOException {
        SocketOptions options = endpoint.options();
        ServerChannel channel = reactor.sockets().server();
        channel.config().setOption(ChannelOption.SO_REUSEADDR, options.reuseAddress());
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        if (options.receiveBuffer() > 0) {
            channel.config().setOption(ChannelOption.SO_RCVBUF, options.receiveBuffer());
        }
        Listener listener = new Listener(reactor, channel, options, null, factory, next);
        listener.bind(where);
        int port = channel.localAddress() instanceof InetSocketAddress bound ? bound.getPort() : 0;
        listener.address = Address.of(endpoint.address().host(), port);
        return listener;
    }

    private static Listener unix(
            NettyReactor reactor,
            Endpoint.Unix endpoint,
            ProtocolFactory factory,
            Supplier<NettyReactor> next)
            throws IOException {
        UnixSocketFile file = UnixSocketFile.prepare(endpoint, reactor.random());
        ServerChannel channel = reactor.sockets().unixServer();
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        Listener listener =
                new Listener(reactor, channel, SocketOptions.DEFAULT, file, factory, next);
        try {
            listener.bind(reactor.sockets().unixAddress(file.temporary()));
            file.bound();
        } catch (IOException failed) {
            channel.unsafe().closeForcibly();
            file.delete();
            throw failed;
        }
        listener.address = endpoint.address();
        return listener;
    }

    private static Listener systemd(
            NettyReactor reactor,
            Endpoint.Systemd endpoint,
            ProtocolFactory factory,
            Supplier<NettyReactor> next)
            throws IOException {
        ServerChannel channel = reactor.sockets().inherited(endpoint);
        Listener listener =
                new Listener(reactor, channel, SocketOptions.DEFAULT, null, factory, next);
        listener.bind(null);
        if (channel.localAddress() instanceof InetSocketAddress bound) {
            listener.address = Address.of(bound.getAddress().getHostAddress(), bound.getPort());
        }
        return listener;
    }

    /// @param where null if it is bound already
    private void bind(@Nullable SocketAddress where) throws IOException {
        channel.pipeline().addLast(this);
        try {
            NettyReactor.done(reactor.register(channel));
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
        String why = UnixSocketFile.why(cause);
        if (why.contains("Address already in use")) {
            why = "address already in use";
        } else if (endpoint instanceof Endpoint.Tcp tcp
                && why.contains("Cannot assign requested address")) {
            why = "this machine has no address " + tcp.address().host();
        } else if (why.contains("Permission denied")) {
            why = "permission denied";
        }
        return new CannotListenException(endpoint, why, cause);
    }

    // ---- closing ----

    @Override
    public CompletionStage<Void> stopListening() {
        if (!closed.isDone()) {
            var _ = channel.close();
        }
        return closed.minimalCompletionStage();
    }

    private void channelClosed() {
        if (file != null) {
            file.delete();
        }
        reactor.afterNextLook(() -> {
            reactor.closed(this);
            closed.complete(null);
        });
    }

    @Override
    public Address address() {
        return address;
    }

    // ---- accepting ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (troubled) {
            troubled = false;
            log.info("{} accepts connections again", address);
        }
        Address.Unix place = address instanceof Address.Unix unix ? unix : null;
        next.get().adopt((DuplexChannel) accepted, factory, options, place);
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
                    cause.toString());
        }
        channel.config().setAutoRead(false);
        var _ = reactor.schedule(PAUSE, () -> channel.config().setAutoRead(true));
    }

    @Override
    public String toString() {
        return "port " + address;
    }
}
