package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Thrown;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open port: its listening sockets, one for each of its reactors where the system has that, and
/// the connections it has accepted.
///
/// The kernel spreads connections over the sockets by a hash, which is even only when they are
/// many. So a reactor that has more than its share gives what it accepts to the one that has least.
final class Port implements ListeningPort, Origin {
    private static final Logger log = LoggerFactory.getLogger(Port.class);

    /// How long a loop may take to listen, or to abort its connections.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final List<NettyReactor> reactors;
    private final ProtocolFactory factory;
    private final Endpoint endpoint;
    private final @Nullable SocketAddress where;
    private final Listener first;
    private final List<Listener> others = new ArrayList<>(); // guarded by this
    private boolean stopped; // guarded by this
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final Deferred<Integer> drained;
    private final AtomicBoolean aborting = new AtomicBoolean();
    private final AtomicBoolean troubled = new AtomicBoolean();
    private volatile boolean draining;

    /// Opens it. On the loop of the first of `reactors`.
    Port(
            List<NettyReactor> reactors,
            Endpoint endpoint,
            @Nullable SocketAddress where,
            ProtocolFactory factory) {
        this.reactors = reactors;
        this.factory = factory;
        this.endpoint = endpoint;
        this.where = where;
        drained = new Deferred<>(reactors.getFirst());
        first = Listener.open(this, reactors.getFirst(), endpoint, where);
    }

    /// Has the other reactors listen too, if the system can. One that hangs does when it goes on.
    ///
    /// @param wait whether to return when those do that do not hang
    void spread(boolean wait) {
        if (reactors.size() == 1
                || !(endpoint instanceof Endpoint.Tcp tcp)
                || !(where instanceof InetSocketAddress wanted)
                || !first.share()) {
            return;
        }
        SocketAddress bound = new InetSocketAddress(wanted.getAddress(), port());
        Map<NettyReactor, CompletableFuture<Void>> joining = new LinkedHashMap<>();
        for (NettyReactor reactor : reactors.subList(1, reactors.size())) {
            joining.put(reactor, reactor.tell(() -> join(reactor, tcp, bound)));
        }
        if (wait) {
            await(joining);
        }
    }

    private void await(Map<NettyReactor, CompletableFuture<Void>> joining) {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(joining.values().toArray(CompletableFuture<?>[]::new));
        try {
            all.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            joining.values().removeIf(CompletableFuture::isDone);
            log.error("{}: {} hangs, and accepts when it goes on", address(), joining.keySet());
        } catch (InterruptedException enough) { // the port is open
            Thread.currentThread().interrupt();
        } catch (ExecutionException failed) {
            throw new CompletionException(failed.getCause());
        }
    }

    private synchronized void join(NettyReactor reactor, Endpoint.Tcp tcp, SocketAddress bound) {
        if (stopped) {
            return;
        }
        try {
            others.add(Listener.openShared(this, reactor, tcp, bound));
        } catch (CannotListenException alone) {
            log.warn("{}: one of its loops does not accept: {}", address(), alone.getMessage());
        }
    }

    @Override
    public ProtocolFactory factory() {
        return factory;
    }

    @Override
    public SocketOptions options() {
        return endpoint instanceof Endpoint.Tcp tcp ? tcp.options() : SocketOptions.DEFAULT;
    }

    @Override
    public Address.@Nullable Unix place() {
        return address() instanceof Address.Unix unix ? unix : null;
    }

    // ---- connections ----

    /// On the loop of `acceptor`.
    void accepted(NettyReactor acceptor, DuplexChannel socket) {
        open.incrementAndGet();
        serverFor(acceptor).load().add(socket, this);
    }

    private NettyReactor serverFor(NettyReactor acceptor) {
        if (reactors.size() == 1) {
            return acceptor;
        }
        NettyReactor least = acceptor;
        for (NettyReactor reactor : reactors) {
            if (reactor.load().count() < least.load().count()) {
                least = reactor;
            }
        }
        int fewest = least.load().count();
        boolean tooMany = acceptor.load().count() > fewest + fewest / 8;
        return tooMany ? least : acceptor;
    }

