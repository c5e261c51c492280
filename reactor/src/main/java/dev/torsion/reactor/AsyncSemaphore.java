package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets so many pieces of asynchronous work run at once, and the others wait in the order in which
/// they were asked for. With one permit it is a lock.
///
/// ```java
/// var lookups = new AsyncSemaphore(reactor, 4, 1000);
/// …
/// lookups.run(() -> reactor.callInThread(() -> database.find(key))).thenAccept(…);
/// ```
///
/// A piece of work that waits for another of the same semaphore can wait for ever, since it keeps
/// its permit meanwhile. What waits when the reactor ends is begun only if what runs completes.
///
/// **Thread:** thread-safe; everything it calls is called on the reactor's loop.
public final class AsyncSemaphore {
    private final Reactor reactor;
    private final int permits;
    private final int mostWaiting;

    // Of the loop alone.
    private final SequencedSet<Entry<?>> waiting = new LinkedHashSet<>();
    private int running;
    private boolean starting;

    /// @param permits how many pieces of work may run at once; at least 1
    /// @param mostWaiting how many more may wait; 0 if none may
    public AsyncSemaphore(Reactor reactor, int permits, int mostWaiting) {
        if (permits < 1 || mostWaiting < 0) {
            throw new IllegalArgumentException(
                    "at least 1 permit, and 0 or more that wait, not "
                            + permits
                            + " and "
                            + mostWaiting);
        }
        this.reactor = requireNonNull(reactor, "reactor");
        this.permits = permits;
        this.mostWaiting = mostWaiting;
    }

    /// Has `work` begun as soon as it may: at once, on the loop, if a permit is free, and else when
    /// those asked for before it have begun and one has ended.
    ///
    /// @param work keeps its permit until the stage that it returns has completed, or if it throws,
    ///   until then
    /// @return completes as that stage does, or with what `work` threw; fails at once with
    ///   [RejectedExecutionException] if as many wait as may, and with [IllegalStateException] if
    ///   the loop has ended. Cancelling it takes the work out of those that wait, or cancels the
    ///   stage that it returned
    public <T extends @Nullable Object> CompletionStage<T> run(
            Supplier<? extends CompletionStage<T>> work) {
        Entry<T> entry = new Entry<>(requireNonNull(work, "work"));
        Loops.enter(reactor, entry.outcome, () -> admit(entry));
        return entry.outcome;
    }

    private void admit(Entry<?> entry) {
        if (entry.outcome.isDone()) {
            return; // given up on the way to the loop
        }
        if (running - permits + waiting.size() >= mostWaiting) {
            entry.outcome.fail(
                    new RejectedExecutionException(
                            "%d run and %d wait already, as many as this AsyncSemaphore was made for"
                                    .formatted(running, waiting.size())));
            return;
        }
        waiting.add(entry);
        startNext();
    }

    /// Not anew for work that has ended when it returns: that would go as deep as many wait.
    private void startNext() {
        if (starting) {
            return;
        }
        starting = true;
        try {
            while (running < permits && !waiting.isEmpty()) {
                Entry<?> next = waiting.removeFirst();
                if (!next.outcome.isDone()) { // another thread may have given it up
                    next.start();
                }
            }
        } finally {
            starting = false;
        }
    }

    private final class Entry<T extends @Nullable Object> {
        private final Supplier<? extends CompletionStage<T>> work;
        private final Deferred<T> outcome = new Deferred<>(reactor, this::givenUp);
        private @Nullable CompletionStage<T> stage;

        Entry(Supplier<? extends CompletionStage<T>> work) {
            this.work = work;
        }

        void start() {
            running++;
            CompletionStage<T> made;
            try {
                made = requireNonNull(work.get(), "the work returned no stage");
            } catch (Throwable thrown) {
                made = Deferred.failed(reactor, thrown);
            }
            stage = made;
            if (outcome.isDone()) {
                givenUp(); // by its own work
            }
            var _ = Deferred.of(reactor, made).whenComplete(this::ended);
        }

        private void ended(@Nullable T result, @Nullable Throwable failure) {
            running--;
            if (failure == null) {
                outcome.succeed(result);
            } else {
                outcome.fail(Deferred.cause(failure));
            }
            startNext();
        }

        private void givenUp() {
            if (!waiting.remove(this) && stage != null) {
                stage.toCompletableFuture().cancel(false);
            }
        }
    }
}
