package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures a loop, for whoever implements a [Reactor]. Allocates nothing while calls stay short.
///
/// To look at the clock is what costs most of it, so that is done once a call, at its end: a call
/// begins where the one before it in its turn has ended, and what the loop itself did in between,
/// as reading a socket, counts as its own.
///
/// **Thread:** of the loop alone, except [#metrics] and [#overdue], which are thread-safe.
public final class LoopMeter {
    private static final Logger log = LoggerFactory.getLogger(LoopMeter.class);
    private static final long NEVER = Long.MIN_VALUE;

    private final long limitNanos;
    private final LongSupplier clock;
    private final Peak longestTurn = new Peak();
    private final Peak longestLag = new Peak();
    private final Peak slowestCall = new Peak();
    private final AtomicLong turnCount = new AtomicLong();
    private final AtomicLong busyNanos = new AtomicLong();
    private final AtomicLong callsOverLimit = new AtomicLong();
    private final AtomicLong callBegan = new AtomicLong(NEVER);
    private volatile long named = NEVER;
    private @Nullable Object callee;
    private String method = "";
    private long turnBegan = NEVER;
    private long looked; // at the clock, in this turn
    private int depth; // of calls inside calls
    private boolean turns = true; // or calls are made before it does

    /// @param limit how long one call of user code may hold the loop
    /// @param clock the reactor's [Reactor#nanoTime()]
    public LoopMeter(Duration limit, LongSupplier clock) {
        limitNanos = TimeUnit.NANOSECONDS.convert(limit);
        this.clock = clock;
    }

    /// The loop does not turn before [#beginTurns], though calls are made on its thread already:
    /// each is measured for itself, and what passes between them is nobody's.
    public void holdTurns() {
        turns = false;
    }

    /// The loop turns from now on.
    public void beginTurns() {
        turns = true;
    }

    /// A delayed or queued call, due at `due`, is about to be called: notes how late it is. To be
    /// followed by [#beginCall].
    public void ranLate(long due) {
        long now = look();
        if (longestLag.exceededBy(now - due, now)) {
            longestLag.set(now - due, "");
        }
    }

    /// User code is about to be called; the first call of a turn begins the turn. A call inside a
    /// call counts as part of it. To be followed by [#endCall], whatever the call throws.
    public void beginCall(Object whose, String name) {
        if (depth++ > 0) {
            return;
        }
        if (turnBegan == NEVER) {
            look();
        }
        callee = whose;
        method = name;
        callBegan.setRelease(looked);
    }

    /// The last call that has begun is over.
    public void endCall() {
        if (--depth > 0) {
            return;
        }
        long now = look();
        long took = now - callBegan.getPlain();
        callBegan.setRelease(NEVER);
        if (slowestCall.exceededBy(took, now)) {
            slowestCall.set(took, name(callee, method));
        }
        if (took > limitNanos) {
            callsOverLimit.incrementAndGet();
            Thrown.warn(
                    log,
                    "%s held its loop for %d ms, longer than the %d ms that a call may take"
                            .formatted(
                                    name(callee, method),
                                    took / 1_000_000,
                                    limitNanos / 1_000_000));
        }
        callee = null;
        if (!turns) {
            turnBegan = NEVER;
        }
    }

    /// The loop is about to wait.
    public void endTurn() {
        if (turnBegan == NEVER) {
            return;
        }
        long now = look();
        long took = now - turnBegan;
        turnBegan = NEVER;
        turnCount.lazySet(turnCount.getPlain() + 1);
        busyNanos.lazySet(busyNanos.getPlain() + took);
        if (longestTurn.exceededBy(took, now)) {
            longestTurn.set(took, "");
        }
    }

    private long look() {
        looked = clock.getAsLong();
        if (turnBegan == NEVER) {
            turnBegan = looked;
        }
        return looked;
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
                turnCount.get(),
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
