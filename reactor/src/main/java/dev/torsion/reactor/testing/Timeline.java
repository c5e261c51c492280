package dev.torsion.reactor.testing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Virtual time, and everything that is to happen in it, in the one order it will happen in: by due
/// time, and by the order of asking where that is equal.
final class Timeline {
    /// More turns than this without the clock moving are taken for an endless loop.
    private static final int TURNS_PER_INSTANT = 10_000_000;

    /// Removed turns stay queued until there are as many as these, and as many as live ones.
    private static final int REMOVED_KEPT = 1024;

    /// Stands for "on no loop" while work of `callInThread` runs.
    private static final Object ELSEWHERE = new Object();

    private final Thread owner = Thread.currentThread();
    // Most turns are due at once. Those asked for before the clock reached their time are older
    // than all that were asked for since, so two queues keep the one order.
    private final TurnQueue later = new TurnQueue();
    private final ArrayDeque<Turn> atOnce = new ArrayDeque<>();
    private final Queue<Runnable> fromOtherThreads = new ConcurrentLinkedQueue<>();
    private volatile long nanos;
    private long sequence;
    private long fingerprint;
    private int removed;
    private boolean driven;
    private @Nullable Object current;
    private volatile @Nullable Thread guest;

    /// Something that is to happen.
    static final class Turn {
        private final long due;
        private final long sequence;
        private final @Nullable ManualReactor process;
        private final boolean queued;
        private final Runnable action;
        private boolean over;

        private Turn(
                long due,
                long sequence,
                @Nullable ManualReactor process,
                boolean queued,
                Runnable action) {
            this.queued = queued;
            this.due = due;
            this.sequence = sequence;
            this.process = process;
            this.action = action;
        }

        long due() {
            return due;
        }

        /// Counts the turns, in the order they were asked for.
        long sequence() {
            return sequence;
        }

        boolean isOver() {
            return over;
        }

        Runnable action() {
            return action;
        }
    }

    long nanos() {
        return nanos;
    }

    /// Two runs that differ in what happened when, or to whom, differ in this.
    long fingerprint() {
        return fingerprint;
    }

    /// The moment `delay` from now; at the end of time if that is further.
    long after(Duration delay) {
        long due = nanos + TimeUnit.NANOSECONDS.convert(delay);
        return due < nanos ? Long.MAX_VALUE : due;
    }

    /// @param process whose turn it is, so that it waits while that process is paused; null for the
    ///   network
    Turn at(long due, @Nullable ManualReactor process, Runnable action) {
        return at(due, process, false, action);
    }

    /// @param queued whether it stands in the queue of its process, which counts those
    Turn at(long due, @Nullable ManualReactor process, boolean queued, Runnable action) {
        requireOwner();
        Turn turn = new Turn(due, sequence++, process, queued, action);
        if (due <= nanos) {
            atOnce.add(turn);
        } else {
            later.add(turn);
        }
        return turn;
    }

    /// A turn that a paused process held back is to happen after all, before all that is younger.
    void again(Turn turn) {
        if (!turn.over) {
            later.add(turn);
        }
    }

    /// The turns of a process that are to happen, but for those it holds back while it is paused,
    /// in the order they will.
    Stream<Turn> coming(ManualReactor process) {
        return Stream.concat(atOnce.stream(), later.turns())
                .filter(turn -> !turn.over && turn.process == process)
                .sorted(Comparator.comparingLong(Turn::due).thenComparingLong(Turn::sequence));
    }

    boolean remove(Turn turn) {
        if (turn.over) {
            return false;
        }
        turn.over = true;
        removed++;
        if (removed > REMOVED_KEPT && removed > later.size() / 2) {
            later.removeOver();
            removed = 0;
        }
        return true;
    }

    /// Hands `action` over from another thread; it runs before the next turn.
    void fromOtherThread(Runnable action) {
        fromOtherThreads.add(action);
    }

    /// Whether the caller is the thread of this timeline, or a guest that it carries just now.
    boolean isOwner() {
        Thread caller = Thread.currentThread();
        return caller == owner || caller == guest;
    }

    /// Whose loop the caller is on in a turn; null outside of turns, and on no loop.
    @Nullable ManualReactor turning() {
        return isOwner() && current instanceof ManualReactor reactor ? reactor : null;
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

    /// Carries a virtual thread until it waits or ends.
    void host(Thread virtual, Runnable continuation) {
        guest = virtual;
        try {
            elsewhere(continuation);
        } finally {
            guest = null;
        }
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
                Turn turn = takeNext(end);
                if (turn == null) {
                    return condition.getAsBoolean(); // by what other threads have handed over
                }
                turnsNow = turn.due > nanos ? 0 : turnsNow + 1;
                if (turnsNow > TURNS_PER_INSTANT) {
                    throw new IllegalStateException(
                            TURNS_PER_INSTANT + " turns without the clock moving: an endless loop");
                }
                if (turn.due > nanos) {
                    nanos = turn.due;
                }
                run(turn);
            }
            return true;
        } finally {
            driven = false;
        }
    }

    private void run(Turn turn) {
        ManualReactor process = turn.process;
        if (process != null && process.isPaused()) {
            process.hold(turn);
            return;
        }
        turn.over = true;
        int who = process == null ? 0 : process.number();
        fingerprint = (fingerprint ^ (nanos * 31 + who)) * 0x100000001b3L;
        if (process == null) {
            turn.action.run();
        } else {
            process.turn(turn.due, turn.queued, turn.action);
        }
    }

    private @Nullable Turn takeNext(long end) {
        Turn first = later.peek();
        while (first != null && first.over) {
            later.remove();
            first = later.peek();
        }
        Turn here = atOnce.peek();
        while (here != null && here.over) {
            atOnce.remove();
            here = atOnce.peek();
        }
        if (here != null && (first == null || first.due > nanos)) {
            return atOnce.remove();
        }
        return first == null || first.due > end ? null : later.remove();
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
                            + " what Reactor calls thread-safe");
        }
    }
}
