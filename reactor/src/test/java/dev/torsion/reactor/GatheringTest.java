package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// [Deferred#all], [Deferred#outcomes] and [Deferred#first].
final class GatheringTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();
    private final List<Object> held = new ArrayList<>(); // and so no garbage
    private final IOException broken = new IOException("broken");

    private Deferred<String> work(String name) {
        return new Deferred<>(reactor, () -> journal.add(name + " taken back"));
    }

    /// How often a failure is logged, because nobody has seen it, at the reactor's end at the
    /// latest.
    private long told(String message, Runnable action) {
        List<String> logged =
                Logged.during(() -> {
                    action.run();
                    Deferred.reactorEnds(reactor);
                });
        return logged.stream().filter(line -> line.endsWith("IOException: " + message)).count();
    }

    interface Gather
            extends BiFunction<Reactor, List<CompletionStage<String>>, CompletableFuture<?>> {}

    static List<Gather> ways() {
        return List.of(Deferred::all, Deferred::outcomes, Deferred::first);
    }

    // ---- all ----

    @Test
    void givesAllResultsInTheOrderOfTheStages() {
        Deferred<String> one = work("one");
        CompletableFuture<Integer> foreign = new CompletableFuture<>();
        Deferred<Object> nothing = new Deferred<>(reactor);
        CompletableFuture<List<Object>> all = Deferred.all(reactor, List.of(one, foreign, nothing));
        nothing.succeed(null);
        foreign.complete(2);
        assertThat(all).isNotDone();
        one.succeed("first");

        assertThat(all.join()).containsExactly("first", 2, null);
        assertThat(journal).isEmpty();
    }

    @Test
    void failsWithTheFirstFailureAndGivesTheOthersUp() {
        Deferred<String> one = work("one");
        Deferred<String> other = work("other");
        CompletableFuture<String> foreign = new CompletableFuture<>();
        var all = Deferred.all(reactor, List.of(one, other, foreign));
        other.fail(broken);

        assertThat(all.exceptionNow()).isSameAs(broken);
        assertThat(journal).containsExactly("one taken back");
        assertThat(foreign).isCancelled();
    }

    @Test
    void failsAtOnceWithAFailureThatIsThere() {
        Deferred<String> one = work("one");
        var all = Deferred.all(reactor, List.of(one, Deferred.failed(reactor, broken)));

        assertThat(all.exceptionNow()).isSameAs(broken);
        assertThat(one).isCancelled();
    }

    @Test
    void keepsItsFailureWhateverItsEndDoesToTheOthers() {
        Deferred<String> other = new Deferred<>(reactor);
        Deferred<String> one =
                new Deferred<>(reactor, () -> other.fail(new IOException("taken back with one")));
        Deferred<String> two = work("two");
        var all = Deferred.all(reactor, List.of(one, two, other));
        two.fail(broken);

        assertThat(all.exceptionNow()).isSameAs(broken);
    }

    @Test
    void isCancelledWithAStageThatIs() {
        Deferred<String> one = work("one");
        var all = Deferred.all(reactor, List.of(one, work("two")));
        one.cancel(false);

        assertThat(all).isCancelled();
        assertThat(journal).containsExactlyInAnyOrder("one taken back", "two taken back");
    }

    @Test
    void tellsItsFailureOnceUnlessSomebodySeesIt() {
        assertThat(told("unseen", () -> held.add(failing("unseen")))).isOne();
        assertThat(told("seen", () -> failing("seen").exceptionally(_ -> List.of()))).isZero();
    }

    private CompletableFuture<List<String>> failing(String message) {
        Deferred<String> one = work("one");
        var all = Deferred.all(reactor, List.of(one, work("two"), one.thenApply(it -> it)));
        one.fail(new IOException(message));
        return all;
    }

    @Test
    void leavesAFailureThatComesAfterItsOwnToBeTold() {
        Deferred<String> one = new Deferred<>(reactor);
        Deferred<String> late = new Deferred<>(reactor);
        var _ = Deferred.all(reactor, List.of(one, late)).exceptionally(_ -> List.of());

        assertThat(told("first", () -> one.fail(new IOException("first")))).isZero();
        assertThat(told("late", () -> late.fail(new IOException("late")))).isOne();
    }

    @Test
    void takesNoAccountOfFailuresThatWereThereWhenItWasDecided() {
        Deferred<String> result = Deferred.succeeded(reactor, "it");

        assertThat(told("early", () -> held.add(Deferred.first(reactor, List.of(result, early())))))
                .isZero();
        assertThat(
                        told(
                                "early",
                                () ->
                                        held.add(
                                                Deferred.all(reactor, List.of(early(), early()))
                                                        .exceptionally(_ -> List.of()))))
                .isZero();
    }

    private Deferred<String> early() {
        return Deferred.failed(reactor, new IOException("early"));
    }

    // ---- outcomes ----

    @Test
    void givesAllOutcomesInTheOrderOfTheStages() {
        Deferred<String> one = work("one");
        Deferred<String> two = work("two");
        Deferred<String> three = work("three");
        var outcomes = Deferred.outcomes(reactor, List.of(one, two, three));
        long told =
                told(
                        "broken",
                        () -> {
                            three.succeed("third");
                            two.fail(broken);
                            assertThat(outcomes).isNotDone();
                            one.cancel(false);
                        });

        List<Outcome<String>> all = outcomes.join();
        assertThat(all.getFirst())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        it -> assertThat(it.cause()).isInstanceOf(CancellationException.class));
        assertThat(all.subList(1, 3))
                .containsExactly(new Outcome.Failed<>(broken), new Outcome.Succeeded<>("third"));
        assertThat(told).isZero();
        assertThat(journal).containsExactly("one taken back");
    }

    // ---- first ----

    @Test
    void givesTheFirstResultAndGivesTheOthersUp() {
        Deferred<String> failing = work("failing");
        Deferred<String> slow = work("slow");
        Deferred<String> fast = work("fast");
        var first = Deferred.first(reactor, List.of(failing, slow, fast));
        long told =
                told(
                        "broken",
                        () -> {
                            failing.fail(broken);
                            assertThat(first).isNotDone();
                            fast.succeed("won");
                        });

        assertThat(first).isCompletedWithValue("won");
        assertThat(journal).containsExactly("slow taken back");
        assertThat(told).isZero();
    }

    @Test
    void givesTheForemostOfResultsThatAreThere() {
        Deferred<String> one = work("one");
        var first =
                Deferred.first(
                        reactor,
                        List.of(
                                one,
                                Deferred.succeeded(reactor, "second"),
                                Deferred.succeeded(reactor, "third")));

        assertThat(first).isCompletedWithValue("second");
        assertThat(one).isCancelled();
    }

    @Test
    void failsWithTheLastFailureAndTheOthersWithIt() {
        Deferred<String> one = work("one");
        Deferred<String> two = work("two");
        Deferred<String> three = work("three");
        var first = Deferred.first(reactor, List.of(one, two, three));
        IOException earlier = new IOException("earlier");
        long told =
                told(
                        "broken",
                        () -> {
                            three.fail(earlier);
                            one.fail(broken);
                            two.fail(broken);
                            assertThat(first.exceptionNow()).isSameAs(broken);
                        });

        assertThat(broken.getSuppressed()).containsExactly(earlier);
        assertThat(told).isZero();
    }

    // ---- each of them ----

    @ParameterizedTest
    @MethodSource("ways")
    void takesAllBackWhenItIsCancelled(Gather gather) {
        var gathered = gather.apply(reactor, List.of(work("one"), work("two")));
        gathered.cancel(false);

        assertThat(gathered).isCancelled();
        assertThat(journal).containsExactly("one taken back", "two taken back");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void takesAllBackWhenItsTimeIsOverOrWhatIsDerivedFromItIsCancelled(Gather gather) {
        var timed = gather.apply(reactor, List.of(work("one"))).orTimeout(5, TimeUnit.SECONDS);
        reactor.advance(Duration.ofSeconds(5));
        assertThat(timed.exceptionNow()).isInstanceOf(TimeoutException.class);
        gather.apply(reactor, List.of(work("two"))).thenRun(() -> {}).cancel(false);

        assertThat(journal).containsExactly("one taken back", "two taken back");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void leavesStagesAloneThatOthersWaitFor(Gather gather) {
        Deferred<String> shared = work("shared");
        var waited = shared.thenAccept(journal::add);
        gather.apply(reactor, List.of(shared, work("own"))).cancel(false);
        assertThat(journal).containsExactly("own taken back");
        shared.succeed("heard");

        assertThat(journal).containsExactly("own taken back", "heard");
        assertThat(waited).isCompleted();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void callsBackOnTheLoopWhoeverCompletesIt(Gather gather) {
        Deferred<String> work = new Deferred<>(reactor);
        var _ =
                gather.apply(reactor, List.of(work))
                        .thenRun(() -> journal.add("on the loop " + reactor.inLoop()));
        var _ =
                reactor.callInThread(() -> {
                    work.succeed("done");
                    return journal.add("off the loop " + !reactor.inLoop());
                });
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("off the loop true", "on the loop true");
    }

    @Test
    void knowsWhatNoStagesComeTo() {
        assertThat(Deferred.all(reactor, List.<CompletionStage<String>>of()))
                .isCompletedWithValue(List.of());
        assertThat(Deferred.outcomes(reactor, List.<CompletionStage<String>>of()))
                .isCompletedWithValue(List.of());
        assertThatThrownBy(() -> Deferred.first(reactor, List.<CompletionStage<String>>of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no stages");
    }

    @Test
    void leavesNothingBehindInWhatItGivesUp() {
        Deferred<String> late = new Deferred<>(reactor);
        CompletableFuture<String> foreign = new CompletableFuture<>();
        var _ = foreign.thenAccept(journal::add); // somebody else waits for it
        for (int i = 0; i < 1_000; i++) {
            assertThat(
                            Deferred.first(
                                    reactor,
                                    List.of(Deferred.succeeded(reactor, "now"), late, foreign)))
                    .isCompletedWithValue("now");
        }

        assertThat(late.getNumberOfDependents()).isLessThan(10);
        assertThat(foreign.getNumberOfDependents()).isLessThan(10);
        assertThat(foreign).isNotCancelled();
    }
}
