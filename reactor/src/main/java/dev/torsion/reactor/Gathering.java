package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Waits for several stages together until it knows what they come to, or is given up; then it
/// gives those up that it still waits for.
///
/// @param <T> what they give
/// @param <R> what that comes to
final class Gathering<T extends @Nullable Object, R extends @Nullable Object> {
    private final Executor loop;
    private final Rule<T, R> rule;
    private final List<Deferred<T>> parts = new ArrayList<>();
    private final AtomicReferenceArray<@Nullable Outcome<T>> outcomes;
    private final AtomicInteger missing;
    private final Deferred<R> gathered;

    /// Says what the stages come to.
    @FunctionalInterface
    interface Rule<T extends @Nullable Object, R extends @Nullable Object> {
        /// Called with each outcome when it comes.
        ///
        /// @param latest has just come
        /// @param all of them, in the order of the stages, if it is the last; or else null
        /// @return null while it cannot be known
        @Nullable Outcome<R> after(Outcome<T> latest, @Nullable List<Outcome<T>> all);
    }

    /// @param stages one or more
    static <T extends @Nullable Object, R extends @Nullable Object> Deferred<R> of(
            Reactor reactor,
            Collection<? extends CompletionStage<? extends T>> stages,
            Rule<T, R> rule) {
        Gathering<T, R> gathering = new Gathering<>(reactor, stages, rule);
        gathering.begin();
        return gathering.gathered;
    }

    private Gathering(
            Reactor reactor,
            Collection<? extends CompletionStage<? extends T>> stages,
            Rule<T, R> rule) {
        this.loop = Loops.on(reactor);
        this.rule = rule;
        stages.forEach(stage -> parts.add(Deferred.waitingFor(reactor, stage)));
        this.outcomes = new AtomicReferenceArray<>(parts.size());
        this.missing = new AtomicInteger(parts.size());
        this.gathered = new Deferred<>(reactor, this::leave);
    }

    private void begin() {
        for (int i = 0; i < parts.size(); i++) {
            int place = i;
            parts.get(i).onCompletion(() -> loop.execute(() -> ended(place)));
        }
    }

    /// What fails too late to matter here is seen by nobody, and so left to be told.
    private void ended(int place) {
        if (!gathered.isDone()) {
            var _ =
                    parts.get(place)
                            .whenComplete((result, failure) ->
                                    take(
                                            place,
                                            failure == null
                                                    ? new Outcome.Succeeded<>(result)
                                                    : new Outcome.Failed<>(
                                                            Deferred.cause(failure))));
        }
    }

    private void take(int place, Outcome<T> outcome) {
        outcomes.set(place, outcome);
        boolean last = missing.decrementAndGet() == 0;
        Outcome<R> known = rule.after(outcome, last ? all() : null);
        if (known != null) {
            switch (known) {
                case Outcome.Succeeded<R>(R result) -> gathered.succeed(result);
                case Outcome.Failed<R>(Throwable cause) -> gathered.fail(cause);
            }
            leave();
        }
    }

    private List<Outcome<T>> all() {
        return IntStream.range(0, parts.size())
                .mapToObj(place -> requireNonNull(outcomes.get(place)))
                .toList();
    }

    /// Of those that have failed already the failure is of no account.
    private void leave() {
        for (Deferred<T> part : parts) {
            if (!part.cancel(false)) {
                var _ = part.isCompletedExceptionally();
            }
        }
    }

    // ---- rules ----

    /// All results, or the first failure.
    static <T extends @Nullable Object> @Nullable Outcome<List<T>> results(
            Outcome<T> latest, @Nullable List<Outcome<T>> all) {
        if (latest instanceof Outcome.Failed<T>(Throwable cause)) {
            return new Outcome.Failed<>(cause);
        }
        if (all == null) {
            return null;
        }
        List<T> results = new ArrayList<>();
        for (Outcome<T> each : all) {
            switch (each) {
                case Outcome.Succeeded<T>(T result) -> results.add(result);
                case Outcome.Failed<T>(Throwable cause) -> {
                    return new Outcome.Failed<>(cause);
                }
            }
        }
        return new Outcome.Succeeded<>(Collections.unmodifiableList(results));
    }

    /// All of them, however they are.
    static <T extends @Nullable Object> @Nullable Outcome<List<Outcome<T>>> each(
            Outcome<T> latest, @Nullable List<Outcome<T>> all) {
        return all == null ? null : new Outcome.Succeeded<>(all);
    }

    /// The first result, or if there is none the last failure.
    static <T extends @Nullable Object> @Nullable Outcome<T> firstResult(
            Outcome<T> latest, @Nullable List<Outcome<T>> all) {
        return switch (latest) {
            case Outcome.Succeeded<T> result -> result;
            case Outcome.Failed<T> last -> all == null ? null : withOthers(last, all);
        };
    }

    private static <T extends @Nullable Object> Outcome<T> withOthers(
            Outcome.Failed<T> last, List<Outcome<T>> all) {
        for (Outcome<T> each : all) {
            if (each instanceof Outcome.Failed<T>(Throwable other) && !other.equals(last.cause())) {
                last.cause().addSuppressed(other);
            }
        }
        return last;
    }
}
