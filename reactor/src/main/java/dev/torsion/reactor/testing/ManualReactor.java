package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
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
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.PhaseAction;
import dev.torsion.reactor.Phases;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.SignalCalls;
import dev.torsion.reactor.ThreadWork;
import dev.torsion.reactor.Thrown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A reactor whose clock stands still until the test moves it, with sockets that live in memory.
///
/// ```java
/// var reactor = new ManualReactor();
/// reactor.callLater(Duration.ofSeconds(5), this::ping);
/// reactor.advance(Duration.ofSeconds(5)); // ping has run
/// ```
///
/// It keeps the contract of [Reactor]. Work of [#callInThread] runs as a queued call of its own, on
/// no loop; [#stop()] drains like a real one, within ten seconds of virtual time. A reactor of a
/// [MemoryNetwork] shares its clock: moving the time of one moves the time of all.
///
/// The thread that makes it is its loop's. What another thread asks for is done when the test moves
/// time next; [#listen] and [#listenUdp] wait there for that, so a test that waits for such a
/// thread has to move time meanwhile.
public final class ManualReactor implements Reactor {
    private static final Logger log = LoggerFactory.getLogger(ManualReactor.class);
    private static final Duration SHUTDOWN_DEADLINE = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(500);
    private static final int FAILURES_KEPT = 1000;
    private static final int USER = 1000;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private enum Life {
        RUNNING,
        SAYING_GOODBYE,
        STOPPING,
        CLOSING,
        CLOSED,
        ENDED,
        KILLED
    }

    private final MemoryNetwork network;
    private final Timeline timeline;
    private final Host host;
    private final RandomGenerator random;
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final Set<DatagramPort> datagramPorts = new LinkedHashSet<>();
    private final Set<Attempt> attempts = new LinkedHashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final Deferred<Void> ended = new Deferred<>(this);
    private final CompletableFuture<Void> over = new CompletableFuture<>(); // however it ends
    private final int number;
    private final List<Timeline.Turn> held = new ArrayList<>();
    private final LoopMeter meter = new LoopMeter(Duration.ZERO, this::nanoTime);
    private final Phases phases = new Phases();
    private final ThreadWork threadWork = new ThreadWork(this, this::endWhenDrained);
    private final ScriptedPrograms programs =
            new ScriptedPrograms(this, meter, this::endWhenDrained);
    private final Map<Signal, Runnable> signals = new ConcurrentHashMap<>();
    private final SignalCalls signalCalls = new SignalCalls(this::takeSignal);
    private PeerCredentials credentials;
    private volatile Life life = Life.RUNNING;
    private long stopBy;
    private int queued;
    private boolean paused;
    private int pendingTimers;

    /// A reactor alone in its network, on the host `localhost`, with seed 0.
    public ManualReactor() {
        this(0);
    }

    /// A reactor alone in its network, on the host `localhost`.
    public ManualReactor(long seed) {
        this(new MemoryNetwork(seed), "localhost");
    }

    ManualReactor(MemoryNetwork network, String hostName) {
        this.network = network;
        this.timeline = network.timeline();
        this.host = network.host(hostName);
        this.number = network.started(this);
        this.random = network.newChance("process " + number + " on " + hostName);
        this.credentials = new PeerCredentials(USER, USER, number);
    }

    // ---- the test's side ----

    /// Moves the clock, running what falls due on the way, each at its time.
    public void advance(Duration time) {
        timeline.advance(time);
    }

    /// Runs what is due now, and what that makes due, until nothing is. The clock stands still.
    public void runUntilIdle() {
        timeline.runUntilIdle();
    }

    /// Runs, and moves the clock from one due time to the next, until `condition` holds.
    ///
    /// @throws AssertionError if it does not hold `within` this much virtual time
    public void runUntil(BooleanSupplier condition, Duration within) {
        network.runUntil(condition, within);
    }

