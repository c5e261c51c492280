package dev.torsion.reactor;

import java.util.concurrent.TimeUnit;

/// The highest value of the last while: of the window that is going on and the one before, 30
/// seconds each. Written by one thread, read by any.
final class Peak {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Value NONE = new Value(-1, "");

    private volatile Value present = NONE;
    private volatile Value past = NONE;
    private long windowEnd;
    private boolean began;

    record Value(long nanos, String what) {}

    /// Whether `nanos` is the highest of this window, so that it is to be [#set].
    boolean exceededBy(long nanos, long now) {
        if (!began || now - windowEnd >= 0) {
            past = began && now - windowEnd < WINDOW_NANOS ? present : NONE;
            present = NONE;
            windowEnd = now + WINDOW_NANOS;
            began = true;
        }
        return nanos > present.nanos();
    }

    void set(long nanos, String what) {
        present = new Value(nanos, what);
    }

    Value value() {
        Value higher = present.nanos() >= past.nanos() ? present : past;
        return higher.nanos() < 0 ? new Value(0, "") : higher;
    }
}
