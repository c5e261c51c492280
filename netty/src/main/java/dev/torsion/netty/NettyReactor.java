package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reactor on real sockets and real time. Its thread starts with its first use, and does not
/// keep the JVM alive: [#run()] does, so that a program that fails before it gets there ends.
///
/// Beyond what [Reactor] promises:
/// - A connection that the peer has finished sends what is buffered before it is lost.
/// - After [dev.torsion.reactor.Transport#loseConnection()] the socket stays open for up to a
///   second, its input discarded, so that the peer can read the last bytes before it sees a reset.
/// - If code on the loop does not return, [#stop()] names it in the log two seconds after the
///   shutdown deadline, and completes without it.
public final class NettyReactor implements Reactor {
    private static final Logger log = LoggerFactory.getLogger(NettyReactor.class);

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final ReactorOptions options;
    private final Resolver resolver;
    private final Sockets sockets;
    private final LoopMeter meter;
    private final Loop loop;
    private final RandomGenerator random = new SplittableRandom(new SecureRandom().nextLong());
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // Of the loop alone.
    private final Set<Listener> listeners = new LinkedHashSet<>();
    private final Set<Dial> dials = new LinkedHashSet<>();
    private final Set<Connection> connections = new LinkedHashSet<>();
    private boolean shuttingDown;
    private final Lender lender = new Lender();
    private final Runnable endTurn = this::endTurn;
    private List<Connection> turnEnders = new ArrayList<>();
    private List<Connection> endingNow = new ArrayList<>();

    private NettyReactor(ReactorOptions options, Resolver resolver) {
        this.options = options;
        this.resolver = resolver;
        sockets = Sockets.choose(options.io());
        meter = new LoopMeter(options.callLimit());
        loop = new Loop(this::startThread, sockets.watcher(), meter);
    }

    /// A reactor with [ReactorOptions#DEFAULT].
    public static NettyReactor create() {
        return create(ReactorOptions.DEFAULT);
    }

    /// A reactor with bounds of the caller's choice.
    ///
    /// @throws IllegalStateException if the way to watch sockets cannot be had here
    public static NettyReactor create(ReactorOptions options) {
        return create(options, Resolver.system());
    }

    static NettyReactor create(ReactorOptions options, Resolver resolver) {
        return new NettyReactor(options, resolver);
    }

    private void startThread(Runnable turns) {
        Thread thread =
                new FastThreadLocalThread(
                        () -> {
                            try {
                                turns.run();
                            } finally {
                                ended.complete(null);
                            }
                        },
                        options.threadName());
        thread.setDaemon(true);
        thread.start();
        Thread.ofVirtual()
                .name(options.threadName() + "-watchdog")
                .start(new Watchdog(loop, meter, options.callLimit(), ended, log::warn));
    }

    // ---- life ----

    @Override
    public void run() {
        if (inLoop()) {
            throw new IllegalStateException("run() was called on the loop that it would wait for");
        }
        if (stopping()) {
            throw new IllegalStateException("this reactor was stopped; a reactor runs once");
        }
        ended.join();
    }

    @Override
    public CompletionStage<Void> stop() {
        if (stopRequested.compareAndSet(false, true)) {
            loop.execute(this::shutDown);
            Thread.ofVirtual().name(options.threadName() + "-stop").start(this::awaitEnd);
        }
        return ended.minimalCompletionStage();
    }

    private void shutDown() {
        shuttingDown = true;
        List.copyOf(listeners).forEach(Listener::stopListening);
        List.copyOf(dials).forEach(Dial::stopped);
        List.copyOf(connections).forEach(Connection::loseConnection);
        var _ = schedule(options.shutdownDeadline(), this::giveUp);
        endIfEmpty();
    }

    private void giveUp() {
        if (!connections.isEmpty()) {
            log.warn(
                    "at the shutdown deadline {} connections were still open and are aborted: {}",
                    connections.size(),
                    connections.stream().limit(10).toList());
            List.copyOf(connections).forEach(Connection::giveUp);
        }
    }

    private void endIfEmpty() {
        if (shuttingDown && connections.isEmpty() && listeners.isEmpty()) {
            var _ = loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
        }
    }

