package dev.torsion.bus;

import java.util.concurrent.CompletionStage;

/// A standing wish for events. Thread-safe.
public interface Subscription extends AutoCloseable {

    TopicPattern pattern();

    /// Ends it now: what waits is dropped (counted as [DropReason#CLOSED]). From the lane itself:
    /// no call follows; from another thread a handler already running finishes. Idempotent.
    @Override
    void close();

    /// Takes no more events, hands those that wait to the handler, then ends.
    ///
    /// @return completes, on the lane, when the last has been handled
    CompletionStage<Void> drain();

    /// Events handed to the handler so far, those it threw on included.
    long delivered();

    /// Events dropped so far.
    long dropped();
}
