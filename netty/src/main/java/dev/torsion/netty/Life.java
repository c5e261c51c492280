package dev.torsion.netty;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.PhaseAction;
import dev.torsion.reactor.Phases;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Thrown;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of one reactor: where its loop turns, its phases, and how it ends.
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

    private static final String DIED = "a loop has died, and its reactor has ended with it";

    private static final Duration GRACE = Duration.ofSeconds(2);

    /// What a step of the shutdown gets when those before have used up the deadline.
    private static final Duration MOMENT = Duration.ofMillis(500);

    private static final long A_WHILE = MOMENT.toNanos();

    private final NettyReactor reactor;
    private final ReactorOptions options;
    private final Phases phases = new Phases();
    private final AtomicBoolean stopAsked = new AtomicBoolean();
    private final Deferred<Void> ended;
    private final List<Runnable> lastSteps = // made now: there may be no memory then
            List.of(this::skipPhases, this::giveUpWork, this::tellResults);
    private final Runnable lastOfAll = this::end;
    private volatile @Nullable Throwable diedOf;
    private volatile boolean over; // nothing is asked of the loop any more

    // Of the loop alone.
    private @Nullable Runnable turns; // of a loop that is to turn here, until it does
    private long stopBy;
    private boolean stopping; // no timer runs any more, nothing is opened
    private boolean closing; // what is open was told to close
    private boolean closed; // and has

    Life(NettyReactor reactor) {
        this.reactor = reactor;
        options = reactor.options();
        ended = new Deferred<>(reactor);
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
        Loop loop = reactor.loop();
        Duration limit = options.deadlines().call();
        Thread.ofPlatform()
                .daemon()
                .name(options.threadName() + "-watchdog")
                .start(new Watchdog(loop, reactor.meter(), limit, ended, log::warn));
        Throwable shuttingDown = null;
        try {
            turns.run();
            reactor.streamSockets().release();
        } catch (Throwable thrown) {
            shuttingDown = thrown;
        }
        Throwable died = loop.diedOf();
        over(died == null ? shuttingDown : died);
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
        turns = null;
        Runnable untilTheEnd = here == null ? this::join : () -> turnAndJoin(here);
        if (!options.stopsAtExit()) {
            untilTheEnd.run();
            return;
        }
        try (var _ = new ShutdownHook(this::stopAtExit)) {
            untilTheEnd.run();
        }
    }

    void requireMayWait() {
        if (ended.isDone()) {
            throw new IllegalStateException("this reactor has ended; a reactor runs once");
        }
        if (reactor.inLoop()) {
            throw new IllegalStateException("run() was called on the loop that it would wait for");
        }
    }

    private void turnAndJoin(Runnable here) {
        turn(here);
        join();
    }

    /// @throws IllegalStateException if the loop died
    void join() {
        try {
            ended.join();
        } catch (CompletionException died) {
            throw new IllegalStateException(reactor + ": " + DIED, Deferred.cause(died));
        }
    }

    // ---- stopping ----

    Registration at(Phase phase, String what, PhaseAction action) {
        return phases.add(reactor, phase, what, action);
    }

    /// As [dev.torsion.reactor.Reactor#stop()].
    CompletionStage<Void> stop() {
        if (!over && stopAsked.compareAndSet(false, true)) {
            if (reactor.inLoop()) {
                stopping = phases.isEmpty(Phase.BEFORE_SHUTDOWN);
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
        return ended.copy();
    }

    boolean stopAsked() {
        return stopAsked.get();
    }

    /// Whether no timer runs any more, and nothing is opened. Loop only.
    boolean stopping() {
        return stopping;
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
        stopping = true;
        closing = true;
        reactor.opened().close();
        var _ = reactor.schedule(timeLeft(), reactor.opened()::giveUp);
        endIfEmpty();
    }

    /// Something has ended that a stop waits for. Loop only.
    void endIfEmpty() {
        if (closing && !closed && reactor.opened().isEmpty()) {
            closed = true;
            begin(Phase.AFTER_SHUTDOWN, this::endLoop);
        }
    }

    private void endLoop() {
        var _ = reactor.loop().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }

    private void awaitEnd() {
        try {
            ended.get(options.deadlines().shutdown().plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            log.error(
                    "the loop did not end and is given up; its thread is here:{}",
                    Watchdog.stack(reactor.loop()));
            over(null);
        } catch (ExecutionException died) {
            // That has been told.
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
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
            ended.handle((_, _) -> true).join();
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

    /// Whether nothing is asked of the loop any more: it has ended, or was given up because it
    /// hangs.
    boolean over() {
        return over;
    }

    /// @throws RejectedExecutionException if it is [#over]
    void requireNotOver() {
        if (over) {
            throw new RejectedExecutionException("the loop has ended, or was given up");
        }
    }

    /// What `work` on the loop has come to.
    ///
    /// @throws RejectedExecutionException if it is [#over] before that
    <T> T untilOver(CompletableFuture<T> work) {
        CompletableFuture.anyOf(work, ended).handle((_, _) -> true).join();
        if (!work.isDone()) {
            requireNotOver();
        }
        return work.join();
    }

    /// Has `then` done if the loop dies, as the last thing that is done on its thread.
    void ifItDies(Runnable then) {
        var _ =
                ended.whenComplete((_, died) -> {
                    if (died != null) {
                        then.run();
                    }
                });
    }

    /// The loop is dying of what was thrown in it: what it would have closed later ends now. Loop
    /// only.
    void dies() {
        stopping = true;
        closed = true;
        reactor.opened().abandon();
    }

    /// Ends it, on whatever thread. A loop may have died for want of memory, and what is to be done
    /// here wants some too: nothing is made outside of the steps, each has its own try, and the
    /// last is tried until it is done, since who waits for the end has nobody else to tell him.
    ///
    /// @param died of what the loop has died; null if it has ended, or does not return
    private void over(@Nullable Throwable died) {
        diedOf = died;
        over = true;
        if (died != null) {
            Thrown.log(log, DIED, died);
        }
        for (int i = 0; i < lastSteps.size(); i++) {
            attempt(lastSteps.get(i));
        }
        while (!ended.isDone() && !attempt(lastOfAll)) {
            LockSupport.parkNanos(A_WHILE);
        }
    }

    private void skipPhases() {
        phases.skip(reactor, diedOf == null ? "did not end" : "has died");
    }

    private void giveUpWork() {
        reactor.opened().threadWork().giveUp();
    }

    private void tellResults() {
        Deferred.reactorEnds(reactor);
    }

    private static boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (Throwable thrown) {
            Thrown.log(log, "a step of the end of a reactor failed", thrown);
            return false;
        }
    }

    private void end() {
        Throwable died = diedOf;
        if (died == null) {
            ended.succeed(null);
        } else {
            ended.fail(died);
            var _ = ended.isCompletedExceptionally(); // the log has told of it
        }
    }
}
