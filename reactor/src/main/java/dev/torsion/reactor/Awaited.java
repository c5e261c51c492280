package dev.torsion.reactor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What a [Deferred] waits for; known when it is derived, or, as with `thenCompose`, only later.
final class Awaited {
    private @Nullable CompletionStage<?> stage;
    private boolean over;
    private boolean givenUp;

    static Awaited of(CompletionStage<?> stage) {
        Awaited awaited = new Awaited();
        awaited.become(stage);
        return awaited;
    }

    /// It is known now.
    synchronized <S extends CompletionStage<?>> S become(S known) {
        if (known instanceof Deferred<?> deferred) {
            deferred.waiterCame();
        }
        if (!over) {
            stage = known;
        } else if (givenUp) {
            leave(known);
        }
        return known;
    }

    synchronized @Nullable CompletionStage<?> stage() {
        return stage;
    }

    /// It is waited for no longer.
    void end() {
        CompletionStage<?> left = end(false);
        if (left instanceof Deferred<?> deferred) {
            deferred.waiterIsDone();
        }
    }

    /// It is waited for no longer, nor is its result wanted.
    void giveUp() {
        CompletionStage<?> left = end(true);
        if (left != null) {
            leave(left);
        }
    }

    private synchronized @Nullable CompletionStage<?> end(boolean wantedNoMore) {
        CompletionStage<?> left = stage;
        stage = null;
        over = true;
        givenUp |= wantedNoMore;
        return left;
    }

    /// Cancels `left` if nobody else waits for it. Of a stage that is not ours nothing is known but
    /// how many depend on it, one of them being who leaves.
    private static void leave(CompletionStage<?> left) {
        if (left instanceof Deferred<?> deferred) {
            deferred.waiterGaveUp();
            return;
        }
        CompletableFuture<?> future = left.toCompletableFuture();
        if (future.getNumberOfDependents() <= 1) {
            future.cancel(false);
        }
    }
}
