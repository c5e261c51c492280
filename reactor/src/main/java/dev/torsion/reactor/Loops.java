package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Keeps what belongs to a loop on it.
final class Loops {
    private Loops() {}

    static void require(Reactor reactor, String what) {
        if (!reactor.inLoop()) {
            throw new IllegalStateException(
                    what
                            + " was called on the thread "
                            + Thread.currentThread().getName()
                            + ", and belongs to the loop of "
                            + reactor
                            + "; go through Reactor.callFromThread");
        }
    }

    /// Refuses to wait for the loop on the loop itself, which would be for ever.
    static void forbid(Reactor reactor, String what) {
        if (reactor.inLoop()) {
            throw new IllegalStateException(
                    "a loop cannot stop "
                            + what
                            + "; attach a callback to it, or wait in a thread of"
                            + " Reactor.callInThread");
        }
    }

    /// As [Reactor#await].
    static <T extends @Nullable Object> T await(Reactor reactor, CompletionStage<T> stage)
            throws Exception {
        requireNonNull(stage, "stage");
        forbid(reactor, "to wait for a stage");
        CompletableFuture<T> waiting = Deferred.of(reactor, stage);
        try {
            return waiting.get();
        } catch (InterruptedException interrupted) {
            waiting.cancel(false);
            throw interrupted;
        } catch (ExecutionException failed) {
            switch (Deferred.cause(failed)) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case Throwable other -> throw failed;
            }
        }
    }

    /// Runs `action` on the loop: at once if the caller is on it. Dropped if the loop has ended.
    static void enter(Reactor reactor, Runnable action) {
        enter(reactor, action, () -> {});
    }

    /// As [#enter(Reactor, Runnable)], but fails `outcome` if the loop has ended.
    static void enter(Reactor reactor, Deferred<?> outcome, Runnable action) {
        enter(
                reactor,
                action,
                () -> outcome.fail(new IllegalStateException("the reactor has ended")));
    }

    /// As [#enter(Reactor, Runnable)], but runs `ended`, here, if the loop has ended.
    static void enter(Reactor reactor, Runnable action, Runnable ended) {
        if (reactor.inLoop()) {
            action.run();
        } else if (!reactor.callFromThread(action)) {
            ended.run();
        }
    }

    /// Runs what it is given on the loop: at once, as [Nesting] does, if the caller is on it, or if
    /// it has ended.
    static Executor on(Reactor reactor) {
        return action -> {
            if (reactor.inLoop() || !reactor.callFromThread(action)) {
                Nesting.run(action);
            }
        };
    }

    /// Ends `to` as `from` ends.
    static <T extends @Nullable Object> void pass(CompletionStage<T> from, Deferred<T> to) {
        var _ =
                from.whenComplete((result, failure) -> {
                    if (failure == null) {
                        to.succeed(result);
                    } else {
                        to.fail(Deferred.cause(failure));
                    }
                });
    }
}
