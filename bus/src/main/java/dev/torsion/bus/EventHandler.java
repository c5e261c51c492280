package dev.torsion.bus;

/// What a subscription calls. One at a time, on the subscription's lane, in the order the events
/// were accepted.
@FunctionalInterface
public interface EventHandler {

    /// An event arrived. What is published during this call is caused by it. An exception is
    /// counted, logged with the event's id, and told ([EventBus#listenToFailures]); the
    /// subscription goes on with the next event.
    void handle(Event event) throws Exception;

    /// Events were dropped here. Called on the same lane, before the first event that came after
    /// them.
    default void missed(Gap gap) {}
}
