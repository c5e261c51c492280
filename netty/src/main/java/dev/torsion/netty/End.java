package dev.torsion.netty;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Thrown;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of one reactor, told once: it has ended, or died, or was given up because it hangs.
/// Thread-safe.
final class End {
    private static final Logger log = LoggerFactory.getLogger(End.class);

    private static final String DIED = "a loop has died, and its reactor has ended with it";

    private static final long A_WHILE = Duration.ofMillis(500).toNanos();

    private final NettyReactor reactor;
    private final Deferred<Void> told;
    private final List<Runnable> lastSteps; // made early: there may be no memory then
    private final Runnable lastOfAll = this::tell;
    private volatile @Nullable Throwable diedOf;
    private volatile boolean over;

    /// @param lastSteps what is done before the end is told, on whatever thread
    End(NettyReactor reactor, List<Runnable> lastSteps) {
        this.reactor = reactor;
        this.lastSteps = lastSteps;
        told = new Deferred<>(reactor);
    }

    // ---- who asks ----

    /// Whether nothing is asked of the loop any more.
    boolean over() {
        return over;
    }

    /// @throws RejectedExecutionException if it is [#over]
    void requireNotOver() {
        if (over) {
            throw new RejectedExecutionException("the loop has ended, or was given up");
        }
    }

    /// What was thrown in the loop and ended it; null if nothing was.
    @Nullable Throwable diedOf() {
        return diedOf;
    }

    // ---- who waits ----

    /// Done when the end is told; fails if the loop has died.
    Future<Void> told() {
        return told;
    }

    /// As [#told], for whoever stops the reactor.
    CompletionStage<Void> stage() {
        return told.copy();
    }

    /// @throws IllegalStateException if the loop died
    void join() {
        try {
            told.join();
        } catch (CompletionException died) {
            throw new IllegalStateException(reactor + ": " + DIED, Deferred.cause(died));
        }
    }

    /// Waits for it, however the loop ends.
    void await() {
        told.handle((_, _) -> true).join();
    }

    /// Waits for it, however the loop ends, and no longer than `patience`.
    ///
    /// @return whether it came
    boolean await(Duration patience) {
        try {
            told.get(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException died) {
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException nobodyElsesThread) {
            throw new IllegalStateException(nobodyElsesThread);
        }
    }

    /// What `work` on the loop has come to.
    ///
    /// @throws RejectedExecutionException if it is [#over] before that
    <T> T untilOver(CompletableFuture<T> work) {
        CompletableFuture.anyOf(work, told).handle((_, _) -> true).join();
        if (!work.isDone()) {
            requireNotOver();
        }
        return work.join();
    }

    /// Waits for `work` that goes on elsewhere, but no longer than to the end.
    ///
    /// @return whether that came before
    boolean isOverBefore(CompletableFuture<?> work) throws InterruptedException {
        try {
            CompletableFuture.anyOf(work, told).get();
        } catch (ExecutionException failed) {
            // whatever it is, one of them is done
        }
        return !work.isDone();
    }

    /// Has `then` done if the loop dies, as the last thing that is done on its thread.
    void ifItDies(Runnable then) {
        var _ =
                told.whenComplete((_, died) -> {
                    if (died != null) {
                        then.run();
                    }
                });
    }

    // ---- the end ----

    /// The loop is dying of what was thrown in it, and perhaps of more then: the first is told.
    void isOf(Throwable thrown) {
        if (diedOf == null) {
            diedOf = thrown;
        }
    }

    /// It is here. A loop may have died for want of memory, and what is to be done here wants some
    /// too: nothing is made outside of the steps, each has its own try, and the last is tried until
    /// it is done, since who waits for the end has nobody else to tell him.
    void comes() {
        over = true;
        Throwable died = diedOf;
        if (died != null) {
            Thrown.log(log, DIED, died);
        }
        for (int i = 0; i < lastSteps.size(); i++) {
            attempt(lastSteps.get(i));
        }
        while (!told.isDone() && !attempt(lastOfAll)) {
            LockSupport.parkNanos(A_WHILE);
        }
    }

    private static boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (Throwable thrown) {
            Thrown.log(log, "a step of the end of a reactor failed", thrown);
            return false;
        }
    }

    private void tell() {
        Throwable died = diedOf;
        if (died == null) {
            told.succeed(null);
        } else {
            told.fail(died);
            var _ = told.isCompletedExceptionally(); // the log has told of it
        }
    }
}
