package dev.torsion.reactor;

import java.time.Duration;

/// Checks of durations that somebody gives, for whoever implements a [Reactor] or takes durations
/// of his own. Thread-safe.
public final class Delays {
    private Delays() {}

    /// Refuses what nothing can be put off by.
    ///
    /// @param what `time` is, in words: "a delay"
    /// @throws IllegalArgumentException if `time` is negative
    public static void requireNotNegative(String what, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " is not negative: " + time);
        }
    }

    /// Refuses what nothing can be done in.
    ///
    /// @param what `time` is, in words: "a deadline"
    /// @return `time`
    /// @throws IllegalArgumentException if `time` is not more than none
    public static Duration requirePositive(String what, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException(what + " must be positive, not " + time);
        }
        return time;
    }
}
