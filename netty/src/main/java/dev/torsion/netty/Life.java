package dev.torsion.netty;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.PhaseAction;
import dev.torsion.reactor.Phases;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Thrown;
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
///         of all that stop           └── at the deadline: aborted ──┘
///         with it
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
    private final Threads threads;
    private final Phases phases = new Phases();
    private final AtomicBoolean stopAsked = new AtomicBoolean();
    private final CompletableFuture<Void> prepared = new CompletableFuture<>();
    private final End end;

    /// Done when all that stop with it are prepared, it too.
    private volatile CompletableFuture<Void> allPrepared = prepared;

    /// Of a loop that is to turn on the thread that made it, until it does; that thread sets it.
    private volatile @Nullable Runnable turns;

    private long stopBy; // set on any thread, before the loop is told to stop

    // Of the loop alone.
    private Step step = Step.RUNNING;

    Life(NettyReactor reactor, Threads threads) {
        this.reactor = reactor;
        this.threads = threads;
        options = reactor.options();
        end =
                new End(
                        reactor,
                        List.of(
                                this::skipPhases,
                                this::letOthersClose,
                                this::giveUpWork,
                                this::killPrograms,
                                this::giveUpPrograms,
                                this::tellResults));
    }

    End end() {
        return end;
    }

    // ---- turning ----

    /// Turns the loop on a thread of its own. One that first needs it to stop, and cannot have it,
    /// has died: it will never turn.
    ///
    /// @throws OutOfMemoryError if there is none to be had
    void startThread(Runnable turns) {
        try {
            threads.startLoop(options.threadName(), () -> turn(turns));
        } catch (OutOfMemoryError noThread) {
            if (stopAsked.get()) {
                end.isOf(noThread);
                end.comes();
            }
            throw noThread;
        }
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
        start("-watchdog", watchdog, "to name the calls that hold the loop too long");
    }

    /// Has `work` done on a thread of its own, or goes on without it.
    private void start(String name, Runnable work, String what) {
        try {
            threads.start(options.threadName() + name, work);
        } catch (OutOfMemoryError noThread) {
            Thrown.log(log, "no thread can be had " + what, noThread);
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
        try (var _ = new ShutdownHook(() -> stopAtExit(List.of(this)))) {
            untilTheEnd.run();
        }
    }

    void requireMayWait() {
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
        return stop(List.of(this)).getFirst();
    }

    /// Stops them together: none closes anything before each of them is through what it does before
    /// the shutdown, or has ended, or the time for that is over. What one does then, such as the
    /// drain of a port they share, may need the others.
    static List<CompletionStage<Void>> stop(List<Life> together) {
        boolean atOnce = together.stream().allMatch(Life::hasNothingToPrepare);
        CompletableFuture<Void> all =
                CompletableFuture.allOf(
                        together.stream()
                                .map(life -> life.prepared)
                                .toArray(CompletableFuture<?>[]::new));
        return together.stream().map(life -> life.stop(all, atOnce)).toList();
    }

    private CompletionStage<Void> stop(CompletableFuture<Void> prepare, boolean atOnce) {
        if (!end.over() && stopAsked.compareAndSet(false, true)) {
            allPrepared = prepare;
            stopBy = // from now, as awaitEnd counts, however late the loop hears of it
                    System.nanoTime()
                            + TimeUnit.NANOSECONDS.convert(options.deadlines().shutdown());
            if (reactor.inLoop() && atOnce) {
                step = Step.STOPPING;
            }
            try {
                reactor.execute(this::shutDown);
            } catch (RejectedExecutionException _) {
                // It is dying just now, and will tell so.
            } catch (OutOfMemoryError notTold) {
                Thrown.log(log, reactor + " cannot be told to stop", notTold);
            }
            start("-stop", this::awaitEnd, "to give the loop up if it does not end");
            Runnable neverRun = reactor.inLoop() ? turns : null;
            if (neverRun != null) {
                turns = null;
                turn(neverRun);
            }
        }
        return end.stage();
    }

    private boolean hasNothingToPrepare() {
        return prepared.isDone() || (!stopAsked.get() && phases.isEmpty(Phase.BEFORE_SHUTDOWN));
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
        begin(Phase.BEFORE_SHUTDOWN, this::closeWithOthers);
    }

    private void closeWithOthers() {
        letOthersClose();
        CompletableFuture<Void> all = allPrepared.copy();
        await(all, () -> closeWithout(all), this::close);
    }

    private void closeWithout(CompletableFuture<Void> all) {
        log.warn("{} closes before all that stop with it are through BEFORE_SHUTDOWN", reactor);
        all.complete(null);
    }

    /// Those that stop together with it need not wait for it.
    private void letOthersClose() {
        prepared.complete(null);
    }

    private void begin(Phase phase, Runnable next) {
        reactor.beginCall(phase, phase.name());
        CompletableFuture<Void> all;
        try {
            all = phases.begin(phase);
        } finally {
            reactor.endCall();
        }
        await(all, phases::abandon, next);
    }

    /// Does `next` when `all` is done, which `late` sees to once the time is over.
    private void await(CompletableFuture<Void> all, Runnable late, Runnable next) {
        if (all.isDone()) {
            next.run();
            return;
        }
        ScheduledFuture<?> timer = reactor.schedule(timeLeft(), late);
        var _ =
                all.thenRun(() ->
                        reactor.execute(() -> {
                            timer.cancel(false);
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
        if (!end.await(options.deadlines().shutdown()) && !end.await(GRACE)) {
            try {
                log.error(
                        "the loop did not end and is given up; its thread is here:{}",
                        Watchdog.stack(reactor.loop()));
            } finally {
                end.comes(); // even if it cannot be logged
                endLoop(); // which may have waited in vain for what will never end
            }
        }
    }

    /// Stops all of them, on the thread of a shutdown hook, and waits for their ends. If one of
    /// their loops has called `System.exit` itself, it waits for this very thread and cannot do
    /// anything any more: then what it leaves undone is told, and nobody waits for it; nor for work
    /// in a thread that has.
    static void stopAtExit(List<Life> together) {
        List<Life> exiting = together.stream().filter(Life::isExiting).toList();
        exiting.forEach(Life::cutOff);
        together.forEach(Life::leaveExitingWork);
        var _ = stop(together);
        together.stream().filter(life -> !exiting.contains(life)).forEach(life -> life.end.await());
    }

    private void cutOff() {
        String why = "has called System.exit itself, instead of Reactor.stop()";
        int connections = reactor.opened().connections();
        log.error("{} {}: {} connection(s) are cut off", reactor, why, connections);
        phases.skip(reactor, why);
        letOthersClose();
    }

    /// Whether the loop has called `System.exit`. What belongs to it may be read from the thread of
    /// a hook then, which it has started and waits for.
    private boolean isExiting() {
        return isExiting(reactor.loop().stack());
    }

    private void leaveExitingWork() {
        reactor.opened().threadWork().leave(thread -> isExiting(thread.getStackTrace()));
    }

    private static boolean isExiting(StackTraceElement[] stack) {
        return Arrays.stream(stack)
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

    private void killPrograms() {
        reactor.opened().programs().killLeft();
    }

    private void giveUpPrograms() {
        reactor.opened().programs().giveUp();
    }

    private void tellResults() {
        Deferred.reactorEnds(reactor);
    }
}
