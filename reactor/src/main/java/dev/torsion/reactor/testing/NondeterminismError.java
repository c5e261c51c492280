package dev.torsion.reactor.testing;

/// Code on a virtual thread does what no seed can repeat; the message names it.
public final class NondeterminismError extends AssertionError {
    private static final long serialVersionUID = 1L;

    NondeterminismError(String what) {
        super(
                what
                        + ": that happens in real time, so no run can be repeated. Wait on"
                        + " java.util.concurrent instead, for something that a reactor brings, or"
                        + " let the reactor call later.");
    }
}
