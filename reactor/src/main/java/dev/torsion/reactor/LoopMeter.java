package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures a loop, for whoever implements a [Reactor]. All times are of that reactor's
/// [Reactor#nanoTime()]. Allocates nothing while calls stay short.
///
/// **Thread:** of the loop alone, except [#metrics] and [#overdue], which are thread-safe.
public final class LoopMeter {
    private static final Logger log = LoggerFactory.getLogger(LoopMeter.class);
    private static final long NEVER = Long.MIN_VALUE;

    private final long limitNanos;
    private final Peak longestTurn = new Peak();
    private final Peak longestLag = new Peak();
    private final Peak slowestCall = new Peak();
    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong busyNanos = new AtomicLong();
    private final AtomicLong callsOverLimit = new AtomicLong();
    private final AtomicLong callBegan = new AtomicLong(NEVER);
    private volatile long named = NEVER;
    private @Nullable Object callee;
    private String method = "";
    private long turnBegan = NEVER;
    private int depth; // of calls inside calls

    /// @param limit how long one call of user code may hold the loop
    public LoopMeter(Duration limit) {
        limitNanos = TimeUnit.NANOSECONDS.convert(limit);
    }

    /// User code is about to be called; the first call of a turn begins the turn. A call inside a
    /// call counts as part of it. To be followed by [#endCall], whatever the call throws.
    public void beginCall(long now, Object whose, String name) {
        if (depth++ > 0) {
            return;
        }
        if (turnBegan == NEVER) {
            turnBegan = now;
        }
        callee = whose;
        method = name;
        callBegan.setRelease(now);
    }

    /// The last call that has begun is over.
    public void endCall(long now) {
        if (--depth > 0) {
            return;
        }
        long took = now - callBegan.getPlain();
        callBegan.setRelease(NEVER);
        if (slowestCall.exceededBy(took, now)) {
            slowestCall.set(took, name(callee, method));
        }
        if (took > limitNanos) {
            callsOverLimit.incrementAndGet();
            log.warn(
                    "{} held its loop for {} ms, longer than the {} ms that a call may take",
                    name(callee, method),
                    took / 1_000_000,
                    limitNanos / 1_000_000);
        }
        callee = null;
    }

    /// The loop is about to wait.
    public void endTurn(long now) {
        if (turnBegan == NEVER) {
            return;
        }
        long took = now - turnBegan;
        turnBegan = NEVER;
        turns.lazySet(turns.getPlain() + 1);
        busyNanos.lazySet(busyNanos.getPlain() + took);
        if (longestTurn.exceededBy(took, now)) {
            longestTurn.set(took, "");
        }
    }

    /// A delayed or queued call runs `nanos` after it was due.
    public void ranLate(long nanos, long now) {
        if (longestLag.exceededBy(nanos, now)) {
            longestLag.set(nanos, "");
        }
    }

    /// The call that has held the loop longer than it may, told once per call; null if there is
    /// none. To be asked now and then by another thread, which logs the loop's stack.
    public @Nullable String overdue(long now) {
        long began = callBegan.getAcquire();
        if (began == NEVER || began == named || now - began <= limitNanos) {
            return null;
        }
        String name = name(callee, method);
        if (callBegan.getAcquire() != began) {
            return null;
        }
        named = began;
        return name + " has held its loop for " + (now - began) / 1_000_000 + " ms";
    }

    /// What was measured.
    public LoopMetrics metrics(int queueDepth) {
        Peak.Value slowest = slowestCall.value();
        return new LoopMetrics(
                turns.get(),
                Duration.ofNanos(busyNanos.get()),
                Duration.ofNanos(longestTurn.value().nanos()),
                Duration.ofNanos(longestLag.value().nanos()),
                queueDepth,
                Duration.ofNanos(slowest.nanos()),
                slowest.what(),
                callsOverLimit.get());
    }

    private static String name(@Nullable Object whose, String name) {
        return whose == null ? name : whose.getClass().getName() + "." + name;
    }
}
