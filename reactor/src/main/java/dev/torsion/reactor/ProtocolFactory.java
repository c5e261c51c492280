package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// Makes one [Protocol] per connection.
@FunctionalInterface
public interface ProtocolFactory {

    /// Called when a connection is accepted or made, on the thread of the reactor that will serve
    /// it. A factory given to a [ReactorGroup] is therefore called on several threads.
    ///
    /// @param peer the other end
    /// @return the connection's protocol, or null to refuse: an accepted socket is closed, a
    ///   connect fails with [ConnectFailedException.Kind#REFUSED_BY_FACTORY]. What it throws is
    ///   logged and does the same; for a connect it is the cause
    @Nullable Protocol buildProtocol(Address peer);
}
