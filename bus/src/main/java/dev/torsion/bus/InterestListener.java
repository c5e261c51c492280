package dev.torsion.bus;

/// Is told what this node's own subscriptions want.
@FunctionalInterface
public interface InterestListener {

    /// The number of subscriptions with this interest has changed; zero means it is gone.
    ///
    /// Called in order, on the subscriber's thread, while the bus holds its lock: note it down and
    /// return. An event published after a `subscribe` returned finds that the listener was told
    /// before it.
    void interestChanged(Interest interest, int subscriptions);
}
