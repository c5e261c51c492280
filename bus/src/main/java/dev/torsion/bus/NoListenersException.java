package dev.torsion.bus;

/// A request found nobody subscribed to its topic, on any node. Known at once, not after the
/// deadline.
public final class NoListenersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NoListenersException(Topic topic) {
        super("nobody listens on " + topic);
    }
}
