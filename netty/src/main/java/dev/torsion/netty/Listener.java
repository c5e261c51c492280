package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open port: accepts on one loop and hands each connection to the reactor whose turn it is.
final class Listener extends ChannelInboundHandlerAdapter implements ListeningPort {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final NettyReactor reactor;
    private final ServerSocketChannel channel;
    private final ProtocolFactory factory;
    private final Supplier<NettyReactor> next;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private Address address;
    private boolean troubled;

    private Listener(
            NettyReactor reactor,
            Endpoint endpoint,
            ProtocolFactory factory,
            Supplier<NettyReactor> next) {
        this.reactor = reactor;
        this.factory = factory;
        this.next = next;
        address = endpoint.address();
        channel = reactor.sockets().server();
    }

    /// Loop only.
    static Listener open(
            NettyReactor reactor,
            Endpoint endpoint,
            InetAddress host,
            ProtocolFactory factory,
            Supplier<NettyReactor> next) {
        if (reactor.stopping()) {
            throw cannotAfterStop(endpoint);
        }
        Listener listener;
        try {
            listener = new Listener(reactor, endpoint, factory, next);
            listener.bind(endpoint, new InetSocketAddress(host, endpoint.address().port()));
        } catch (IOException failed) {
            throw cannot(endpoint, failed);
        } catch (RuntimeException failed) {
            throw cannot(endpoint, new IOException(failed.getMessage(), failed));
        }
        reactor.opened(listener);
        return listener;
    }

    static CannotListenException cannotAfterStop(Endpoint endpoint) {
        return cannot(endpoint, new IOException("the reactor was stopped"));
    }

    static InetAddress hostOf(Endpoint endpoint) {
        try {
            return InetAddress.getByName(endpoint.address().host());
        } catch (UnknownHostException unknown) {
            throw new CannotListenException(
                    endpoint, "unknown host \"" + endpoint.address().host() + "\"", unknown);
        }
    }

    private void bind(Endpoint endpoint, InetSocketAddress where) throws IOException {
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.config().setOption(ChannelOption.SO_BACKLOG, endpoint.backlog());
        channel.pipeline().addLast(this);
        try {
            NettyReactor.done(reactor.register(channel));
            NettyReactor.done(channel.bind(where));
        } catch (IOException failed) {
            channel.unsafe().closeForcibly();
            throw failed;
        }
        InetSocketAddress bound = channel.localAddress();
        address = Address.of(endpoint.address().host(), bound.getPort());
        channel.closeFuture().addListener(_ -> reactor.afterNextLook(this::closed));
    }

    private void closed() {
        reactor.closed(this);
        closed.complete(null);
    }

    private static CannotListenException cannot(Endpoint endpoint, IOException cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String why = message;
        if (message.contains("Address already in use")) {
            why = "address already in use";
        } else if (message.contains("Cannot assign requested address")) {
            why = "this machine has no address " + endpoint.address().host();
        } else if (message.contains("Permission denied")) {
            why = "permission denied";
        }
        return new CannotListenException(endpoint, why, cause);
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public CompletionStage<Void> stopListening() {
        if (!closed.isDone()) {
            var _ = channel.close();
        }
        return closed.minimalCompletionStage();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (troubled) {
            troubled = false;
            log.info("{} accepts connections again", address);
        }
        next.get().adopt((SocketChannel) accepted, factory);
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
