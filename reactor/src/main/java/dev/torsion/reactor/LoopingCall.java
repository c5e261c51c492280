package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The same work again and again, at the beat of a fixed interval.
///
/// ```java
/// var ping = LoopingCall.of(reactor, Duration.ofSeconds(5), this::ping);
/// ping.start(true).whenComplete((_, failure) -> …);
/// ```
///
/// The beats are `start + n × interval`, whatever the work costs. Runs never overlap: a beat that
/// comes while one is still going on is skipped, the next run waits for the beat after its end, and
/// is told how many beats it stands for. That holds for a run too that a stop has left going on,
/// and for the first beat of a new start. An exception, or a stage that fails, ends it.
///
/// **Thread:** loop only, all of it; from another thread it throws [IllegalStateException]. As with
/// every timer, nothing runs once the reactor is stopping, and the stage of [#start] is then left
/// as it is.
public final class LoopingCall {

    /// What is to be done at a beat.
    @FunctionalInterface
    public interface Work {

        /// Does it once.
        ///
        /// @param beats how many beats have come since the last run, this one's included: 1 unless
        ///   some were skipped
        /// @return completes when this run is over; no other starts before
        CompletionStage<?> run(long beats) throws Exception;
    }

    private final Reactor reactor;
    private final long intervalNanos;
    private final Work work;
    private @Nullable Round current;
    private @Nullable Round busy; // whose run is going on
    private @Nullable DelayedCall next;
    private long startedAt;
    private long lastBeat;

    /// The time from one start to its end.
    private final class Round {
        private final Deferred<Void> ended = new Deferred<>(reactor, () -> cancelled(this));
        private @Nullable CompletableFuture<?> run;
    }

    private LoopingCall(Reactor reactor, Duration interval, Work work) {
        Delays.requireNotNegative("an interval", interval);
        this.reactor = reactor;
        this.intervalNanos = TimeUnit.NANOSECONDS.convert(interval); // at most 292 years
        this.work = work;
    }

    /// Work that is over when it returns.
    ///
    /// @param interval zero means in every coming turn
    public static LoopingCall of(Reactor reactor, Duration interval, Runnable work) {
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        return counting(
                reactor,
                interval,
                _ -> {
                    work.run();
                    return done;
                });
    }

    /// Work that may take its time, and is told how many beats it stands for.
    ///
    /// @param interval zero means in every coming turn
    public static LoopingCall counting(Reactor reactor, Duration interval, Work work) {
        return new LoopingCall(reactor, interval, work);
    }

    /// Starts the beat.
    ///
    /// @param now whether the first beat comes inside this call, or an interval later
    /// @return completes when it has been stopped and the last run is over, with the exception if
    ///   one ended it; cancelling it stops it, and cancels the run that is going on
    /// @throws IllegalStateException if it is running
    public CompletionStage<Void> start(boolean now) {
        reactor.requireLoop("LoopingCall.start");
        if (running()) {
            throw new IllegalStateException("this looping call is running already");
        }
        Round round = new Round();
        current = round;
        next = null;
        startedAt = reactor.nanoTime();
        if (now) {
            lastBeat = -1;
            beat(round);
        } else {
            lastBeat = 0;
            scheduleNext(round);
        }
        return round.ended;
    }

    /// Ends it: no further run starts. Idempotent.
    public void stop() {
        reactor.requireLoop("LoopingCall.stop");
        Round round = current;
        current = null;
        if (next != null) {
            next.cancel();
            next = null;
        }
        // Between two runs it is over now; during one, when that is.
        if (round != null && round != busy) {
            round.ended.succeed(null);
        }
    }

    /// Starts the beat anew from now: the next run is an interval away.
    ///
    /// @throws IllegalStateException if it is not running
    public void reset() {
        reactor.requireLoop("LoopingCall.reset");
        Round round = current;
        if (round == null) {
            throw new IllegalStateException("this looping call is not running");
        }
        startedAt = reactor.nanoTime();
        lastBeat = 0;
        if (next != null) {
            next.cancel();
            scheduleNext(round);
        }
    }

    /// Whether it has been started and not stopped since.
    public boolean running() {
        reactor.requireLoop("LoopingCall.running");
        return current != null;
    }

    private void beat(Round round) {
        next = null;
        if (busy != null) {
            return; // its end asks for the next one
        }
        busy = round;
        long beat = beatsUntilNow();
        long beats = Math.max(1, beat - lastBeat);
        lastBeat = beat;
        CompletableFuture<?> run;
        try {
            run = Deferred.of(reactor, work.run(beats));
        } catch (Throwable thrown) {
            over(round, thrown);
            return;
        }
        round.run = run;
        if (round.ended.isDone()) { // cancelled by the run itself
            run.cancel(false);
        }
        var _ = run.whenComplete((_, failure) -> over(round, failure));
    }

    private void over(Round round, @Nullable Throwable failure) {
        busy = null;
        round.run = null;
        if (failure != null && round == current) {
            current = null;
        }
        if (current != null && next == null) {
            scheduleNext(current);
        }
        if (failure != null) {
            round.ended.fail(Deferred.cause(failure));
        } else if (round != current) {
            round.ended.succeed(null);
        }
    }

    private void scheduleNext(Round round) {
        long wait = 0;
        if (intervalNanos > 0) {
            wait = intervalNanos - (reactor.nanoTime() - startedAt) % intervalNanos;
        }
        next = reactor.callLater(Duration.ofNanos(wait), () -> beat(round));
    }

    private long beatsUntilNow() {
        return intervalNanos == 0 ? lastBeat + 1 : (reactor.nanoTime() - startedAt) / intervalNanos;
    }

    private void cancelled(Round round) {
        if (round == current) {
            stop();
        }
        if (round.run != null) {
            round.run.cancel(false);
        }
    }
}
