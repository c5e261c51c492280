package dev.torsion.netty;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Something to be done once in this process, and not on a loop, since it takes a while.
/// Thread-safe.
final class Preparation {
    private final String threadName;
    private final Runnable work;
    private final Threads threads;
    private volatile @Nullable CompletableFuture<Void> done;

    Preparation(String threadName, Runnable work, Threads threads) {
        this.threadName = threadName;
        this.work = work;
        this.threads = threads;
    }

    /// Begins the work if that was not done before. Without a thread to be had it is done by the
    /// caller: who waits for ever would be worse off than who waits for that while.
    CompletableFuture<Void> done() {
        CompletableFuture<Void> begun = done;
        return begun == null ? begin() : begun;
    }

    private synchronized CompletableFuture<Void> begin() {
        CompletableFuture<Void> begun = done;
        if (begun == null) {
            begun = beginNow();
            done = begun;
        }
        return begun;
    }

    private CompletableFuture<Void> beginNow() {
        try {
            return CompletableFuture.runAsync(work, it -> threads.start(threadName, it));
        } catch (OutOfMemoryError noThread) {
            work.run();
            return CompletableFuture.completedFuture(null);
        }
    }
}
