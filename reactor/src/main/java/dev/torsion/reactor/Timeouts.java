package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// How long something may take.
final class Timeouts {
    private Timeouts() {}

    static Duration checked(Duration timeout) {
        requireNonNull(timeout, "timeout");
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("a timeout must be positive, not " + timeout);
        }
        return timeout;
    }
}
