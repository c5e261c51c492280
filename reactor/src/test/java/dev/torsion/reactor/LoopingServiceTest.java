package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class LoopingServiceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private CompletableFuture<Void> run = CompletableFuture.completedFuture(null);
    private Runnable inRun = () -> {};
    private int runs;
    private final LoopingService service =
            new LoopingService(reactor, LoopingCall.counting(reactor, SECOND, _ -> next()));

    private CompletionStage<Void> next() {
        runs++;
        inRun.run();
        return run;
    }

    @Test
    void beatsWhileItIsStarted() {
        assertThat(service.stop()).isCompleted();
        reactor.advance(SECOND);
        assertThat(runs).isZero();

        assertThat(service.start()).isCompleted();
        reactor.advance(SECOND.multipliedBy(2));
        assertThat(runs).isEqualTo(3);

        assertThat(service.stop()).isCompleted();
        assertThat(service.stop()).isCompleted();
        reactor.advance(SECOND);
        assertThat(runs).isEqualTo(3);
        assertThat(reactor.pendingTimers()).isZero();

        assertThat(service.start()).isCompleted();
        assertThat(runs).isEqualTo(4);
    }

    @Test
    void doesNotStartWhatAnotherHasStarted() {
        LoopingCall running = LoopingCall.counting(reactor, SECOND, _ -> next());
        running.start(false);
        LoopingService second = new LoopingService(reactor, running);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(second.start())
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withMessageContaining("this looping call is running already");
        }
    }

    @Test
    void stopsWhenTheRunThatGoesOnIsOver() {
        run = new CompletableFuture<>();
        service.start();
        CompletionStage<Void> stopped = service.stop();
        assertThat(stopped).isNotDone();

        run.complete(null);
        reactor.runUntilIdle();
        assertThat(stopped).isCompleted();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void mayBeStoppedInItsFirstRun() {
        List<CompletionStage<Void>> stopped = new ArrayList<>();
        inRun = () -> stopped.add(service.stop());
        run = new CompletableFuture<>();
        assertThat(service.start()).isCompleted();
        assertThat(stopped.getFirst()).isNotDone();

        run.complete(null);
        reactor.runUntilIdle();
        assertThat(stopped.getFirst()).isCompleted();
        assertThat(reactor.pendingTimers()).isZero();

        inRun = () -> {};
        assertThat(service.start()).isCompleted();
        reactor.advance(SECOND);
        assertThat(runs).isEqualTo(3);
    }

    @Test
    void logsWhatEndsItsBeatAndBeatsWhenStartedAgain() {
        run = CompletableFuture.failedFuture(new IllegalStateException("as asked"));
        assertThat(
                        Logged.during(() -> {
                            assertThat(service.start()).isCompleted();
                            reactor.advance(SECOND);
                        }))
                .filteredOn(line -> line.endsWith("IllegalStateException: as asked"))
                .hasSize(1);
        assertThat(runs).isEqualTo(1);

        run = CompletableFuture.completedFuture(null);
        assertThat(service.stop()).isCompleted();
        assertThat(service.start()).isCompleted();
        reactor.advance(SECOND);
        assertThat(runs).isEqualTo(3);
    }

    @Test
    void cannotBeStartedTwice() {
        service.start();

        assertThatThrownBy(service.start().toCompletableFuture()::join)
                .hasRootCauseMessage("this looping service is started already");
        reactor.advance(SECOND);
        assertThat(runs).isEqualTo(2);
    }
}
