package dev.torsion.bus;

import java.util.concurrent.CompletionStage;

/// A standing wish for events. Thread-safe.
public interface Subscription extends AutoCloseable {

    TopicPattern pattern();

    /// Ends it now: it takes no more events, and those that wait are dropped, counted as
    /// [DropReason#CLOSED]. Called on the lane, no call of the handler follows; called elsewhere,
    /// one that has begun goes on to its end, which this does not wait for. Ends a [#drain] too:
    /// its stage completes. Idempotent.
    @Override
    void close();

    /// Ends it in good order: it takes no more events from the moment this returns; those that
    /// wait, and any gap to be told, are handed to the handler; then it ends. Idempotent.
    ///
    /// @return completes when the last has been handled, whether or not the handler threw, or when
    ///   [#close] ends it first; its callbacks run on the lane, whoever attaches them. Never
    ///   exceptionally, and without a time limit: a handler that does not return holds it up.
    ///   Cancelling it ends the wait, not the drain
    CompletionStage<Void> drain();

    /// Events handed to the handler so far, those it threw on included.
    long delivered();

    /// Events dropped so far.
    long dropped();
}
