package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DeferredTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();
    private final Collector collector = new Collector();
    private final Unhandled unhandled =
            new Unhandled(collector, failure -> journal.add("unhandled: " + failure.getMessage()));

    /// Finds that all is garbage when it is told to.
    private static final class Collector implements Unhandled.Collection {
        private final List<Runnable> whenGone = new ArrayList<>();

        @Override
        public Cleaner.Cleanable register(Object object, Runnable action) {
            whenGone.add(action);
            return () -> {
                if (whenGone.remove(action)) {
                    action.run();
                }
            };
        }

        void collectAll() {
            List.copyOf(whenGone).forEach(Runnable::run);
            whenGone.clear();
        }
    }

    /// A stage whose work says when it is taken back.
    private Deferred<String> work(String name) {
        return new Deferred<>(
                reactor, Loops.on(reactor), () -> journal.add(name + " taken back"), unhandled);
    }

    private static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
        return stage.toCompletableFuture();
    }

    // ---- whose it is ----

    @Test
    void cannotBeCompletedByWhoeverReceivesIt() {
        CompletableFuture<String> received = future(work("a"));
        CompletableFuture<String> there = CompletableFuture.completedFuture("there");

        Stream.<Runnable>of(
                        () -> received.complete("mine"),
                        () -> received.completeExceptionally(new IOException()),
                        () -> received.completeAsync(() -> "mine"),
                        () -> received.obtrudeValue("mine"),
                        () -> received.obtrudeException(new IOException()),
                        () -> received.thenApply(it -> it).complete("mine"),
                        () -> received.applyToEither(there, it -> it).complete("mine"))
                .forEach(attempt ->
                        assertThatThrownBy(attempt::run)
                                .isInstanceOf(UnsupportedOperationException.class));
        assertThat(received).isNotDone();
    }

    @Test
    void passesTheResultOn() {
        Deferred<String> work = work("a");
        var derived =
                future(
                        work.thenApply(String::length)
                                .thenCompose(it -> Deferred.succeeded(reactor, it + 1))
                                .thenCombine(Deferred.succeeded(reactor, 10), Integer::sum));
        work.succeed("four");

        assertThat(derived).isCompletedWithValue(15);
    }

    // ---- where callbacks run ----

    @Test
    void callsBackOnTheLoopWhoeverCompletesIt() {
        Deferred<String> work = work("a");
        Deferred<String> early = Deferred.succeeded(reactor, "early");
        var _ =
                reactor.callInThread(() -> {
                    var _ = early.thenAccept(it -> journal.add(it + " " + reactor.inLoop()));
                    var _ = work.thenAccept(it -> journal.add(it + " " + reactor.inLoop()));
                    work.succeed("late");
                    return journal.add("in the thread " + reactor.inLoop());
                });
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("in the thread false", "early true", "late true");
    }

    @Test
    void callsBackWhenTheLoopHasEnded() {
        Deferred<String> work = work("a");
        reactor.stop();
        reactor.runUntilIdle();
        var _ = work.thenAccept(journal::add).thenRun(() -> journal.add("and on"));
        work.succeed("all the same");

        assertThat(journal).containsExactly("all the same", "and on");
    }

    @Test
    void refusesToBlockTheLoopThatCompletesIt() {
        var work = future(work("a"));

        assertThatThrownBy(work::join)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("callInThread");
        assertThatThrownBy(work::get).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> reactor.await(work)).isInstanceOf(IllegalStateException.class);
    }

    // ---- cancelling ----

    static Stream<Function<CompletionStage<String>, CompletionStage<?>>> derivations() {
        CompletableFuture<String> never = new CompletableFuture<>();
        var _ = never.thenRun(() -> {}); // somebody waits for it
        return Stream.of(
                it -> it.thenApply(String::length),
                it -> it.thenApplyAsync(String::length),
                it -> it.thenApplyAsync(String::length, Runnable::run),
                it -> it.thenAccept(_ -> {}),
                it -> it.thenRun(() -> {}),
                it -> it.thenCombine(never, String::concat),
                it -> it.thenAcceptBoth(never, (_, _) -> {}),
                it -> it.runAfterBoth(never, () -> {}),
                it -> it.applyToEither(never, String::length),
                it -> it.acceptEither(never, _ -> {}),
                it -> it.runAfterEither(never, () -> {}),
                it -> it.thenCompose(CompletableFuture::completedFuture),
                it -> it.whenComplete((_, _) -> {}),
                it -> it.handle((_, _) -> 1),
                it -> it.exceptionally(_ -> ""),
                it -> it.exceptionallyCompose(CompletableFuture::failedFuture),
                it -> it.toCompletableFuture().copy(),
                it -> it.thenApply(String::length).thenApply(Math::abs).thenRun(() -> {}));
    }

    @ParameterizedTest
    @MethodSource("derivations")
    void isTakenBackWhenWhatIsDerivedFromItIsCancelled(
            Function<CompletionStage<String>, CompletionStage<?>> derive) {
        Deferred<String> work = work("work");
        CompletableFuture<?> derived = future(derive.apply(work));

        assertThat(derived.cancel(true)).isTrue();
        assertThat(derived).isCancelled();
        assertThat(journal).containsExactly("work taken back");
        assertThat(work).isCancelled();
    }

    @Test
    void isLeftAloneWhileAnotherWaits() {
        Deferred<String> work = work("work");
        var one = future(work.thenApply(String::length));
        var other = future(work.thenAccept(journal::add));

        one.cancel(false);
        assertThat(work).isNotDone();
        other.cancel(false);
        assertThat(journal).containsExactly("work taken back");
    }

    @Test
    void isLeftAloneWhileAThreadWaits() {
        Deferred<String> work = work("work");
        var waiting = future(reactor.callInThread(() -> reactor.await(work)));
        reactor.runUntilIdle();
        future(work.thenApply(String::length)).cancel(false);
        assertThat(work).isNotDone();
        work.succeed("done");
        reactor.runUntilIdle();

        assertThat(waiting).isCompletedWithValue("done");
    }

    @Test
    void cancelsTheStageThatACompositionWaitsFor() {
        Deferred<String> first = work("first");
        Deferred<String> second = work("second");
        var composed = future(first.thenCompose(_ -> second));
        first.succeed("done");

        composed.cancel(false);
        assertThat(journal).containsExactly("second taken back");
        assertThat(second).isCancelled();
    }

    @Test
    void leavesTheStageOfACompositionToOthersWhoWaitForIt() {
        Deferred<String> second = work("second");
        var composed = future(Deferred.succeeded(reactor, "").thenCompose(_ -> second));
        var other = future(second.thenAccept(journal::add));

        composed.cancel(false);
        assertThat(second).isNotDone();
        second.succeed("heard");
        assertThat(journal).containsExactly("heard");
        assertThat(other).isCompleted();
    }

    @Test
    void cancelsAForeignFutureThatNobodyElseWaitsFor() {
        CompletableFuture<String> alone = new CompletableFuture<>();
        CompletableFuture<String> shared = new CompletableFuture<>();
        var _ = shared.thenAccept(journal::add);

        future(Deferred.of(reactor, alone)).cancel(false);
        future(Deferred.of(reactor, shared)).cancel(false);
        future(Deferred.of(reactor, shared.minimalCompletionStage())).cancel(false);
        assertThat(alone).isCancelled();
        assertThat(shared).isNotDone();
    }

    @Test
    void cancelsBothThatItWaitsFor() {
        var both = future(work("one").thenCombine(work("other"), String::concat));
        both.cancel(false);

        assertThat(journal).containsExactlyInAnyOrder("one taken back", "other taken back");
    }

    @Test
    void isNoLongerWaitedForByWhatTheOtherCompleted() {
        Deferred<String> one = work("one");
        Deferred<String> other = work("other");
        var _ = one.applyToEither(other, it -> it);
        var also = future(other.thenAccept(journal::add));
        one.succeed("first");

        also.cancel(false);
        assertThat(journal).containsExactly("other taken back");
    }

    /// So deep in callbacks that a stage given up is not taken back at once.
    @Test
    void isLeftAloneIfSomebodyBeginsToWaitBeforeItIsTakenBack() {
        Deferred<String> head = work("head");
        CompletionStage<Void> chain = head.thenRun(() -> {});
        List<Deferred<String>> waitedFor = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Deferred<String> work = work("work");
            var givenUp = future(work.thenApply(String::length));
            chain =
                    chain.thenRun(() -> {
                        givenUp.cancel(false);
                        if (!work.isDone()) {
                            var _ = work.thenAccept(journal::add);
                            waitedFor.add(work);
                        }
                    });
        }
        head.succeed("");

        assertThat(waitedFor).isNotEmpty().allSatisfy(it -> assertThat(it).isNotDone());
        waitedFor.forEach(it -> it.succeed("heard"));
        assertThat(journal.stream().filter("heard"::equals)).hasSameSizeAs(waitedFor);
    }

    @Test
    void endsTheWaitAloneWhereNothingCanBeTakenBack() {
        Deferred<String> firm = new Deferred<>(reactor);
        var derived = future(firm.thenApply(String::length));

        derived.cancel(false);
        assertThat(derived).isCancelled();
        assertThat(firm).isNotDone();
    }

    @Test
    void takesBackOnTheLoop() {
        Deferred<String> work =
                new Deferred<>(reactor, () -> journal.add("on the loop " + reactor.inLoop()));
        var _ = reactor.callInThread(() -> work.cancel(false));
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("on the loop true");
    }

    @Test
    void takesNothingBackOnceItIsComplete() {
        Deferred<String> work = work("work");
        work.succeed("done");

        assertThat(work.cancel(false)).isFalse();
        assertThat(journal).isEmpty();
    }

    @Test
    void isCancelledWhenItsTimeIsOver() {
        Deferred<String> work = work("work");
        var derived = future(work.thenApply(String::length)).orTimeout(5, TimeUnit.SECONDS);
        reactor.advance(Duration.ofSeconds(4));
        assertThat(work).isNotDone();
        reactor.advance(Duration.ofSeconds(1));

        assertThat(journal).containsExactly("work taken back");
        assertThat(derived.exceptionNow())
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("PT5S");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void hasAnotherResultWhenItsTimeIsOver() {
        Deferred<String> late = work("late");
        var derived = future(late).completeOnTimeout("none", 5, TimeUnit.SECONDS);
        reactor.advance(Duration.ofSeconds(5));

        assertThat(derived).isCompletedWithValue("none");
        assertThat(journal).containsExactly("late taken back");
    }

    @Test
    void leavesNoTimerBehindWhenItIsInTime() {
        Deferred<String> work = work("work");
        var timed = future(work).orTimeout(5, TimeUnit.SECONDS);
        assertThat(reactor.pendingTimers()).isOne();
        work.succeed("done");

        assertThat(reactor.pendingTimers()).isZero();
        assertThat(timed).isCompletedWithValue("done");
    }

    // ---- failures ----

    @Nested
    class FailuresThatNobodySees {
        private void collect() {
            collector.collectAll();
        }

        @Test
        void areTold() {
            work("a").fail(new IOException("broken"));
            collect();

            assertThat(journal).containsExactly("unhandled: broken");
        }

        @Test
        void areToldOnceHoweverManyStagesTheyWentThrough() {
            Deferred<String> work = work("a");
            var _ = work.thenApply(String::length).thenAccept(_ -> {});
            var _ = work.thenRun(() -> {});
            work.fail(new IOException("broken"));
            collect();

            assertThat(journal).containsExactly("unhandled: broken");
        }

        @Test
        void areWhatACallbackThrewToo() {
            Deferred<String> work = work("a");
            var _ =
                    work.thenAccept(it -> {
                        throw new IllegalStateException("thrown for " + it);
                    });
            work.succeed("it");
            collect();

            assertThat(journal).containsExactly("unhandled: thrown for it");
        }

        @Test
        void areWhatAHandlerThrewToo() {
            Deferred<String> good = work("a");
            Deferred<String> bad = work("b");
            var _ =
                    good.whenComplete((_, _) -> {
                        throw new IllegalStateException("thrown after a result");
                    });
            var _ =
                    bad.handle((_, _) -> {
                        throw new IllegalStateException("thrown after a failure");
                    });
            good.succeed("");
            bad.fail(new IOException("broken"));
            collect();

            assertThat(journal)
                    .containsExactlyInAnyOrder(
                            "unhandled: thrown after a result",
                            "unhandled: thrown after a failure");
        }

        @Test
        void areNotThoseThatAHandlerSaw() {
            for (Function<Deferred<String>, CompletionStage<?>> handled :
                    List.<Function<Deferred<String>, CompletionStage<?>>>of(
                            it -> it.whenComplete((_, _) -> {}),
                            it -> it.whenComplete((_, _) -> {}).thenRun(() -> {}),
                            it -> it.handle((_, _) -> ""),
                            it -> it.exceptionally(_ -> ""),
                            it -> it.exceptionallyCompose(_ -> work("never")),
                            it -> it.thenRun(() -> {}).exceptionally(_ -> null),
                            it ->
                                    Deferred.succeeded(reactor, "")
                                            .thenCompose(_ -> it)
                                            .exceptionally(_ -> ""))) {
                Deferred<String> before = work("a");
                var _ = handled.apply(before);
                before.fail(new IOException("broken"));
                Deferred<String> after = work("b");
                after.fail(new IOException("broken"));
                var _ = handled.apply(after);
            }
            collect();

            assertThat(journal).isEmpty();
        }

        @Test
        void areNotThoseThatAHandlerSawOnAnotherBranch() {
            Deferred<String> work = work("a");
            var _ = work.thenAccept(journal::add);
            var _ = work.exceptionally(_ -> "");
            work.fail(new IOException("broken"));
            collect();

            assertThat(journal).isEmpty();
        }

        @Test
        void areNotThoseThatAThreadSaw() {
            Deferred<String> work = work("a");
            work.fail(new IOException("broken"));

            assertThatThrownBy(work::join)
                    .isInstanceOf(CompletionException.class)
                    .hasRootCauseMessage("broken");
            collect();
            assertThat(journal).isEmpty();
        }

        @Test
        void areNotThoseThatWhoeverAskedWasGiven() {
            for (Consumer<CompletableFuture<String>> asks :
                    List.<Consumer<CompletableFuture<String>>>of(
                            it ->
                                    assertThatThrownBy(() -> it.getNow(""))
                                            .hasRootCauseMessage("broken"),
                            it -> assertThat(it.exceptionNow()).hasMessage("broken"),
                            it -> assertThat(it.isCompletedExceptionally()).isTrue(),
                            it -> assertThatThrownBy(it::get).hasRootCauseMessage("broken"))) {
                Deferred<String> work = work("a");
                work.fail(new IOException("broken"));
                asks.accept(future(work));
            }
            collect();

            assertThat(journal).isEmpty();
        }

        @Test
        void areToldThoughSomebodyHasTheStageAsAFutureOrAskedTooEarly() {
            Deferred<String> work = work("a");
            assertThat(future(work).getNow("not yet")).isEqualTo("not yet");
            assertThat(future(work).isCompletedExceptionally()).isFalse();
            assertThat(future(work).minimalCompletionStage()).isNotNull();
            work.fail(new IOException("broken"));
            assertThat(future(work).isDone()).isTrue();
            assertThat(future(work).cancel(false)).isFalse();
            collect();

            assertThat(journal).containsExactly("unhandled: broken");
        }

        @Test
        void areToldOnceThoughTheStageHasALimitOfTime() {
            Deferred<String> work = work("a");
            var _ = future(work).orTimeout(5, TimeUnit.SECONDS);
            Deferred<String> source = work("b");
            var _ = future(source.thenApply(String::length)).orTimeout(5, TimeUnit.SECONDS);
            work.fail(new IOException("broken"));
            source.fail(new IOException("broken at its source"));
            reactor.advance(Duration.ofSeconds(5));
            collect();

            assertThat(journal)
                    .containsExactlyInAnyOrder(
                            "unhandled: broken", "unhandled: broken at its source");
        }

        @Test
        void areTimeoutsToo() {
            var _ = future(work("a")).orTimeout(5, TimeUnit.SECONDS);
            var _ = future(work("b").thenApply(String::length)).orTimeout(6, TimeUnit.SECONDS);
            reactor.advance(Duration.ofSeconds(6));
            collect();

            assertThat(journal)
                    .containsExactlyInAnyOrder(
                            "a taken back",
                            "b taken back",
                            "unhandled: not completed within PT5S",
                            "unhandled: not completed within PT6S");
        }

        @Test
        void areNotTimeoutsThatAHandlerSaw() {
            var timed = future(work("a")).orTimeout(5, TimeUnit.SECONDS);
            var _ = timed.exceptionally(_ -> "");
            reactor.advance(Duration.ofSeconds(5));
            collect();

            assertThat(journal).containsExactly("a taken back");
        }

        @Test
        void areThoseThatComeWhenWhoeverWaitedHasGivenUp() {
            Deferred<String> firm = new Deferred<>(reactor, Loops.on(reactor), null, unhandled);
            var _ =
                    future(firm.thenApply(String::length))
                            .completeOnTimeout(0, 5, TimeUnit.SECONDS);
            Deferred<String> late = work("late");
            var waited =
                    future(reactor.callInThread(() -> late.get(0, TimeUnit.NANOSECONDS)))
                            .exceptionally(failure -> Deferred.cause(failure).getClass().getName());
            reactor.advance(Duration.ofSeconds(5));
            firm.fail(new IOException("after the time to wait"));
            late.fail(new IOException("after the wait in a thread"));
            collect();

            assertThat(waited).isCompletedWithValue(TimeoutException.class.getName());
            assertThat(journal)
                    .containsExactly(
                            "unhandled: after the time to wait",
                            "unhandled: after the wait in a thread");
        }

        @Test
        void areThoseThatComeWhenTheOtherOfTwoWasFirst() {
            for (BiFunction<Deferred<String>, Deferred<String>, CompletionStage<?>> either :
                    List.<BiFunction<Deferred<String>, Deferred<String>, CompletionStage<?>>>of(
                            (one, other) -> one.applyToEither(other, it -> it),
                            (one, other) -> one.acceptEither(other, _ -> {}),
                            (one, other) -> one.runAfterEither(other, () -> {}))) {
                Deferred<String> first = work("first");
                Deferred<String> late = work("late");
                var _ = either.apply(first, late);
                first.succeed("");
                late.fail(new IOException("the other"));
                Deferred<String> lateOne = work("late");
                Deferred<String> firstOther = work("first");
                var _ = either.apply(lateOne, firstOther);
                firstOther.succeed("");
                lateOne.fail(new IOException("the one"));
            }
            collect();

            assertThat(journal)
                    .containsExactly(
                            "unhandled: the other",
                            "unhandled: the one",
                            "unhandled: the other",
                            "unhandled: the one",
                            "unhandled: the other",
                            "unhandled: the one");
        }

        @Test
        void areThoseOfTheOtherOfTwoThatCameBeforeTheFirstWasLookedAt() {
            for (BiFunction<Deferred<String>, Deferred<String>, CompletionStage<?>> two :
                    List.<BiFunction<Deferred<String>, Deferred<String>, CompletionStage<?>>>of(
                            (one, other) -> one.applyToEither(other, it -> it),
                            (one, other) -> one.acceptEither(other, _ -> {}),
                            (one, other) -> one.runAfterEither(other, () -> {}))) {
                Deferred<String> first = work("first");
                Deferred<String> other = work("other");
                first.succeed("");
                other.fail(new IOException("the other"));
                var _ = two.apply(first, other);
            }
            collect();

            assertThat(journal)
                    .containsExactly(
                            "unhandled: the other", "unhandled: the other", "unhandled: the other");
        }

        @Test
        void areBothOfTwoThatAreWantedTogether() {
            Deferred<String> one = work("one");
            Deferred<String> other = work("other");
            var _ = one.thenCombine(other, String::concat);
            one.fail(new IOException("the one"));
            other.fail(new IOException("the other"));
            collect();

            assertThat(journal)
                    .containsExactlyInAnyOrder("unhandled: the one", "unhandled: the other");
        }

        @Test
        void areThoseThatCameBeforeWhoeverWaitsGivesUp() {
            Deferred<String> work = work("a");
            CompletableFuture<String> never = new CompletableFuture<>();
            var both = work.thenCombine(never, String::concat);
            work.fail(new IOException("broken"));
            both.cancel(false);
            collect();

            assertThat(journal).containsExactly("unhandled: broken");
        }

        @Test
        void areNotThoseOfStagesThatAForeignOneDependsOn() {
            for (Function<Deferred<String>, CompletableFuture<?>> depend :
                    List.<Function<Deferred<String>, CompletableFuture<?>>>of(
                            it -> CompletableFuture.completedFuture("").thenCompose(_ -> it),
                            it -> new CompletableFuture<>().thenCombine(it, (_, _) -> ""),
                            it -> new CompletableFuture<String>().applyToEither(it, _ -> ""),
                            it ->
                                    CompletableFuture.<String>failedFuture(new IOException())
                                            .exceptionallyCompose(_ -> it))) {
                Deferred<String> before = work("a");
                var _ = depend.apply(before);
                before.fail(new IOException("broken"));
                Deferred<String> after = work("b");
                after.fail(new IOException("broken"));
                var _ = depend.apply(after);
            }
            collect();

            assertThat(journal).isEmpty();
        }

        @Test
        void areToldThoughAllOfHandsThemOn() {
            Deferred<String> work = work("a");
            var all = CompletableFuture.allOf(future(work), future(work("b")));
            work.fail(new IOException("broken"));
            collect();

            assertThat(all).isNotDone();
            assertThat(journal).containsExactly("unhandled: broken");
        }

        @Test
        void areToldOnceWhenTheirReactorEndsThoughSomebodyHasTheStage() {
            Deferred<String> held = work("a");
            var derived = held.thenApply(String::length);
            held.fail(new IOException("broken"));
            unhandled.reactorEnds(reactor);
            unhandled.reactorEnds(reactor);
            collect();

            assertThat(journal).containsExactly("unhandled: broken");
            assertThat(derived).isCompletedExceptionally();
        }

        @Test
        void areNotToldWhenAnotherReactorEndsOrSomebodyHasLooked() {
            Deferred<String> seen = work("a");
            seen.fail(new IOException("seen"));
            var _ = seen.exceptionally(_ -> "");
            work("b").fail(new IOException("of another"));
            unhandled.reactorEnds(new ManualReactor());

            assertThat(journal).isEmpty();
            unhandled.reactorEnds(reactor);
            assertThat(journal).containsExactly("unhandled: of another");
        }

        @Test
        void areForgottenWhenTheyAreSeenOrGone() {
            for (int i = 0; i < 10; i++) {
                work("succeeds").succeed("");
                Deferred<String> seen = work("seen");
                seen.fail(new IOException("seen"));
                var _ = seen.exceptionNow();
                work("gone").fail(new IOException("gone"));
            }
            assertThat(unhandled.watched()).isEqualTo(10);
            collect();

            assertThat(unhandled.watched()).isZero();
        }

        @Test
        void areNotCancellations() {
            Deferred<String> work = work("a");
            var _ = work.thenApply(String::length);
            work.cancel(false);
            collect();

            assertThat(journal).containsExactly("a taken back");
        }
    }

    @Test
    void endsThoughItsCauseCannotSayWhatItIs() {
        var unspeakable =
                new CompletionException("broken", null) {
                    @Override
                    public String getMessage() {
                        throw new UnsupportedOperationException("not even that");
                    }

                    @Override
                    public synchronized Throwable getCause() {
                        throw new UnsupportedOperationException("not even that");
                    }
                };
        Deferred<String> work = work("a");
        CompletableFuture<Throwable> seen =
                work.thenApply(String::length)
                        .handle((_, failure) -> Deferred.cause(failure))
                        .toCompletableFuture();
        work.fail(unspeakable);
        Deferred<String> givenUp = work("b");
        givenUp.cancel(false);
        List<String> logged = Logged.during(() -> givenUp.fail(unspeakable));

        assertThat(Deferred.cause(unspeakable)).isSameAs(unspeakable);
        assertThat(Deferred.cause(new CompletionException("it", unspeakable)))
                .isSameAs(unspeakable);
        assertThat(seen).isCompletedWithValue(unspeakable);
        assertThat(logged).anyMatch(line -> line.contains("what was given up failed"));
    }

    @Test
    void saysNothingOfAFailureThatIsNoNewsOnceItWasGivenUp() {
        Deferred<String> givenUp = work("a");
        givenUp.cancel(false);
        Deferred<String> awaited = work("b");
        List<String> logged =
                Logged.during(() -> {
                    givenUp.failUnlessGivenUp(new IOException("late"));
                    awaited.failUnlessGivenUp(new IOException("in time"));
                });

        assertThat(logged).isEmpty();
        assertThat(givenUp).isCancelled();
        assertThat(awaited.exceptionNow()).hasMessage("in time");
    }

    @Test
    @Timeout(60)
    void tellsAFailureWhenTheGarbageCollectorFindsIt() {
        List<Throwable> told = new CopyOnWriteArrayList<>();
        Unhandled real = new Unhandled(Cleaner.create()::register, told::add);
        new Deferred<>(reactor, Loops.on(reactor), null, real).fail(new IOException("broken"));
        while (told.isEmpty()) {
            System.gc();
            Thread.onSpinWait();
        }

        assertThat(told).singleElement().isInstanceOf(IOException.class);
    }

    // ---- waiting in a thread ----

    @Test
    void isAwaitedInAThread() {
        Deferred<String> work = work("a");
        var outcome = future(reactor.callInThread(() -> "got " + reactor.await(work)));
        reactor.callLater(Duration.ofSeconds(1), () -> work.succeed("it"));
        reactor.advance(Duration.ofSeconds(1));

        assertThat(outcome).isCompletedWithValue("got it");
    }

    @Test
    void throwsWhatItFailedWithWhereItIsAwaited() {
        Deferred<String> work = work("a");
        IOException failure = new IOException("broken");
        var outcome =
                future(
                        reactor.callInThread(() -> {
                            try {
                                return reactor.await(work.thenApply(String::length));
                            } catch (IOException caught) {
                                return caught;
                            }
                        }));
        work.fail(failure);
        reactor.runUntilIdle();

        assertThat(outcome.resultNow()).isSameAs(failure);
    }

    @Test
    void isTakenBackWhenTheThreadThatAwaitsItIsInterrupted() {
        Deferred<String> work = work("work");
        var outcome = future(reactor.callInThread(() -> reactor.await(work)));
        reactor.runUntilIdle();
        outcome.cancel(false);
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("work taken back");
        assertThat(reactor.failures()).isEmpty();
    }

    // ---- many ----

    private static final int MANY = 100_000;

    @Test
    void runsChainsOfAnyLength() {
        Deferred<Integer> head = new Deferred<>(reactor);
        CompletableFuture<Integer> tail = head;
        for (int i = 0; i < MANY; i++) {
            tail = tail.thenApply(n -> n + 1);
        }
        head.succeed(0);

        assertThat(tail).isCompletedWithValue(MANY);
    }

    @Test
    void takesBackChainsOfAnyLength() {
        List<String> taken = new ArrayList<>();
        CompletableFuture<?> tail = new Deferred<>(reactor, () -> taken.add("back"));
        for (int i = 0; i < MANY; i++) {
            tail = tail.thenRun(() -> taken.add("run"));
        }
        tail.cancel(false);

        assertThat(taken).containsExactly("back");
    }

    @Test
    void waitsForStagesWithinStagesToAnyDepth() {
        CompletableFuture<Integer> counted = countDown(MANY);
        reactor.runUntilIdle();

        assertThat(counted).isCompletedWithValue(0);
    }

    private CompletableFuture<Integer> countDown(int from) {
        Deferred<Integer> soon = new Deferred<>(reactor);
        reactor.callFromThread(() -> soon.succeed(from));
        return soon.thenCompose(left -> left == 0 ? soon : countDown(left - 1));
    }

    @Test
    void cancelsAForeignFutureWhenAllWhoWaitedHaveGivenUp() {
        CompletableFuture<String> foreign = new CompletableFuture<>();
        CompletableFuture<String> one = Deferred.of(reactor, foreign);
        CompletableFuture<String> other = Deferred.of(reactor, foreign);
        one.cancel(false);
        assertThat(foreign).isNotCancelled();
        other.cancel(false);

        assertThat(foreign).isCancelled();
    }
}