    /// Wires two protocols to each other: a connection on this reactor whose one end is `client`'s
    /// and whose other is `server`'s. Both have had their `connectionMade`, and what they wrote in
    /// it has arrived, when this returns; what is written later arrives when the reactor is run.
    /// [MemoryNetwork#chunks] of [#network()] says how the bytes are cut.
    public void wire(Protocol client, Protocol server) {
        ListeningPort port = listenTcp(0, _ -> server);
        var _ = connect(port.address(), _ -> client, Duration.ofSeconds(1));
        runUntilIdle();
        var _ = port.stopListening();
        runUntilIdle();
    }

    /// What queued calls, timers, datagram protocols and [Protocol#connectionLost] threw, oldest
    /// first, at most 1000. (What the protocol of a connection throws before that is the reason
    /// that closes for.)
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /// How many delayed calls are still to come.
    public int pendingTimers() {
        return pendingTimers;
    }

    /// What this reactor has open or under way, for a test that ends with nothing left behind: its
    /// ports, connections and attempts to connect, the programs it runs, work of [#callInThread],
    /// and the delayed calls that have neither run nor been cancelled, each in a line that names
    /// it. What the engine itself has yet to do, such as to time out a close, is none of it. What a
    /// protocol or a port asked for is, as the alarm of an idle timeout, or the next look of a
    /// `tls:` port at its files: it goes with the connection or port, and what stays is a fault.
    ///
    /// ```java
    /// reactor.runUntilIdle(); // ends are told in turns of their own
    /// assertThat(reactor.leftovers()).isEmpty();
    /// ```
    ///
    /// Empty when the reactor has ended.
    public List<String> leftovers() {
        if (isOver()) {
            return List.of();
        }
        List<String> left = new ArrayList<>();
        host.listeners(this).forEach(port -> left.add("a port: " + port.bound()));
        datagramPorts.forEach(port -> left.add("a port: " + port));
        attempts.forEach(attempt -> left.add("an attempt to connect: " + attempt));
        connections.forEach(connection -> left.add("a connection: " + connection));
        programs.running().forEach(program -> left.add("a program: " + program));
        threadWork.underWay().forEach(work -> left.add("a call in a thread: " + work));
        Stream.concat(held.stream().filter(turn -> !turn.isOver()), timeline.coming(this))
                .filter(turn -> turn.action() instanceof Timer)
                .forEach(turn -> left.add("a delayed call: " + turn.action()));
        return left;
    }

    /// Says which programs [#spawn] finds: the one to run for what is asked, or null if there is no
    /// such program. There are none unless told otherwise. If it throws, or gives a script that has
    /// run, no program is started, and the exception is among the [#failures()].
    public void programs(Function<Program, @Nullable ScriptedProgram> installed) {
        programs.install(installed);
    }

    /// Says who the process of this reactor is, to the other ends of its connections over UNIX
    /// sockets that are made from now on. The user and the group 1000 unless told otherwise, and a
    /// process of its own.
    public void credentials(PeerCredentials own) {
        credentials = requireNonNull(own, "own");
    }

    /// The process of this reactor gets a signal: what was asked for by [#onSignal] is called in a
    /// coming turn.
    ///
    /// @throws IllegalStateException if nothing was: a process might have ended
    public void raise(Signal signal) {
        Runnable came = signals.get(requireNonNull(signal, "signal"));
        if (came == null) {
            throw new IllegalStateException("nothing is called at SIG" + signal + " by " + this);
        }
        came.run();
    }

    /// Where this reactor runs, and whom it can reach.
    public MemoryNetwork network() {
        return network;
    }

    PeerCredentials credentials() {
        return credentials;
    }

    // ---- life ----

    /// Moves time itself, from one due time to the next, until this reactor has been stopped.
    ///
    /// @throws IllegalStateException if nothing is left to happen and nobody stopped it
    @Override
    public void run() {
        if (!timeline.drive(this::isOver, Long.MAX_VALUE)) {
            throw new IllegalStateException(
                    "nothing is left to happen, and nobody stopped the reactor: it would run for"
                            + " ever");
        }
    }

    @Override
    public CompletionStage<Void> stop() {
        if (!timeline.isOwner()) {
            timeline.fromOtherThread(this::stop);
        } else if (life == Life.RUNNING) {
            boolean nothingToSay = phases.isEmpty(Phase.BEFORE_SHUTDOWN);
            life = nothingToSay ? Life.STOPPING : Life.SAYING_GOODBYE;
            stopBy = timeline.after(SHUTDOWN_DEADLINE);
            queue(() -> begin(Phase.BEFORE_SHUTDOWN, this::close));
        }
        return ended.copy();
    }

