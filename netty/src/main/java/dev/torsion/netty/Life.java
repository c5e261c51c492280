package dev.torsion.netty;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.PhaseAction;
import dev.torsion.reactor.Phases;
import dev.torsion.reactor.Registration;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of one reactor: where its loop turns, its phases, and how it stops.
///
/// ```
/// stop ─► BEFORE_SHUTDOWN ─► what is open closes ─► AFTER_SHUTDOWN ─► the loop ends ─► over
///                                    └── at the deadline: aborted ──┘
/// the loop dies, or does not return ─────────────────────────────────────────────────► over
/// ```
///
/// **Thread:** any, unless a method says otherwise.
final class Life {
    private static final Logger log = LoggerFactory.getLogger(Life.class);

    private static final Duration GRACE = Duration.ofSeconds(2);

    /// What a step of the shutdown gets when those before have used up the deadline.
    private static final Duration MOMENT = Duration.ofMillis(500);

    /// How far a stop has come on the loop.
    ///
    /// ```
    /// RUNNING ──► STOPPING ──► CLOSING ──► CLOSED
    ///    └─ with phases before ─►┘            │
    /// any of them ── the loop dies ──────────►┘
    /// ```
    private enum Step {
        RUNNING,
        STOPPING, // no timer runs any more, nothing is opened
        CLOSING, // what is open was told to close
        CLOSED // and has, or the loop is dying and closes it
    }

    private final NettyReactor reactor;
    private final ReactorOptions options;
    private final Phases phases = new Phases();
    private final AtomicBoolean stopAsked = new AtomicBoolean();
    private final End end;

    /// Of a loop that is to turn on the thread that made it, until it does; that thread sets it.
    private volatile @Nullable Runnable turns;

    // Of the loop alone.
    private Step step = Step.RUNNING;
    private long stopBy;

    Life(NettyReactor reactor) {
        this.reactor = reactor;
        options = reactor.options();
        end = new End(reactor, List.of(this::skipPhases, this::giveUpWork, this::tellResults));
    }

    End end() {
        return end;
    }

    // ---- turning ----

    /// Turns the loop on a thread of its own.
    void startThread(Runnable turns) {
        Thread thread = new FastThreadLocalThread(() -> turn(turns), options.threadName());
        thread.setDaemon(true);
        thread.start();
    }

    /// Keeps the turns of the loop for [#run] on this thread.
    void keep(Runnable turns) {
        this.turns = turns;
    }

    private void turn(Runnable turns) {
        watch();
        try {
            turns.run();
            reactor.streamSockets().release();
        } catch (Throwable thrown) {
            end.isOf(thrown);
        }
        end.comes();
    }

    /// The loop turns unwatched rather than not at all.
    private void watch() {
        Duration limit = options.deadlines().call();
        Watchdog watchdog =
                new Watchdog(reactor.loop(), reactor.meter(), limit, end.told(), log::warn);
        try {
            Thread.ofPlatform().daemon().name(options.threadName() + "-watchdog").start(watchdog);
        } catch (OutOfMemoryError noThread) {
            log.warn(
                    "no thread can be had to name the calls that hold the loop too long", noThread);
        }
    }

    /// As [NettyReactor#run()].
    void run() {
        Runnable here = turns;
        if (here == null) {
            requireMayWait();
        } else if (!reactor.inLoop()) {
            throw new IllegalStateException(
                    "run() was called on "
                            + Thread.currentThread().getName()
                            + ", and the loop is to turn on the thread that made it");
        }
        Runnable untilTheEnd = here == null ? end::join : () -> turnAndJoin(here);
        if (!options.stopsAtExit()) {
            untilTheEnd.run();
            return;
        }
        try (var _ = new ShutdownHook(this::stopAtExit)) {
            untilTheEnd.run();
        }
    }

    void requireMayWait() {
        if (end.told().isDone()) {
            throw new IllegalStateException("this reactor has ended; a reactor runs once");
        }
        if (reactor.inLoop()) {
            throw new IllegalStateException("run() was called on the loop that it would wait for");
        }
    }

    private void turnAndJoin(Runnable here) {
        turns = null;
        turn(here);
        end.join();
    }

    // ---- stopping ----

    Registration at(Phase phase, String what, PhaseAction action) {
        return phases.add(reactor, phase, what, action);
    }

