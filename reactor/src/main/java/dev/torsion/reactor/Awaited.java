package dev.torsion.reactor;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What a [Deferred] waits for; known when it is derived, or, as with `thenCompose`, only later.
final class Awaited {
    private @Nullable CompletableFuture<?> stage;
    private @Nullable CompletableFuture<Object> leaving; // ends the wait, if known only later
    private boolean over;
    private boolean givenUp;

    /// @param source the one that the [Deferred] is derived from
    static Awaited of(Deferred<?> source) {
        Awaited awaited = new Awaited();
        awaited.stage = source;
        source.waiterCame();
        return awaited;
    }

    /// It is known now.
    ///
    /// @return what is to be waited for in its place: it ends as `known` does, or when that is
    ///   given up, and then nothing of the wait is left in `known`, which may live for long
    @SuppressWarnings("unchecked") // a stage takes no results, and `leaving` never has one
    <U extends @Nullable Object> CompletionStage<U> become(CompletionStage<U> known) {
        if (known instanceof Deferred<?> deferred) {
            deferred.waiterCame();
        }
        CompletableFuture<U> future = known.toCompletableFuture();
        CompletableFuture<Object> gate = new CompletableFuture<>();
        if (isUnwanted(future, gate)) {
            leave(future);
            return CompletableFuture.failedStage(new CancellationException());
        }
        return future.isDone() ? known : (CompletionStage<U>) CompletableFuture.anyOf(gate, future);
    }

    private synchronized boolean isUnwanted(
            CompletableFuture<?> known, CompletableFuture<Object> gate) {
        if (!over) {
            stage = known;
            leaving = gate;
        }
        return givenUp;
    }

    synchronized @Nullable CompletableFuture<?> stage() {
        return stage;
    }

    /// It is waited for no longer.
    ///
    /// @param known as of [Deferred#waiterIsDone]
    void end(@Nullable Failure known) {
        CompletableFuture<?> left = end(false);
        if (left instanceof Deferred<?> deferred) {
            deferred.waiterIsDone(known);
        }
    }

    /// It is waited for no longer, nor is its result wanted.
    void giveUp() {
        CompletableFuture<?> left = end(true);
        if (leaving != null) {
            leaving.cancel(false);
        }
        if (left != null) {
            leave(left);
        }
    }

    private synchronized @Nullable CompletableFuture<?> end(boolean wantedNoMore) {
        CompletableFuture<?> left = stage;
        stage = null;
        over = true;
        givenUp |= wantedNoMore;
        return left;
    }

    /// Cancels `left` if nobody else waits for it, which of a stage that is not ours it knows
    /// alone.
    private static void leave(CompletableFuture<?> left) {
        if (left instanceof Deferred<?> deferred) {
            deferred.waiterGaveUp();
            return;
        }
        if (left.getNumberOfDependents() == 0) {
            left.cancel(false);
        }
    }
}
