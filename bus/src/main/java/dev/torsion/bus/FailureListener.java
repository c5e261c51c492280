package dev.torsion.bus;

/// Is told what the code of subscribers and components throws where nobody but the bus is there to
/// catch it.
@FunctionalInterface
public interface FailureListener {

    /// A handler of a subscription, or what a component calls later, threw. It has been logged, and
    /// all goes on. Called on the lane where it was thrown.
    ///
    /// @param where whose code it is, and what it did: `component ledger: the handler of event
    ///   n1-1-7 on orders.new`
    void threw(String where, Throwable thrown);
}
