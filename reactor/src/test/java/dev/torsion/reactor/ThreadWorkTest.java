package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class ThreadWorkTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();

    private CompletionStage<String> workThatHangs() {
        return reactor.callInThread(() -> {
            try {
                return reactor.await(new CompletableFuture<String>());
            } catch (InterruptedException interrupted) {
                journal.add("interrupted");
                throw interrupted;
            }
        });
    }

    private List<String> loggedWhileItStops() {
        reactor.runUntilIdle();
        return Logged.during(() -> {
            var _ = reactor.stop();
            reactor.advance(Duration.ofMinutes(1));
        });
    }

    @Test
    void isNamedInterruptedAndFailedAtTheShutdownDeadline() {
        CompletionStage<String> work = workThatHangs();
        List<String> logged = loggedWhileItStops();

        assertThat(journal).containsExactly("interrupted");
        assertThat(work.toCompletableFuture().exceptionNow())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the reactor ended before the work did");
        assertThat(reactor.stop().toCompletableFuture()).isCompleted();
        assertThat(logged)
                .singleElement()
                .asString()
                .contains("1 calls in threads had not ended")
                .contains("[" + ThreadWorkTest.class.getName() + ", asked for 10000 ms ago")
                .contains("waits at " + ThreadWorkTest.class.getName());
    }

    @Test
    void isNotBegunAnyMoreOnceTheShutdownDeadlineHasPassed() {
        CompletionStage<String> more =
                workThatHangs().exceptionallyCompose(_ -> reactor.callInThread(() -> "more"));
        reactor.at(
                Phase.AFTER_SHUTDOWN,
                "close the books",
                () -> {
                    journal.add("closed");
                    return null;
                });
        loggedWhileItStops();

        assertThat(journal).containsExactly("interrupted", "closed");
        assertThat(more.toCompletableFuture().exceptionNow())
                .hasMessage("the reactor has ended, or is past its shutdown deadline");
    }

    @Test
    void isNamedTenTimesAtMostHoweverMuchThereIs() {
        List<CompletionStage<String>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(workThatHangs());
        }
        List<String> logged = loggedWhileItStops();

        assertThat(logged).singleElement().asString().contains("100 calls");
        assertThat(logged.getFirst().split("asked for", -1)).hasSize(11);
        assertThat(all)
                .allSatisfy(it -> assertThat(it.toCompletableFuture()).isCompletedExceptionally());
    }

    @Test
    void holdsNothingUpOnceItIsCancelled() {
        CompletionStage<String> work = workThatHangs();
        reactor.runUntilIdle();
        work.toCompletableFuture().cancel(false);
        var _ = reactor.stop();
        reactor.runUntilIdle();

        assertThat(reactor.stop().toCompletableFuture()).isCompleted();
    }

    @Test
    void isLoggedIfItFailsAfterItWasGivenUp() {
        CompletionStage<String> work =
                reactor.callInThread(() -> {
                    try {
                        return reactor.await(new CompletableFuture<String>());
                    } catch (InterruptedException interrupted) {
                        throw new IllegalStateException("it broke on the way");
                    }
                });
        List<String> logged = loggedWhileItStops();

        assertThat(work.toCompletableFuture()).isCompletedExceptionally();
        assertThat(logged).anyMatch(line -> line.contains("it broke on the way"));
    }
}
