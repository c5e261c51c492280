package dev.torsion.reactor.testing;

import java.time.Duration;
import java.util.Comparator;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Virtual time, and everything that is to happen in it, in the one order it will happen in: by due
/// time, and by the order of asking where that is equal.
final class Timeline {
    /// More turns than this without the clock moving are taken for an endless loop.
    private static final int TURNS_PER_INSTANT = 10_000_000;

    /// Stands for "on no loop" while work of `callInThread` runs.
    private static final Object ELSEWHERE = new Object();

    private final Thread owner = Thread.currentThread();
    private final TreeSet<Turn> turns =
            new TreeSet<>(Comparator.comparingLong(Turn::due).thenComparingLong(Turn::sequence));
    private final Queue<Runnable> fromOtherThreads = new ConcurrentLinkedQueue<>();
    private volatile long nanos;
    private long sequence;
    private boolean driven;
    private @Nullable Object current;

    /// Something that is to happen. Never equal to another: the sequence tells them apart.
    record Turn(long due, long sequence, Runnable action) {}

    long nanos() {
        return nanos;
    }

    /// The moment `delay` from now; at the end of time if that is further.
    long after(Duration delay) {
        long due = nanos + TimeUnit.NANOSECONDS.convert(delay);
        return due < nanos ? Long.MAX_VALUE : due;
    }

    Turn at(long due, Runnable action) {
        requireOwner();
        Turn turn = new Turn(due, sequence++, action);
        turns.add(turn);
        return turn;
    }

    boolean remove(Turn turn) {
        return turns.remove(turn);
    }

    /// Hands `action` over from another thread; it runs before the next turn.
    void fromOtherThread(Runnable action) {
        fromOtherThreads.add(action);
    }

    boolean isOwner() {
        return Thread.currentThread() == owner;
    }

    boolean isInside(ManualReactor reactor) {
        return isOwner() && (current == null || current == reactor);
    }

    void inside(ManualReactor reactor, Runnable action) {
        runAs(reactor, action);
    }

    void elsewhere(Runnable action) {
        runAs(ELSEWHERE, action);
    }

    private void runAs(Object who, Runnable action) {
        Object before = current;
        current = who;
        try {
            action.run();
        } finally {
            current = before;
        }
    }

    void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time only goes forward, not by " + time);
        }
        long end = after(time);
        drive(() -> false, end);
        nanos = end;
    }

    void runUntilIdle() {
        drive(() -> false, nanos);
    }

    /// Runs turn by turn; says whether the condition came true no later than `end`.
    boolean drive(BooleanSupplier condition, long end) {
        requireOwner();
        if (driven || current != null) {
            throw new IllegalStateException("time is moved by the test, not from inside a turn");
        }
        driven = true;
        try {
            int turnsNow = 0;
            while (!condition.getAsBoolean()) {
                takeFromOtherThreads();
                if (turns.isEmpty() || turns.first().due() > end) {
                    return false;
                }
                Turn turn = turns.removeFirst();
                turnsNow = turn.due() > nanos ? 0 : turnsNow + 1;
                if (turnsNow > TURNS_PER_INSTANT) {
                    throw new IllegalStateException(
                            TURNS_PER_INSTANT + " turns without the clock moving: an endless loop");
                }
                nanos = Math.max(nanos, turn.due());
                turn.action().run();
            }
            return true;
        } finally {
            driven = false;
        }
    }

    /// Queues what other threads have handed over, before anything else is.
    void takeFromOtherThreads() {
        for (Runnable action; (action = fromOtherThreads.poll()) != null; ) {
            action.run();
        }
    }

    private void requireOwner() {
        if (!isOwner()) {
            throw new IllegalStateException(
                    "this double belongs to the thread that made it; other threads may only use"
                            + " callFromThread");
        }
    }
}