    @Override
    public Registration at(Phase phase, String what, PhaseAction action) {
        if (life == Life.KILLED) {
            throw new IllegalStateException(
                    "too late for \"" + what + "\": " + this + " has ended");
        }
        return phases.add(this, phase, what, action);
    }

    @Override
    public Registration onSignal(Signal signal, Runnable action) {
        return signalCalls.add(this, signal, action);
    }

    private Runnable takeSignal(Signal signal, Runnable came) {
        signals.put(signal, came);
        return () -> signals.remove(signal);
    }

    private void begin(Phase phase, Runnable next) {
        CompletableFuture<Void> all = phases.begin(phase);
        if (all.isDone()) {
            next.run();
            return;
        }
        Timeline.Turn late = after(timeLeft(), phases::abandon);
        var _ =
                all.thenRun(() ->
                        callFromThread(() -> {
                            forget(late);
                            next.run();
                        }));
    }

    private Duration timeLeft() {
        Duration left = Duration.ofNanos(stopBy - timeline.nanos());
        return left.compareTo(MOMENT) > 0 ? left : MOMENT;
    }

    private void close() {
        life = Life.CLOSING;
        host.stopListening(this);
        for (Attempt attempt : List.copyOf(attempts)) {
            attempt.fail(Kind.STOPPED, "the reactor was stopped");
        }
        connections().forEach(Connection::askClose);
        programs.stop();
        List.copyOf(datagramPorts).forEach(DatagramPort::stopListening);
        after(
                timeLeft(),
                () -> {
                    connections().forEach(late -> late.abort("the shutdown deadline passed"));
                    programs.giveUp();
                    threadWork.giveUp();
                });
        endWhenDrained();
    }

    private void endWhenDrained() {
        if (isDrained()) {
            queue(this::end);
        }
    }

    private boolean isDrained() {
        return life == Life.CLOSING
                && connections.isEmpty()
                && datagramPorts.isEmpty()
                && programs.isEmpty()
                && threadWork.isEmpty();
    }

    private void end() {
        if (isDrained()) {
            life = Life.CLOSED;
            begin(Phase.AFTER_SHUTDOWN, () -> queue(this::over));
        }
    }

    private void over() {
        over(Life.ENDED);
        threadWork.giveUp();
        Deferred.reactorEnds(this);
        ended.succeed(null);
    }

    /// The process dies: nothing of it runs any more, peers see their connections reset.
    void kill() {
        die(Connection::vanish);
    }

    /// The machine dies: nothing of it runs any more, peers see nothing.
    void powerLost() {
        die(Connection::powerLost);
    }

    private void die(Consumer<Connection> how) {
        if (isOver()) {
            return;
        }
        host.stopListening(this);
        connections().forEach(how);
        datagramPorts.forEach(DatagramPort::vanish);
        datagramPorts.clear();
        List.copyOf(attempts).forEach(Attempt::settle);
        connections.clear();
        over(Life.KILLED);
    }

    private void over(Life how) {
        life = how;
        pendingTimers = 0;
        held.clear();
        network.ended(this);
        over.complete(null);
    }

    // ---- pauses ----

    /// Counts the network's processes from 1, so that each has a number of its own.
    int number() {
        return number;
    }

    boolean isPaused() {
        return paused;
    }

    void pause() {
        paused = !isOver();
    }

    void resume() {
        paused = false;
        held.forEach(timeline::again);
        held.clear();
    }

    void hold(Timeline.Turn turn) {
        held.add(turn);
    }

    /// Whether timers, ports and connections work as ever.
    private boolean works() {
        return life == Life.RUNNING || life == Life.SAYING_GOODBYE;
    }

    boolean isOver() {
        return life == Life.ENDED || life == Life.KILLED;
    }

    @Override
    public boolean inLoop() {
        return timeline.isInside(this);
    }

    // ---- calls ----