    /// One that was accepted could not be set up, or watched, and is closed. On any of its loops.
    void cannotServe(Exception why) {
        if (!troubled.getAndSet(true)) {
            Thrown.warn(
                    log,
                    "{} accepts connections, and closes them: they cannot be set up here: {}",
                    address(),
                    SocketFailure.why(why));
        }
    }

    /// One that was accepted is watched. On any of its loops.
    void served() {
        if (troubled.get() && troubled.getAndSet(false)) {
            log.info("{} serves connections again", address());
        }
    }

    /// One that was on its way to another loop when the drain was over.
    @Override
    public boolean abandoned() {
        return aborting.get();
    }

    @Override
    public void gone(NettyReactor server) {
        server.load().lost(this);
    }

    /// One of its connections is gone, and its server's load says so.
    void lost() {
        if (open.decrementAndGet() == 0) {
            endIfDrained();
        }
    }

    // ---- for whoever opened it ----

    @Override
    public Address address() {
        return first.address();
    }

    @Override
    public int connections() {
        return open.get();
    }

    @Override
    public CompletionStage<Void> stopListening() {
        Deferred<Void> closed = new Deferred<>(reactors.getFirst());
        var _ = close().thenRun(() -> closed.succeed(null));
        if (reactors.size() > 1) {
            Duration deadline = reactors.getFirst().options().deadlines().close();
            onEachAfter(deadline, _ -> giveUpClosing(closed));
        }
        return closed;
    }

    /// On each loop that goes on: one may hang, or have died.
    private void onEachAfter(Duration delay, Consumer<NettyReactor> action) {
        for (NettyReactor reactor : reactors) {
            var _ =
                    reactor.tell(() -> {
                        var _ = reactor.schedule(delay, () -> action.accept(reactor));
                    });
        }
    }

    private void giveUpClosing(Deferred<Void> closed) {
        if (!closed.isDone()) {
            closed.fail(
                    new IOException(
                            "%s: %s hangs, and listens until it goes on"
                                    .formatted(address(), notClosed())));
        }
    }

    private synchronized List<NettyReactor> notClosed() {
        return Stream.concat(Stream.of(first), others.stream())
                .filter(listener -> !listener.close().isDone())
                .map(Listener::reactor)
                .toList();
    }

    private synchronized CompletableFuture<Void> close() {
        stopped = true;
        CompletableFuture<Void> closed = first.close();
        for (Listener other : others) {
            closed = closed.thenCombine(other.close(), (_, _) -> null);
        }
        return closed;
    }

    @Override
    public CompletionStage<Integer> drain(Duration deadline) {
        Delays.requireNotNegative("a deadline", deadline);
        var _ =
                close().thenRun(() -> {
                    draining = true;
                    endIfDrained();
                });
        onEachAfter(deadline, this::abort);
        return drained.copy();
    }

    private void endIfDrained() {
        if (draining && open.get() == 0) {
            drained.succeed(aborted.get());
        }
    }

    /// On the loop of the first to see that the time is over. A loop that does not answer aborts
    /// its connections when it does.
    private void abort(NettyReactor timer) {
        if (drained.isDone() || !aborting.compareAndSet(false, true)) {
            return;
        }
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        for (NettyReactor reactor : reactors) {
            asked.add(
                    reactor.tell(() ->
                            aborted.addAndGet(
                                    reactor.opened()
                                            .abortAll(this, "the drain of its port is over"))));
        }
        CompletableFuture<Boolean> over =
                CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                        .handle((_, _) -> true);
        var _ = over.thenAccept(this::endDrain);
        var _ = timer.schedule(PATIENCE, () -> over.complete(false));
    }

    /// @param answered whether all loops have
    private void endDrain(boolean answered) {
        if (!answered) {
            Thrown.warn(
                    log,
                    "{}: one of its loops hangs at its drain; still open until it goes on: {}",
                    address(),
                    open.get());
        }
        if (!drained.isDone() && aborted.get() > 0) {
            Thrown.warn(
                    log,
                    "{}: the drain is over, {} connection(s) are aborted",
                    address(),
                    aborted.get());
        }
        drained.succeed(aborted.get());
    }

    @Override
    public String toString() {
        return "port " + address();
    }
}
