package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.PhaseAction;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.WriteMarks;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reactor on real sockets and real time, on a thread of its own ([#create()]) or on the thread
/// that makes it ([#createHere()]).
///
/// A thread of its own starts with the first use, and does not keep the JVM alive: [#run()] does,
/// so that a program that fails before it gets there ends. While `run()` runs, a signal that ends
/// the JVM stops the reactor, and the JVM waits until it has ended, unless
/// [ReactorOptions#stopsAtExit()] says otherwise.
///
/// Beyond what [Reactor] promises:
/// - A connection that the peer has finished sends what is buffered before it is lost.
/// - After [dev.torsion.reactor.Transport#loseConnection()] the socket stays open for up to a
///   second, its input discarded, so that the peer can read the last bytes before it sees a reset.
/// - A connection of which a write throws, as when there is no memory for the bytes, is reset with
///   [dev.torsion.reactor.CloseReason.Failed]: a part of them may be on its way already. So it ends
///   when there is no direct memory to read into.
/// - When a peer ends its direction while reading is paused, epoll and io_uring move what the
///   system has kept of it into this process, to see the end behind it: at most a receive buffer.
/// - If code on the loop does not return, [#stop()] names it in the log two seconds after the
///   shutdown deadline, and completes without it.
/// - What user code throws, [Error]s too, is logged and the loop goes on, even if it cannot be
///   logged. What is thrown in the loop's own code, as by the JVM when memory is short, is the end
///   of it: its sockets are closed, its programs killed, what its phases leave undone is named in
///   the log, and [#run()] and [#stop()] fail with it. The last of this is tried until there is
///   memory enough; where there will never be, `-XX:+ExitOnOutOfMemoryError` helps. Nothing is done
///   on that thread afterwards: the process had better end and be started again.
/// - `System.exit` on the loop itself ends the JVM at once, and what is left undone is named in the
///   log; on another thread it stops the reactor first.
public final class NettyReactor implements Reactor {
    private static final Logger log = LoggerFactory.getLogger(NettyReactor.class);

    private final ReactorOptions options;
    private final Lookups lookups;
    private final Executor layerThreads;
    private final SocketsChoice choice;
    private final Sockets sockets;
    private final StreamSockets streamSockets;
    private final LoopMeter meter;
    private final Loop loop;
    private final RandomGenerator random = new SplittableRandom();
    private final Life life;
    private final Load load = new Load(this);
    private final Opened opened;
    private final Lender lender = new Lender(); // of the loop alone
    private final TurnEnds turnEnds;

    /// @param here whether its loop turns on the caller's thread
    NettyReactor(ReactorOptions options, boolean here, Threads threads) {
        Connection.loadClasses();
        this.options = options;
        lookups = new Lookups(this);
        layerThreads =
                Threads.pool(
                        Math.max(Runtime.getRuntime().availableProcessors(), 4),
                        Threads.named(options.threadName() + "-layer-"));
        choice = SocketsChoice.of(options.io());
        sockets = choice.sockets();
        streamSockets = new StreamSockets(sockets);
        meter = new LoopMeter(options.deadlines().call(), System::nanoTime);
        life = new Life(this, threads);
        opened = new Opened(this, life::endIfEmpty);
        Executor starter = here ? life::keep : life::startThread;
        loop = new Loop(starter, sockets.watcher(), meter, life::dies);
        turnEnds = new TurnEnds(loop);
        if (here) {
            loop.settle();
        }
    }

    /// A reactor with [ReactorOptions#DEFAULT] on a thread of its own.
    public static NettyReactor create() {
        return create(ReactorOptions.DEFAULT);
    }

    /// A reactor with bounds of the caller's choice on a thread of its own.
    ///
    /// @throws IllegalStateException if the way to watch sockets cannot be had here
    public static NettyReactor create(ReactorOptions options) {
        return new NettyReactor(options, false, Threads.SYSTEM).introduced();
    }

    /// A reactor with [ReactorOptions#DEFAULT] on the caller's thread, see
    /// [#createHere(ReactorOptions)].
    public static NettyReactor createHere() {
        return createHere(ReactorOptions.DEFAULT);
    }

    /// A reactor on the caller's thread, which is its loop's from now on, though nothing happens on
    /// it before [#run()]: that turns the loop until it is stopped. What may be called on the loop
    /// may be called before `run()` too, on this thread; what other threads ask for waits until
    /// then. [#stop()] on this thread before `run()` closes what was opened before it returns.
    ///
    /// @throws IllegalStateException if the way to watch sockets cannot be had here
    public static NettyReactor createHere(ReactorOptions options) {
        return new NettyReactor(options, true, Threads.SYSTEM).introduced();
    }

    /// Says in the log how sockets are watched.
    NettyReactor introduced() {
        log.debug("{} watches its sockets with {}", options.threadName(), choice);
        return this;
    }

    /// How sockets are watched: what was asked for, or what [ReactorOptions.Io#AUTO] has found.
    public ReactorOptions.Io io() {
        return sockets.io();
    }

    // ---- life ----

    /// Waits until the loop has ended, on any thread but the loop's; or turns it, on the thread
    /// that [made it for itself][#createHere()].
    ///
    /// @throws IllegalStateException if it dies, or on a thread where it would wait for itself or
    ///   that is not the one to turn it
    @Override
    public void run() {
        life.run();
    }

    @Override
    public Registration at(Phase phase, String what, PhaseAction action) {
        return life.at(phase, what, action);
    }

    @Override
    public Registration onSignal(Signal signal, Runnable action) {
        return SystemSignals.CALLS.add(this, signal, action);
    }

    @Override
    public CompletionStage<Void> stop() {
        return life.stop();
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    // ---- calls ----

    @Override
    public boolean callFromThread(Runnable action) {
        requireNonNull(action, "action");
        boolean taken = take(new Call(action, System.nanoTime()));
        if (!taken) {
            log.debug("the reactor has ended; a call is not taken: {}", action);
        }
        return taken;
    }

    final class Call implements Runnable {
        private final Runnable action;
        private final long askedAt;

        private Call(Runnable action, long askedAt) {
            this.action = action;
            this.askedAt = askedAt;
        }

        @Override
        public void run() {
            meter.ranLate(askedAt);
            beginCall(action, "run");
            try {
                action.run();
            } catch (Throwable thrown) {
                Thrown.log(log, "a call from a thread threw; the loop goes on", thrown);
            } finally {
                endCall();
            }
        }
    }

    @Override
    public LoopMetrics metrics() {
        return meter.metrics(loop.pendingTasks());
    }

    @Override
    public DelayedCall callLater(Duration delay, Runnable action) {
        requireNonNull(delay, "delay");
        requireNonNull(action, "action");
        requireLoop("Reactor.callLater");
        Delays.requireNotNegative("a delay", delay);
        return new Timer(this, delay, action);
    }

    @Override
    public <T> CompletionStage<T> callInThread(Callable<T> work) {
        String name = options.threadName() + "-work";
        return opened.threadWork().begin(work, it -> Thread.ofVirtual().name(name).start(it));
    }

    /// On at most as many threads as there are processors, or 4.
    @Override
    public <T> CompletionStage<T> callInLayerThread(Callable<T> step) {
        return opened.threadWork().begin(step, layerThreads::execute);
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
        requireLoop("Reactor.random");
        return random;
    }

    // ---- sockets ----

    @Override
    public WriteMarks writeMarks() {
        return options.marks();
    }

    @Override
    public ListeningPort listen(Endpoint endpoint, ProtocolFactory factory) {
        return listen(endpoint, factory, List.of(this));
    }

    /// @param reactors who accepts and serves; the first is this
    Port listen(Endpoint endpoint, ProtocolFactory factory, List<NettyReactor> reactors) {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(factory, "factory");
        SocketAddress where = Listener.resolve(endpoint, lookups);
        try {
            return onLoop(() -> new Port(reactors, endpoint, where, factory));
        } catch (RejectedExecutionException stopped) {
            throw Listener.cannotAfterStop(endpoint);
        }
    }

    /// Waits for what the loop has to do.
    ///
    /// @throws IllegalStateException on another loop
    /// @throws RejectedExecutionException if the loop has ended, or is given up meanwhile
    private <T> T onLoop(Supplier<T> work) {
        if (inLoop()) {
            return work.get();
        }
        Loop.forbidToWait("open a port on " + this);
        life.end().requireNotOver();
        try {
            return life.end().untilOver(CompletableFuture.supplyAsync(work, loop));
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException why) {
                addCaller(why);
                throw why;
            }
            throw failed;
        }
    }

    /// Adds this thread's frames below those of the loop, as if that had been called: else nothing
    /// would tell whose call it was.
    private static void addCaller(RuntimeException thrownOnLoop) {
        thrownOnLoop.setStackTrace(
                Stream.of(thrownOnLoop.getStackTrace(), new Throwable().getStackTrace())
                        .flatMap(Stream::of)
                        .toArray(StackTraceElement[]::new));
    }

    @Override
    public DatagramTransport listenUdp(
            Address.Inet address, DatagramProtocol protocol, DatagramOptions options) {
        requireNonNull(address, "address");
        requireNonNull(protocol, "protocol");
        requireNonNull(options, "options");
        InetAddress host = DatagramPorts.hostOf(address, lookups);
        try {
            return onLoop(() -> opened.datagramPorts().listen(address, host, protocol, options));
        } catch (RejectedExecutionException stopped) {
            throw DatagramPorts.cannotAfterStop(address);
        }
    }

    @Override
    public CompletionStage<DatagramTransport> connectUdp(
            Address.Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options,
            Duration timeout) {
        requireNonNull(peer, "peer");
        requireNonNull(protocol, "protocol");
        requireNonNull(options, "options");
        requireNonNull(timeout, "timeout");
        Delays.requirePositive("a timeout", timeout);
        DatagramDial dial = new DatagramDial(this, peer, protocol, options, timeout);
        if (!take(dial::begin)) {
            dial.notTaken();
        }
        return dial.result();
    }

    @Override
    public CompletionStage<Protocol> connect(ClientEndpoint endpoint, ProtocolFactory factory) {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(factory, "factory");
        String refusal = streamSockets.refusal(endpoint);
        if (refusal != null) {
            throw new UnsupportedOperationException(refusal);
        }
        Dial dial = new Dial(this, endpoint, factory);
        if (!take(dial::begin)) {
            dial.notTaken();
        }
        return dial.result();
    }

    // ---- programs ----

    @Override
    public CompletionStage<ProcessEnd> spawn(Program program, ProcessProtocol protocol) {
        requireNonNull(program, "program");
        requireNonNull(protocol, "protocol");
        return opened.programs().spawn(program, protocol, Threads.SYSTEM).result();
    }

    /// Speaks `protocol` over this process's own standard input and output, as [ProcessProtocol#of]
    /// does over those of a program: the end of the input is the end of the connection, unless the
    /// protocol is half-closeable. Nothing else may read `System.in` or write to `System.out` then.
    /// If no thread can be had to read the input, `connectionLost`, which says so, is the only
    /// call. To be called once. Thread-safe.
    ///
    /// @throws java.util.concurrent.RejectedExecutionException if the loop has ended
    public void openStandardStreams(Protocol protocol) {
        requireNonNull(protocol, "protocol");
        opened.programs().openOwnStreams(protocol);
    }

    // ---- for the rest of the package; loop only unless it says otherwise ----

    ReactorOptions options() {
        return options;
    }

    Lookups lookups() {
        return lookups;
    }

    Sockets sockets() {
        return sockets;
    }

    StreamSockets streamSockets() {
        return streamSockets;
    }

    boolean stopping() {
        return life.stopping();
    }

    /// Thread-safe.
    Life life() {
        return life;
    }

    Loop loop() {
        return loop;
    }

    Opened opened() {
        return opened;
    }

    Lender lender() {
        return lender;
    }

    LoopMeter meter() {
        return meter;
    }

    void beginCall(Object callee, String method) {
        meter.beginCall(callee, method);
    }

    void endCall() {
        meter.endCall();
    }

    /// Completes `result`, whose callbacks are user code.
    void complete(Deferred<?> result, Runnable completion) {
        beginCall(result, "callbacks");
        try {
            completion.run();
        } finally {
            endCall();
        }
    }

    /// Succeeds with `value`, if nobody was faster to complete `result`, as another thread that
    /// cancels it.
    ///
    /// @return whether it has
    <T> boolean succeed(Deferred<T> result, T value) {
        complete(result, () -> result.succeed(value));
        return result.state() == Future.State.SUCCESS;
    }

    TurnEnds turnEnds() {
        return turnEnds;
    }

    /// Thread-safe.
    Load load() {
        return load;
    }

    /// Has the loop run `action`. Thread-safe.
    ///
    /// @return false if nothing is asked of it any more
    boolean take(Runnable action) {
        if (life.end().over()) {
            return false;
        }
        try {
            loop.execute(action);
            return true;
        } catch (RejectedExecutionException endedJustNow) {
            return false;
        }
    }

    /// Has the loop run `action`. Thread-safe.
    ///
    /// @throws RejectedExecutionException if it has ended
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

    /// Has the loop watch `channel`.
    void register(Channel channel) throws IOException {
        done(loop.register(channel));
    }

    /// Has `action` done on the loop. Thread-safe.
    ///
    /// @return completes when it is, or at once if the loop has ended
    CompletableFuture<Void> tell(Runnable action) {
        try {
            return CompletableFuture.runAsync(action, loop);
        } catch (RejectedExecutionException ended) {
            return CompletableFuture.completedFuture(null);
        }
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

    /// The name of its thread, and how it watches sockets: `reactor (epoll)`.
    @Override
    public String toString() {
        return options.threadName() + " (" + io().text() + ")";
    }
}
