package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/// How long something may take.
final class Timeouts {
    private Timeouts() {}

    static Duration checked(Duration timeout) {
        requireNonNull(timeout, "timeout");
        Delays.requirePositive("a timeout", timeout);
        return timeout;
    }
}
