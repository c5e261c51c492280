package dev.torsion.bus;

/// What a subscription whose queue is full does with the next event. What is dropped is counted and
/// told as a [Gap].
public enum Overflow {
    /// Lets the oldest waiting event go.
    DROP_OLDEST,
    /// Lets the new event go.
    DROP_NEWEST,
    /// Drops what waits and closes the subscription, after a last [EventHandler#missed].
    CLOSE
}
