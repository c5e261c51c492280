package dev.torsion.reactor.testing;

/// What a partition of the network does to the bytes that want across.
public enum Cut {
    /// They wait until it is healed, then arrive in order: a router that is down, a cable pulled.
    /// Nobody is told; new connections time out.
    HOLD,
    /// Connections break at both ends, and new ones fail as unreachable.
    RESET
}
