package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class AsyncSemaphoreTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();
    private final List<Object> held = new ArrayList<>(); // and so no garbage
    private final Map<String, Deferred<String>> works = new LinkedHashMap<>();

    private Supplier<CompletionStage<String>> work(String name) {
        Deferred<String> end = new Deferred<>(reactor, () -> journal.add(name + " taken back"));
        works.put(name, end);
        return () -> {
            journal.add(name + " begins");
            return end;
        };
    }

    private CompletableFuture<String> ask(AsyncSemaphore semaphore, String name) {
        CompletableFuture<String> outcome = semaphore.run(work(name)).toCompletableFuture();
        var _ =
                outcome.whenComplete(
                        (_, failure) -> journal.add(name + (failure == null ? " ends" : " fails")));
        return outcome;
    }

    private void end(String name) {
        requireNonNull(works.get(name)).succeed("done");
    }

    @Test
    void runsSoManyAtOnceAndTheOthersInTheOrderOfAsking() {
        AsyncSemaphore two = new AsyncSemaphore(reactor, 2, 10);
        for (String name : List.of("a", "b", "c", "d")) {
            var _ = ask(two, name);
        }
        assertThat(journal).containsExactly("a begins", "b begins");
        journal.clear();
        end("b");
        assertThat(journal).containsExactly("b ends", "c begins");
        journal.clear();
        end("c");
        end("a");
        end("d");

        assertThat(journal).containsExactly("c ends", "d begins", "a ends", "d ends");
    }

    @Test
    void letsNoMoreWaitForWhatAPieceOfWorkAsksWhenItBegins() {
        AsyncSemaphore two = new AsyncSemaphore(reactor, 2, 0);
        var _ =
                two.run(() -> {
                    var _ = ask(two, "a");
                    var _ = ask(two, "b");
                    return work("outer").get();
                });

        assertThat(journal).containsExactly("b fails", "outer begins", "a begins");
    }

    @Test
    void passesOnResultsAndFailuresAndGoesOn() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 10);
        IOException broken = new IOException("broken");
        var failed = lock.run(() -> Deferred.failed(reactor, broken)).toCompletableFuture();
        var threw =
                lock.run(
                                () -> {
                                    throw new IllegalStateException("thrown");
                                })
                        .toCompletableFuture();
        var result = lock.run(() -> CompletableFuture.completedFuture("it")).toCompletableFuture();

        assertThat(failed.exceptionNow()).isSameAs(broken);
        assertThat(threw.exceptionNow()).hasMessage("thrown");
        assertThat(result).isCompletedWithValue("it");
    }

    @Test
    void tellsAFailureThatNobodySeesOnce() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 10);
        List<String> logged =
                Logged.during(() -> {
                    held.add(lock.run(work("a")));
                    requireNonNull(works.get("a")).fail(new IOException("of the semaphore"));
                    Deferred.reactorEnds(reactor);
                });

        assertThat(logged).filteredOn(line -> line.endsWith(": of the semaphore")).hasSize(1);
    }

    @Test
    void refusesMoreThanMayWait() {
        AsyncSemaphore narrow = new AsyncSemaphore(reactor, 1, 1);
        var _ = ask(narrow, "a");
        var _ = ask(narrow, "b");
        var refused = ask(narrow, "c");
        assertThat(refused.exceptionNow())
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("1 run and 1 wait");
        end("a");
        var _ = ask(narrow, "d");
        end("b");
        end("d");

        assertThat(journal)
                .containsExactly(
                        "a begins",
                        "c fails",
                        "a ends",
                        "b begins",
                        "b ends",
                        "d begins",
                        "d ends");
    }

    @Test
    void letsNobodyWaitIfItIsToldTo() {
        AsyncSemaphore none = new AsyncSemaphore(reactor, 1, 0);
        var _ = ask(none, "a");
        var _ = ask(none, "b");
        end("a");
        var _ = ask(none, "c");

        assertThat(journal).containsExactly("a begins", "b fails", "a ends", "c begins");
    }

    @Test
    void forgetsWhatIsCancelledWhileItWaits() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 2);
        var _ = ask(lock, "a");
        var given = ask(lock, "b");
        var _ = ask(lock, "c");
        given.cancel(false);
        var _ = ask(lock, "d");
        end("a");

        assertThat(journal).containsExactly("a begins", "b fails", "a ends", "c begins");
    }

    @Test
    void takesBackWhatIsCancelledWhileItRunsAndGoesOn() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 2);
        var running = ask(lock, "a");
        var _ = ask(lock, "b");
        running.cancel(false);

        assertThat(journal)
                .containsExactlyInAnyOrder("a begins", "a fails", "a taken back", "b begins");
    }

    @Test
    void takesBackWhatItsOwnWorkCancels() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 2);
        List<CompletableFuture<String>> own = new ArrayList<>();
        var _ = ask(lock, "a");
        Supplier<CompletionStage<String>> work = work("b");
        own.add(
                lock.run(
                                () -> {
                                    own.getFirst().cancel(false);
                                    return work.get();
                                })
                        .toCompletableFuture());
        var _ = ask(lock, "c");
        end("a");

        assertThat(journal)
                .containsExactly("a begins", "a ends", "b begins", "b taken back", "c begins");
    }

    @Test
    void putsWhatItsWorkOrACallbackAsksForAtTheEnd() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 10);
        var _ =
                lock.run(
                                () -> {
                                    var _ = ask(lock, "from work");
                                    return work("a").get();
                                })
                        .thenRun(() -> held.add(ask(lock, "from a callback")));
        var _ = ask(lock, "b");
        end("a");
        end("from work");
        end("b");

        assertThat(journal)
                .containsExactly(
                        "a begins",
                        "from work begins",
                        "from work ends",
                        "b begins",
                        "b ends",
                        "from a callback begins");
    }

    @Test
    void goesThroughAnyNumberOfWorksThatEndAtOnce() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 100_000);
        AtomicInteger ended = new AtomicInteger();
        var _ = ask(lock, "first");
        for (int i = 0; i < 100_000; i++) {
            var _ =
                    lock.run(() -> CompletableFuture.completedFuture(""))
                            .thenRun(ended::incrementAndGet);
        }
        end("first");

        assertThat(ended).hasValue(100_000);
    }

    @Test
    void mayBeAskedFromAnyThread() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, 10);
        var _ =
                reactor.callInThread(() -> {
                    var _ =
                            lock.run(() -> {
                                journal.add("on the loop " + reactor.inLoop());
                                return work("a").get();
                            });
                    return journal.add("off the loop " + !reactor.inLoop());
                });
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("off the loop true", "on the loop true", "a begins");
    }

    @Test
    void isMadeForAtLeastOneAtOnce() {
        assertThatThrownBy(() -> new AsyncSemaphore(reactor, 0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new AsyncSemaphore(reactor, 1, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mayHaveAsManyWaitAsThereCanBe() {
        AsyncSemaphore lock = new AsyncSemaphore(reactor, 1, Integer.MAX_VALUE);

        assertThat(lock.run(() -> CompletableFuture.completedFuture("done")))
                .isCompletedWithValue("done");
    }
}
