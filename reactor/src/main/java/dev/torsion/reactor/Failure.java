package dev.torsion.reactor;

/// What went wrong, through however many stages it goes: seen once, or told once, it is settled.
final class Failure {
    private final Throwable cause;
    private boolean settled;

    Failure(Throwable cause) {
        this.cause = cause;
    }

    Throwable cause() {
        return cause;
    }

    /// Somebody was given it.
    synchronized void seen() {
        settled = true;
    }

    /// Whether nobody has seen it, nor been told; from now on somebody has.
    synchronized boolean toBeTold() {
        boolean first = !settled;
        settled = true;
        return first;
    }
}