    @Override
    public boolean callFromThread(Runnable action) {
        requireNonNull(action, "action");
        if (life == Life.ENDED) {
            log.debug("the reactor has ended; a call is not taken: {}", action);
            return false;
        }
        if (timeline.isOwner()) {
            timeline.takeFromOtherThreads();
            queue(action);
        } else {
            timeline.fromOtherThread(() -> queue(action));
        }
        return true;
    }

    @Override
    public DelayedCall callLater(Duration delay, Runnable action) {
        requireNonNull(delay, "delay");
        requireNonNull(action, "action");
        requireLoop("Reactor.callLater");
        Timer timer = new Timer(action);
        timer.start(delay);
        return timer;
    }

    /// Runs `work` in turns of its own, and on no loop, so that what is loop only throws in it as
    /// it would on a thread of its own.
    ///
    /// If the JVM was started with `--add-opens java.base/java.lang=ALL-UNNAMED` it is a virtual
    /// thread whose turns come in an order that every run repeats; it may wait for what other turns
    /// bring, with all of `java.util.concurrent`. Waiting for what happens in real time
    /// (`Thread.sleep`, `Object.wait`, a timeout) is a [NondeterminismError] among the
    /// [#failures()]. Without that option `work` is one turn, and may wait for nothing.
    @Override
    public <T> CompletionStage<T> callInThread(Callable<T> work) {
        if (life == Life.KILLED) {
            return Deferred.failed(this, new IllegalStateException("the reactor has ended"));
        }
        return threadWork.begin(work, this::startThread);
    }

    /// Whether work of [#callInThread] may wait, see there.
    public static boolean canWait() {
        return VirtualTurns.available();
    }

