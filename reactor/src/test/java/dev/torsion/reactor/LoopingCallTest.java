package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class LoopingCallTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();
    private CompletableFuture<Void> run = new CompletableFuture<>();

    /// Notes the time in milliseconds and the beats, and is over when `run` is.
    private CompletionStage<?> slowWork(long beats) {
        note(beats);
        run = new CompletableFuture<>();
        return run;
    }

    private void note(long beats) {
        journal.add(reactor.nanoTime() / 1_000_000 + " ms, " + beats);
    }

    private LoopingCall slow() {
        return LoopingCall.counting(reactor, SECOND, this::slowWork);
    }

    private LoopingCall quick() {
        return LoopingCall.of(reactor, SECOND, () -> note(1));
    }

    @Test
    void runsAtOnceAndThenAtEveryBeat() {
        quick().start(true);
        reactor.advance(Duration.ofMillis(2500));
        assertThat(journal).containsExactly("0 ms, 1", "1000 ms, 1", "2000 ms, 1");
    }

    @Test
    void mayHaveAnIntervalThatNobodyLivesToSeeTheEndOf() {
        var call = LoopingCall.of(reactor, Duration.ofSeconds(Long.MAX_VALUE), () -> note(1));
        call.start(true);
        reactor.advance(Duration.ofDays(365));
        assertThat(journal).containsExactly("0 ms, 1");
        assertThat(call.running()).isTrue();
    }

    @Test
    void runsAnIntervalLaterIfNotNow() {
        quick().start(false);
        reactor.advance(Duration.ofMillis(2500));
        assertThat(journal).containsExactly("1000 ms, 1", "2000 ms, 1");
    }

    @Test
    void neverOverlapsAndRealignsAndTellsWhatWasSkipped() {
        slow().start(true);
        reactor.advance(Duration.ofMillis(2500));
        run.complete(null);
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("0 ms, 1", "3000 ms, 3");
    }

    @Test
    void countsOneBeatAfterARunThatEndedInTime() {
        slow().start(false);
        reactor.advance(SECOND);
        reactor.advance(Duration.ofMillis(400));
        run.complete(null);
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("1000 ms, 1", "2000 ms, 1");
    }

    @Test
    void isEndedByAnExceptionWhichFailsItsStage() {
        LoopingCall call =
                LoopingCall.of(
                        reactor,
                        SECOND,
                        () -> {
                            throw new IllegalStateException("broken");
                        });
        CompletionStage<Void> ended = call.start(false);
        reactor.advance(SECOND);
        assertThat(ended).isCompletedExceptionally();
        assertThatThrownBy(ended.toCompletableFuture()::join).hasRootCauseMessage("broken");
        assertThat(call.running()).isFalse();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void isEndedByAFailedRun() {
        CompletionStage<Void> ended = slow().start(true);
        run.completeExceptionally(new IllegalStateException("broken"));
        reactor.advance(SECOND);
        assertThatThrownBy(ended.toCompletableFuture()::join).hasRootCauseMessage("broken");
        assertThat(journal).hasSize(1);
    }

    @Test
    void completesItsStageWhenStopped() {
        LoopingCall call = quick();
        CompletionStage<Void> ended = call.start(true);
        assertThat(ended).isNotDone();
        call.stop();
        call.stop();
        assertThat(ended).isCompleted();
        reactor.advance(SECOND);
        assertThat(journal).hasSize(1);
    }

    @Test
    void stoppedDuringARunIsOverWhenThatIs() {
        LoopingCall call = slow();
        CompletionStage<Void> ended = call.start(true);
        call.stop();
        assertThat(ended).isNotDone();
        run.complete(null);
        assertThat(ended).isCompleted();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void mayStopItself() {
        LoopingCall[] self = new LoopingCall[1];
        self[0] = LoopingCall.of(reactor, SECOND, () -> self[0].stop());
        CompletionStage<Void> ended = self[0].start(false);
        reactor.advance(SECOND);
        assertThat(ended).isCompleted();
    }

    @Test
    void mayBeStartedAgainWhileTheLastRunGoesOn() {
        LoopingCall call = slow();
        CompletionStage<Void> first = call.start(true);
        CompletableFuture<Void> firstRun = run;
        call.stop();
        CompletionStage<Void> second = call.start(false);
        firstRun.complete(null);
        assertThat(first).isCompleted();
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("0 ms, 1", "1000 ms, 1");
        assertThat(second).isNotDone();
    }

    @Test
    void neverOverlapsARunFromBeforeItWasStopped() {
        LoopingCall call = slow();
        CompletionStage<Void> first = call.start(true);
        CompletableFuture<Void> firstRun = run;
        call.stop();
        call.start(true);
        reactor.advance(Duration.ofMillis(2500));
        assertThat(journal).containsExactly("0 ms, 1");
        firstRun.complete(null);
        assertThat(first).isCompleted();
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("0 ms, 1", "3000 ms, 4");
    }

    @Test
    void isOverAtOnceWhenItIsStoppedWhileItWaitsForARunFromBefore() {
        LoopingCall call = slow();
        CompletionStage<Void> first = call.start(true);
        call.stop();
        CompletionStage<Void> second = call.start(true);
        call.stop();
        assertThat(second).isCompleted();
        assertThat(first).isNotDone();
        run.complete(null);
        assertThat(first).isCompleted();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void isStoppedByCancellingItsStage() {
        LoopingCall call = quick();
        call.start(true).toCompletableFuture().cancel(false);
        reactor.runUntilIdle();
        assertThat(call.running()).isFalse();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void cancelsTheRunThatGoesOnWhenItsStageIsCancelled() {
        slow().start(true).toCompletableFuture().cancel(false);
        assertThat(run).isCancelled();
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("0 ms, 1");
    }

    @Test
    void beatsAnewAfterAReset() {
        LoopingCall call = quick();
        call.start(true);
        reactor.advance(Duration.ofMillis(600));
        call.reset();
        reactor.advance(SECOND);
        assertThat(journal).containsExactly("0 ms, 1", "1600 ms, 1");
    }

    @Test
    void withoutAnIntervalRunsInEveryTurn() {
        LoopingCall[] self = new LoopingCall[1];
        self[0] =
                LoopingCall.counting(
                        reactor,
                        Duration.ZERO,
                        beats -> {
                            note(beats);
                            if (journal.size() == 3) {
                                self[0].stop();
                            }
                            return CompletableFuture.completedFuture(null);
                        });
        self[0].start(true);
        reactor.runUntilIdle();
        assertThat(journal).containsExactly("0 ms, 1", "0 ms, 1", "0 ms, 1");
    }

    @Test
    void cannotBeStartedTwice() {
        LoopingCall call = quick();
        call.start(true);
        assertThatThrownBy(() -> call.start(true)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hasNoNegativeInterval() {
        assertThatThrownBy(() -> LoopingCall.of(reactor, Duration.ofMillis(-1), () -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cancelsTheRunThatHasCancelledItsStageItself() {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        LoopingCall call =
                LoopingCall.counting(
                        reactor,
                        SECOND,
                        beats -> {
                            ended.getFirst().cancel(false);
                            return slowWork(beats);
                        });
        ended.add(call.start(false).toCompletableFuture());
        reactor.advance(SECOND);

        assertThat(run).isCancelled();
    }
}
