package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class InOrderTest {
    private final ManualReactor reactor = new ManualReactor();
    private final MemoryTransport transport = MemoryTransport.connect(reactor, new Protocol() {});
    private final List<String> journal = new ArrayList<>();
    private final List<CompletableFuture<String>> steps = new ArrayList<>();

    /// Asks for work that ends when its step does.
    private CompletableFuture<String> ask(InOrder work, String name) {
        CompletableFuture<String> step = new CompletableFuture<>();
        steps.add(step);
        CompletableFuture<String> outcome =
                work.call(
                                () -> {
                                    journal.add(name + " begins");
                                    return name + " " + step.get();
                                })
                        .toCompletableFuture();
        var _ =
                outcome.whenComplete((result, failure) ->
                        journal.add(failure == null ? result : name + " failed"));
        reactor.runUntilIdle();
        return outcome;
    }

    private void end(int step) {
        steps.get(step).complete("ends");
        reactor.runUntilIdle();
    }

    @Test
    void givesResultsInTheOrderOfAskingWhicheverIsDoneFirst() {
        InOrder work = new InOrder(transport, 3, 10);
        var _ = ask(work, "a");
        var _ = ask(work, "b");
        var _ = ask(work, "c");
        assertThat(journal).containsExactly("a begins", "b begins", "c begins");
        journal.clear();
        end(2);
        end(1);
        assertThat(journal).isEmpty();
        end(0);

        assertThat(journal).containsExactly("a ends", "b ends", "c ends");
    }

    @Test
    void beginsNoMoreAtOnceThanItMay() {
        InOrder work = new InOrder(transport, 1, 10);
        var _ = ask(work, "a");
        var _ = ask(work, "b");
        assertThat(journal).containsExactly("a begins");
        end(0);

        assertThat(journal).contains("a ends", "b begins").doesNotContain("b ends");
    }

    @Test
    void givesAFailureInItsTurn() {
        InOrder work = new InOrder(transport, 2, 10);
        var _ = ask(work, "a");
        var failing = ask(work, "b");
        steps.get(1).completeExceptionally(new IOException("as asked"));
        reactor.runUntilIdle();
        assertThat(failing).isNotDone();
        end(0);

        assertThat(failing.exceptionNow()).hasRootCauseMessage("as asked");
        assertThat(journal).endsWith("a ends", "b failed");
    }

    @Test
    void goesOnWhenNoThreadCanBeHad() {
        boolean[] shortage = {true};
        Reactor failing =
                standIn(
                        Reactor.class,
                        (_, method, arguments) -> {
                            if (method.getName().equals("callInThread") && shortage[0]) {
                                throw new OutOfMemoryError("by the test");
                            }
                            return method.invoke(reactor, arguments);
                        });
        InOrder work = new InOrder(transportOf(failing), 1, 10);
        var refused = ask(work, "a");
        assertThat(refused.exceptionNow()).hasMessageContaining("by the test");
        shortage[0] = false;
        var _ = ask(work, "b");
        end(1);

        assertThat(journal).containsExactly("a failed", "b begins", "b ends");
    }

    @Test
    void pausesReadingWhileMuchIsUnderWay() {
        InOrder work = new InOrder(transport, 2, 4);
        for (String name : List.of("a", "b", "c", "d")) {
            assertThat(transport.isPaused()).isFalse();
            var _ = ask(work, name);
        }
        assertThat(transport.isPaused()).isTrue();
        end(1); // done, but its result is held back
        assertThat(transport.isPaused()).isTrue();
        end(0);

        assertThat(transport.isPaused()).isFalse();
    }

    @Test
    void leavesOutWhatIsCancelled() {
        InOrder work = new InOrder(transport, 1, 10);
        var running = ask(work, "a");
        var waiting = ask(work, "b");
        var _ = ask(work, "c");
        waiting.cancel(false);
        running.cancel(false);
        reactor.runUntilIdle();
        end(2);

        assertThat(journal)
                .containsExactly("a begins", "b failed", "a failed", "c begins", "c ends");
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void givesAllUpWithTheConnection() {
        InOrder work = new InOrder(transport, 1, 2);
        var _ = ask(work, "a");
        var _ = ask(work, "b");
        work.close();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("a begins", "a failed", "b failed");
        assertThatThrownBy(() -> ask(work, "c")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void beginsNothingMoreWhenItIsClosed() {
        List<String> calls = new ArrayList<>();
        Reactor watched =
                standIn(
                        Reactor.class,
                        (_, method, arguments) -> {
                            calls.add(method.getName());
                            return method.invoke(reactor, arguments);
                        });
        InOrder work = new InOrder(transportOf(watched), 1, 9);
        for (String name : List.of("a", "b", "c")) {
            var _ = ask(work, name);
        }
        work.close();
        reactor.runUntilIdle();

        assertThat(calls).containsOnlyOnce("callInThread");
        assertThat(journal).containsExactly("a begins", "a failed", "b failed", "c failed");
    }

    private Transport transportOf(Reactor which) {
        return standIn(
                Transport.class,
                (_, method, arguments) ->
                        method.getName().equals("reactor")
                                ? which
                                : method.invoke(transport, arguments));
    }

    private static <T> T standIn(Class<T> type, InvocationHandler how) {
        ClassLoader loader = InOrderTest.class.getClassLoader();
        return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, how));
    }

    @Test
    void belongsToTheLoop() {
        InOrder work = new InOrder(transport, 1, 2);
        var outcome = reactor.callInThread(() -> work.call(() -> "")).toCompletableFuture();
        reactor.runUntilIdle();

        assertThat(outcome.exceptionNow()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void keepsTheOrderWhenAResultAsksForMore() {
        InOrder work = new InOrder(transport, 3, 10);
        List<String> sent = new ArrayList<>();
        CompletableFuture<String> one = new CompletableFuture<>();
        CompletableFuture<String> two = new CompletableFuture<>();
        var _ =
                work.call(one::get)
                        .whenComplete((_, _) -> {
                            var _ = work.call(() -> "three").thenAccept(sent::add);
                        })
                        .thenAccept(sent::add);
        var _ = work.call(two::get).thenAccept(sent::add);
        reactor.runUntilIdle();
        two.complete("two");
        reactor.runUntilIdle();
        one.complete("one");
        reactor.runUntilIdle();

        assertThat(sent).containsExactly("one", "two", "three");
    }

    @Test
    void beginsNothingInPlaceOfWorkThatDoesNotHeedItsInterrupt() {
        InOrder work = new InOrder(transport, 1, 10);
        CompletableFuture<String> step = new CompletableFuture<>();
        var stubborn =
                work.call(
                                () -> {
                                    journal.add("a begins");
                                    step.join(); // which no interrupt ends
                                    return journal.add("a ends");
                                })
                        .toCompletableFuture();
        reactor.runUntilIdle();
        stubborn.cancel(false);
        var next = ask(work, "b");
        assertThat(journal).containsExactly("a begins");
        step.complete("");
        reactor.runUntilIdle();
        assertThat(journal).containsExactly("a begins", "a ends", "b begins");
        end(0);

        assertThat(next).isCompletedWithValue("b ends");
    }
}