    /// As [dev.torsion.reactor.Reactor#stop()].
    CompletionStage<Void> stop() {
        if (!end.over() && stopAsked.compareAndSet(false, true)) {
            if (reactor.inLoop() && phases.isEmpty(Phase.BEFORE_SHUTDOWN)) {
                step = Step.STOPPING;
            }
            try {
                reactor.execute(this::shutDown);
            } catch (RejectedExecutionException _) {
                // It is dying just now, and will tell so.
            }
            Thread.ofPlatform().daemon().name(options.threadName() + "-stop").start(this::awaitEnd);
            Runnable neverRun = reactor.inLoop() ? turns : null;
            if (neverRun != null) {
                turns = null;
                turn(neverRun);
            }
        }
        return end.stage();
    }

    /// Whether it has been told to stop, or is dying, or has ended: then whoever chooses among
    /// loops is to choose another one.
    boolean ending() {
        return stopAsked.get() || end.diedOf() != null || end.over();
    }

    /// The first of `reactors`, from the one in turn on and round, that is not [#ending]; their
    /// first if all are.
    static NettyReactor firstNotEnding(List<NettyReactor> reactors, int turn) {
        return IntStream.range(0, reactors.size())
                .mapToObj(n -> reactors.get(Math.floorMod(turn + n, reactors.size())))
                .filter(reactor -> !reactor.life().ending())
                .findFirst()
                .orElseGet(reactors::getFirst);
    }

    /// Whether no timer runs any more, and nothing is opened. Loop only.
    boolean stopping() {
        return step != Step.RUNNING;
    }

    private void shutDown() {
        stopBy = System.nanoTime() + options.deadlines().shutdown().toNanos();
        begin(Phase.BEFORE_SHUTDOWN, this::close);
    }

    private void begin(Phase phase, Runnable next) {
        reactor.beginCall(phase, phase.name());
        CompletableFuture<Void> all;
        try {
            all = phases.begin(phase);
        } finally {
            reactor.endCall();
        }
        if (all.isDone()) {
            next.run();
            return;
        }
        ScheduledFuture<?> late = reactor.schedule(timeLeft(), phases::abandon);
        var _ =
                all.thenRun(() ->
                        reactor.execute(() -> {
                            late.cancel(false);
                            next.run();
                        }));
    }

    private Duration timeLeft() {
        Duration left = Duration.ofNanos(stopBy - System.nanoTime());
        return left.compareTo(MOMENT) > 0 ? left : MOMENT;
    }

    private void close() {
        if (step == Step.CLOSED) {
            return;
        }
        step = Step.CLOSING;
        reactor.opened().close();
        var _ = reactor.schedule(timeLeft(), reactor.opened()::giveUp);
        endIfEmpty();
    }

    /// Something has ended that a stop waits for. Loop only.
    void endIfEmpty() {
        if (step == Step.CLOSING && reactor.opened().isEmpty()) {
            step = Step.CLOSED;
            begin(Phase.AFTER_SHUTDOWN, this::endLoop);
        }
    }

    private void endLoop() {
        var _ = reactor.loop().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }

    private void awaitEnd() {
        if (!end.await(options.deadlines().shutdown().plus(GRACE))) {
            try {
                log.error(
                        "the loop did not end and is given up; its thread is here:{}",
                        Watchdog.stack(reactor.loop()));
            } finally {
                end.comes(); // even if it cannot be logged
            }
        }
    }

    /// On the thread of a shutdown hook. If the loop itself has called `System.exit`, it waits for
    /// this very thread and cannot do anything any more: then what it leaves undone is told, and
    /// the JVM ends.
    void stopAtExit() {
        if (isExiting()) {
            String why = "has called System.exit itself, instead of Reactor.stop()";
            int connections = reactor.opened().connections();
            log.error("{} {}: {} connections are cut off", reactor, why, connections);
            phases.skip(reactor, why);
        } else {
            var _ = stop();
            end.await();
        }
    }

    /// Whether the loop has called `System.exit`. What belongs to it may be read from the thread of
    /// a hook then, which it has started and waits for.
    private boolean isExiting() {
        return Arrays.stream(reactor.loop().stack())
                .anyMatch(frame ->
                        frame.getClassName().equals("java.lang.Runtime")
                                && frame.getMethodName().equals("exit"));
    }

    // ---- the end ----

    /// The loop is dying of what was thrown in it: what it would have closed later ends now. Loop
    /// only.
    void dies(Throwable of) {
        end.isOf(of);
        step = Step.CLOSED;
        reactor.opened().abandon();
    }

    private void skipPhases() {
        phases.skip(reactor, end.diedOf() == null ? "did not end" : "has died");
    }

    private void giveUpWork() {
        reactor.opened().threadWork().giveUp();
    }

    private void tellResults() {
        Deferred.reactorEnds(reactor);
    }
}