    private void awaitEnd() {
        try {
            ended.get(options.shutdownDeadline().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            log.error(
                    "the loop did not end and is given up; its thread is here:{}",
                    Watchdog.stack(loop));
            ended.complete(null);
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    // ---- calls ----

    @Override
    public void callFromThread(Runnable action) {
        try {
            loop.execute(new Call(action, System.nanoTime()));
        } catch (RejectedExecutionException stopped) {
            log.warn("the reactor has ended; a call is dropped: {}", action);
        }
    }

    private final class Call implements Runnable {
        private final Runnable action;
        private final long askedAt;

        private Call(Runnable action, long askedAt) {
            this.action = action;
            this.askedAt = askedAt;
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            meter.ranLate(now - askedAt, now);
            boolean outermost = meter.beginCall(now, action, "run");
            try {
                action.run();
            } catch (Throwable thrown) {
                log.error("a call from a thread threw; the loop goes on", thrown);
            } finally {
                endCall(outermost);
            }
        }
    }

    @Override
    public LoopMetrics metrics() {
        return meter.metrics(loop.pendingTasks());
    }

    @Override
    public DelayedCall callLater(Duration delay, Runnable action) {
        checkLoop("Reactor.callLater");
        requireNotNegative(delay);
        return new Timer(this, delay, action);
    }

    @Override
    public <T> CompletionStage<T> callInThread(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().name(options.threadName() + "-work").start(() -> work(work, result));
        return result;
    }

    private <T> void work(Callable<T> work, CompletableFuture<T> result) {
        Runnable completion;
        try {
            T value = work.call();
            completion = () -> result.complete(value);
        } catch (Throwable thrown) {
            completion = () -> result.completeExceptionally(thrown);
        }
        try {
            loop.execute(completion);
        } catch (RejectedExecutionException stopped) {
            result.completeExceptionally(
                    new IllegalStateException("the reactor ended before the work did", stopped));
        }
    }

    // ---- time and chance ----

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public RandomGenerator random() {
        checkLoop("Reactor.random");
        return random;
    }

    // ---- sockets ----

    @Override
    public ListeningPort listen(Endpoint endpoint, ProtocolFactory factory) {
        return listen(endpoint, factory, () -> this);
    }

    ListeningPort listen(Endpoint endpoint, ProtocolFactory factory, Supplier<NettyReactor> next) {
        InetAddress host = Listener.hostOf(endpoint);
        Supplier<Listener> open = () -> Listener.open(this, endpoint, host, factory, next);
        if (inLoop()) {
            return open.get();
        }
        try {
            return CompletableFuture.supplyAsync(open, loop).join();
        } catch (RejectedExecutionException stopped) {
            throw Listener.cannotAfterStop(endpoint);
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException why) {
                throw why;
            }
            throw failed;
        }
    }

    @Override
    public CompletionStage<Protocol> connect(
            Address address, ProtocolFactory factory, Duration timeout) {
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("a timeout must be positive, not " + timeout);
        }
        Dial dial = new Dial(this, address, factory, timeout);
        try {
            loop.execute(dial::begin);
        } catch (RejectedExecutionException ended) {
            dial.stopped();
        }
        return dial.result();
    }

    // ---- for the rest of the package; loop only ----

    ReactorOptions options() {
        return options;
    }

    Resolver resolver() {
        return resolver;
    }

    Sockets sockets() {
        return sockets;
    }

    boolean stopping() {
        return stopRequested.get();
    }

    void checkLoop(String what) {
        if (!inLoop()) {
            throw new IllegalStateException(
                    what
                            + " belongs to the thread "
                            + options.threadName()
                            + " and was called on "
                            + Thread.currentThread().getName()
                            + "; go through Reactor.callFromThread");
        }
    }

    static void requireNotNegative(Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("a delay is not negative: " + delay);
        }
    }

    Lender lender() {
        return lender;
    }

    LoopMeter meter() {
        return meter;
    }

    boolean beginCall(Object callee, String method) {
        return meter.beginCall(System.nanoTime(), callee, method);
    }

    void endCall(boolean outermost) {
        meter.endCall(System.nanoTime(), outermost);
    }

    void execute(Runnable action) {
        loop.execute(action);
    }

    /// Runs `action` when the loop has looked at its sockets once more: until then the JDK's
    /// selector keeps a closed socket open.
    void afterNextLook(Runnable action) {
        loop.executeAfterEventLoopIteration(() -> loop.execute(action));
    }

    ScheduledFuture<?> schedule(Duration delay, Runnable action) {
        return loop.schedule(action, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
    }

    ChannelFuture register(Channel channel) {
        return loop.register(channel);
    }

    /// Takes over an accepted socket. Thread-safe.
    void adopt(SocketChannel accepted, ProtocolFactory factory) {
        try {
            configure(accepted);
            accepted.pipeline().addLast(new Connection(this, accepted, factory, null));
            register(accepted)
                    .addListener(registered -> {
                        if (!registered.isSuccess()) {
                            accepted.unsafe().closeForcibly();
                        }
                    });
        } catch (RuntimeException gone) {
            log.debug("an accepted connection was gone before it could be served", gone);
            accepted.unsafe().closeForcibly();
        }
    }

    SocketChannel newClient() {
        SocketChannel channel = sockets.client();
        configure(channel);
        channel.config().setConnectTimeoutMillis(0);
        return channel;
    }

    /// TCP_NODELAY is set already: by Netty, for every socket it makes.
    private static void configure(SocketChannel channel) {
        channel.config().setAllowHalfClosure(true);
    }

    void opened(Listener listener) {
        listeners.add(listener);
    }

    void opened(Dial dial) {
        dials.add(dial);
    }

    void opened(Connection connection) {
        connections.add(connection);
    }

    void closed(Listener listener) {
        listeners.remove(listener);
        endIfEmpty();
    }

    void closed(Dial dial) {
        dials.remove(dial);
    }

    void closed(Connection connection) {
        connections.remove(connection);
        endIfEmpty();
    }

    void endTurnLater(Connection connection) {
        if (turnEnders.isEmpty()) {
            loop.execute(endTurn);
        }
        turnEnders.add(connection);
    }

    private void endTurn() {
        List<Connection> enders = turnEnders;
        turnEnders = endingNow;
        endingNow = enders;
        enders.forEach(Connection::endTurn);
        enders.clear();
    }

    /// What an operation that cannot wait on the loop has come to.
    static void done(ChannelFuture operation) throws IOException {
        if (operation.isSuccess()) {
            return;
        }
        if (operation.cause() instanceof IOException failure) {
            throw failure;
        }
        throw new IOException("the operation did not succeed at once", operation.cause());
    }
}