    /// As [Reactor#await], in work of [#callInThread].
    ///
    /// @throws IllegalStateException if that may not wait
    @Override
    public <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
        requireNonNull(stage, "stage");
        boolean holdsTheTest = timeline.isOwner() && !inLoop() && !canWait();
        if (holdsTheTest && !stage.toCompletableFuture().isDone()) {
            throw new IllegalStateException(
                    "work that waits needs a JVM with --add-opens java.base/java.lang=ALL-UNNAMED");
        }
        return Reactor.super.await(stage);
    }

    private void startThread(Runnable work) {
        onTimeline(() -> {
            if (canWait()) {
                var _ = new VirtualTurns(timeline, this).start(work);
            } else {
                queue(() -> timeline.elsewhere(work));
            }
        });
    }

    /// Runs `action` in a turn of its own, after what is queued already.
    void queue(Runnable action) {
        queued++;
        timeline.at(timeline.nanos(), this, true, action);
    }

    /// Lets something be read, in a turn of its own: soon, or when a slow program gets to it.
    void queueReading(Runnable read) {
        Host.SlowReading slowly = host.slowReading();
        if (slowly == null) {
            queue(read);
        } else {
            after(slowly.every(), read);
        }
    }

    /// Runs `action` now, or if another thread asks for it, before the next turn.
    void onTimeline(Runnable action) {
        if (timeline.isOwner()) {
            action.run();
        } else {
            timeline.fromOtherThread(action);
        }
    }

    /// What `work` gives; if another thread asks, in a turn of its own, for which that one waits.
    ///
    /// @throws IllegalStateException on another loop, which would have to wait if it had a thread
    ///   of its own, as real ones have
    private <T> T onLoop(Supplier<T> work) {
        ManualReactor caller = timeline.turning();
        if (caller != null && caller != this) {
            throw new IllegalStateException(
                    "the loop of "
                            + caller
                            + " cannot stop to open a port on "
                            + this
                            + "; go through Reactor.callFromThread, or do it in a thread of"
                            + " Reactor.callInThread");
        }
        if (timeline.isOwner()) {
            return work.get();
        }
        CompletableFuture<T> outcome = new CompletableFuture<>();
        callFromThread(() -> {
            try {
                outcome.complete(work.get());
            } catch (Throwable thrown) {
                outcome.completeExceptionally(thrown);
            }
        });
        CompletableFuture.anyOf(outcome, over).handle((_, _) -> true).join();
        if (!outcome.isDone()) {
            return work.get(); // there is no loop any more
        }
        try {
            return outcome.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException why) {
                throw why;
            }
            throw failed;
        }
    }

    /// Runs `action` in a turn of its own when `delay` has passed: for the engine's own deadlines,
    /// which hold while it stops.
    Timeline.Turn after(Duration delay, Runnable action) {
        return timeline.at(timeline.after(delay), this, action);
    }

    void forget(Timeline.Turn turn) {
        timeline.remove(turn);
    }

    /// Runs `action` now, as this loop.
    void enter(Runnable action) {
        timeline.inside(this, action);
    }

    /// The turn of something that was asked for.
    ///
    /// @param fromQueue whether it was [#queue]d
    void turn(long due, boolean fromQueue, Runnable action) {
        if (fromQueue) {
            queued--;
        }
        if (isOver()) {
            log.debug("a call on {} is dropped: its loop has ended", host.name());
            return;
        }
        meter.ranLate(due);
        meter.beginCall(action, "run");
        try {
            enter(action);
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            meter.endCall();
            meter.endTurn();
        }
    }

    void failed(Throwable thrown) {
        failed("a call on the loop of " + host.name(), thrown);
    }

    /// @param call what has thrown
    void failed(String call, Throwable thrown) {
        Thrown.log(log, call + " threw", thrown);
        if (failures.size() < FAILURES_KEPT) {
            failures.add(thrown);
        }
    }

    /// Turns, the queue, and how late calls ran because their process was paused; no call takes any
    /// time here.
    @Override
    public LoopMetrics metrics() {
        return meter.metrics(queued);
    }

    private final class Timer implements DelayedCall, Runnable {
        private final Runnable action;
        private Timeline.@Nullable Turn turn;

        Timer(Runnable action) {
            this.action = action;
        }

        void start(Duration delay) {
            Delays.requireNotNegative("a delay", delay);
            turn = after(delay, this);
            pendingTimers++;
        }

        /// It is due.
        @Override
        public void run() {
            turn = null;
            pendingTimers--;
            if (works()) {
                action.run();
            }
        }

        @Override
        public boolean cancel() {
            requireLoop("DelayedCall.cancel");
            if (turn == null || !timeline.remove(turn)) {
                return false;
            }
            turn = null;
            pendingTimers--;
            return true;
        }

        @Override
        public void reset(Duration delay) {
            requireLoop("DelayedCall.reset");
            Delays.requireNotNegative("a delay", delay);
            if (!cancel()) {
                throw new IllegalStateException("this call has run or was cancelled");
            }
            start(delay);
        }

        @Override
        public void delay(Duration longer) {
            requireLoop("DelayedCall.delay");
            Delays.requireNotNegative("a delay", longer);
            Timeline.Turn promised = turn;
            if (promised == null) {
                throw new IllegalStateException("this call has run or was cancelled");
            }
            long left = Math.max(0, promised.due() - nanoTime());
            long more = TimeUnit.NANOSECONDS.convert(longer);
            reset(Duration.ofNanos(left + Math.min(more, Long.MAX_VALUE - left)));
        }

        @Override
        public boolean active() {
            requireLoop("DelayedCall.active");
            return turn != null && !isOver();
        }

        /// What is to be called, and when.
        @Override
        public String toString() {
            long left = turn == null ? 0 : Math.max(0, turn.due() - nanoTime());
            String code = action.getClass().getName().replaceFirst("\\$\\$Lambda.*", "");
            return code + ", due in " + Duration.ofNanos(left);
        }
    }

    // ---- time and chance ----

    /// Starts at 0.
    @Override
    public long nanoTime() {
        return timeline.nanos();
    }

    /// Starts at 2026-01-01T00:00:00Z, unless the clock of its host has jumped.
    @Override
    public Instant now() {
        return START.plusNanos(timeline.nanos()).plus(host.clockOffset());
    }

    @Override
    public RandomGenerator random() {
        requireLoop("Reactor.random");
        return random;
    }

    // ---- sockets ----

    @Override
    public ListeningPort listen(Endpoint endpoint, ProtocolFactory factory) {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(factory, "factory");
        return onLoop(() -> openPort(endpoint, factory));
    }

    private ListeningPort openPort(Endpoint endpoint, ProtocolFactory factory) {
        if (!works()) {
            throw Host.cannotListen(endpoint, "the reactor was stopped");
        }
        return host.listen(this, endpoint, factory);
    }

    @Override
    public CompletionStage<Protocol> connect(ClientEndpoint endpoint, ProtocolFactory factory) {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(factory, "factory");
        if (!works()) {
            return Deferred.failed(this, stoppedBefore(endpoint.address()));
        }
        Attempt attempt = new Attempt(this, endpoint, factory);
        onTimeline(() -> begin(attempt));
        return attempt.outcome();
    }

    private void begin(Attempt attempt) {
        if (!works()) {
            attempt.fail(Kind.STOPPED, "the reactor was stopped");
        } else if (!attempt.isAbandoned()) {
            attempts.add(attempt);
            attempt.start();
        }
    }

    // ---- programs ----

    @Override
    public CompletionStage<ProcessEnd> spawn(Program program, ProcessProtocol protocol) {
        requireNonNull(program, "program");
        requireNonNull(protocol, "protocol");
        return isOver()
                ? Deferred.succeeded(this, ScriptedPrograms.stopped(program))
                : programs.spawn(program, protocol);
    }

    // ---- datagrams ----

    @Override
    public DatagramTransport listenUdp(
            Address.Inet address, DatagramProtocol protocol, DatagramOptions options) {
        requireNonNull(address, "address");
        requireNonNull(protocol, "protocol");
        requireNonNull(options, "options");
        return onLoop(() -> {
            if (!works()) {
                throw Host.cannotListen(address, "the reactor was stopped");
            }
            Address.Inet free = host.bindable(address, options.shared());
            DatagramPort port = addUdp(free, null, protocol, options);
            Throwable thrown = port.start();
            if (thrown != null) {
                throw CannotListenException.failed(address, thrown);
            }
            return port;
        });
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
        if (!works()) {
            return Deferred.failed(this, stoppedBefore(peer));
        }
        Deferred<DatagramTransport> outcome = new Deferred<>(this, () -> {}); // looked at, in turn
        onTimeline(() -> {
            if (works()) {
                queue(() -> connectUdp(peer, protocol, options, outcome));
            } else {
                outcome.fail(stoppedBefore(peer));
            }
        });
        return outcome;
    }

    private void connectUdp(
            Address.Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options,
            Deferred<DatagramTransport> outcome) {
        if (outcome.isDone()) { // given up
            return;
        }
        if (!works()) {
            outcome.fail(stoppedBefore(peer));
        } else if (network.resolve(host, peer) == null && !peer.isLiteral()) {
            outcome.fail(new ConnectFailedException(Kind.UNKNOWN_HOST, peer, "unknown host", null));
        } else {
            DatagramPort port = addUdp(host.connectable(peer), peer, protocol, options);
            Throwable thrown = port.start();
            if (thrown != null) {
                outcome.failUnlessGivenUp(ConnectFailedException.startFailed(peer, thrown));
                return;
            }
            outcome.succeed(port);
            if (outcome.state() != Future.State.SUCCESS) { // given up while it was started
                var _ = port.stopListening();
            }
        }
    }

    private static ConnectFailedException stoppedBefore(Address peer) {
        return new ConnectFailedException(Kind.STOPPED, peer, "the reactor was stopped", null);
    }

    private DatagramPort addUdp(
            Address.Inet address,
            Address.@Nullable Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options) {
        DatagramPort port =
                new DatagramPort(this, network.datagrams(), address, peer, protocol, options);
        host.bind(port);
        datagramPorts.add(port);
        return port;
    }

    Host host() {
        return host;
    }

    List<Connection> connections() {
        return List.copyOf(connections);
    }

    void opened(Connection connection) {
        connections.add(connection);
    }

    void closed(Connection connection) {
        connections.remove(connection);
        endWhenDrained();
    }

    void closed(DatagramPort port) {
        datagramPorts.remove(port);
        endWhenDrained();
    }

    void settled(Attempt attempt) {
        attempts.remove(attempt);
    }

    @Override
    public String toString() {
        return "reactor of " + host.name();
    }
}
