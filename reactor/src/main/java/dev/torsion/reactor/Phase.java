package dev.torsion.reactor;

/// A moment in a reactor's life at which others may act; see [Reactor#at].
public enum Phase {
    /// The loop has begun to turn. Of a reactor that turns already: a coming turn. What was
    /// registered before the shutdown began is done, even if the reactor was told to stop since.
    STARTUP,
    /// The reactor was told to stop, and everything still works: ports accept, connections live,
    /// timers run; on all loops of a [ReactorGroup] that is stopped, until each is through this.
    /// The time to say goodbye and to drain.
    BEFORE_SHUTDOWN,
    /// Ports and connections are closed; timers do not run any more. The time to let go of what
    /// they used.
    AFTER_SHUTDOWN
}
