package dev.torsion.protocols;

import java.time.Duration;

/// Checks on durations that a user gives.
final class Durations {
    private Durations() {}

    /// @param what begins the sentence that says what was wrong
    static Duration positive(String what, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(what + " is more than zero, not " + duration);
        }
        return duration;
    }
}
