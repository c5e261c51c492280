package dev.torsion.sim;

import java.time.Duration;

/// How long somebody is made to wait for a failing plan to be made small. Real time, which nothing
/// else here looks at: what a run does never depends on it, only how many runs there are.
final class Patience {
    private final long began = System.nanoTime();
    private final long nanos;

    Patience(Duration most) {
        nanos = most.toNanos();
    }

    boolean isOver() {
        return System.nanoTime() - began > nanos;
    }
}
