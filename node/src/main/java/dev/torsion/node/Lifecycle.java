package dev.torsion.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node has started, and stops in reverse, all of it within a deadline. Thread-safe: a
/// signal may come while the node still starts.
final class Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(Node.class);

    private final Duration deadline;
    private final Deque<Part> parts = new ArrayDeque<>(); // guarded by this
    private boolean stopping; // guarded by this

    /// @param what names the part if it hangs
    /// @param reserve what must be left of the deadline for the parts that stop after it
    private record Part(String what, Duration reserve, Supplier<CompletionStage<Void>> stop) {}

    Lifecycle(Duration deadline) {
        this.deadline = deadline;
    }

    /// A part has started.
    ///
    /// @param what names it in the log if it hangs
    /// @param reserve what must be left of the deadline for the parts started before it
    /// @param stop begins to stop it, and completes when it has
    /// @throws CommandFailedException if all is being stopped already; the part then is too
    void started(String what, Duration reserve, Supplier<CompletionStage<Void>> stop) {
        Part part = new Part(what, reserve, stop);
        synchronized (this) {
            if (!stopping) {
                parts.push(part);
                return;
            }
        }
        stop(part, System.nanoTime() + deadline.toNanos());
        throw new CommandFailedException("stopped while it started", null);
    }

    /// Stops all parts, last one first.
    ///
    /// @return whether every part ended in time
    boolean stop() {
        List<Part> last;
        synchronized (this) {
            stopping = true;
            last = new ArrayList<>(parts);
            parts.clear();
        }
        long end = System.nanoTime() + deadline.toNanos();
        boolean clean = true;
        for (Part part : last) {
            clean &= stop(part, end);
        }
        return clean;
    }

    private static boolean stop(Part part, long end) {
        try {
            CompletionStage<Void> stopped = part.stop.get();
            long nanos = end - System.nanoTime() - part.reserve.toNanos();
            stopped.toCompletableFuture().get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException _) {
            log.error("{} did not stop in time and is left behind", part.what);
        } catch (ExecutionException e) {
            log.error("{} failed to stop", part.what, e.getCause());
        } catch (RuntimeException e) {
            log.error("{} failed to stop", part.what, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
