package dev.torsion.bus;

/// What another node wants, kept up to date by its link. Thread-safe.
public interface RemoteInterest extends AutoCloseable {

    /// The node now has this many subscriptions with this interest; zero takes it away.
    void set(Interest interest, int subscriptions);

    /// The node is gone, and all it wanted with it. Idempotent.
    @Override
    void close();
}
