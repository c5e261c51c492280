package dev.torsion.bus;

import java.time.Duration;

/// A request was not answered before its deadline.
public final class RequestTimedOutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RequestTimedOutException(Topic topic, Duration deadline) {
        super("no answer on " + topic + " within " + Durations.text(deadline));
    }
}
