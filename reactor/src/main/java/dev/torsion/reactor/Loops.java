package dev.torsion.reactor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Keeps what belongs to a loop on it.
final class Loops {
    private Loops() {}

    static void require(Reactor reactor, String what) {
        if (!reactor.inLoop()) {
            throw new IllegalStateException(
                    what
                            + " belongs to the loop of its reactor; from elsewhere go through"
                            + " Reactor.callFromThread");
        }
    }

    /// Runs `action` on the loop: at once if the caller is on it.
    static void enter(Reactor reactor, Runnable action) {
        if (reactor.inLoop()) {
            action.run();
        } else {
            reactor.callFromThread(action);
        }
    }

    /// Ends `to` as `from` ends.
    static <T extends @Nullable Object> void pass(
            CompletionStage<T> from, CompletableFuture<T> to) {
        var _ =
                from.whenComplete((result, failure) -> {
                    if (failure == null) {
                        to.complete(result);
                    } else {
                        to.completeExceptionally(cause(failure));
                    }
                });
    }

    /// What a stage failed with, without what the stages on the way wrapped around it.
    static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause(cause) : failure;
    }
}
