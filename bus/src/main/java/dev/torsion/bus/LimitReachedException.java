package dev.torsion.bus;

/// One of the bus's bounds was reached; the message names it.
public final class LimitReachedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LimitReachedException(String message) {
        super(message);
    }
}
