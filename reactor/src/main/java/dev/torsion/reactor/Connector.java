package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A way to connect to one place, again and again: [ClientEndpoint#connector], and what is put
/// around one. **Thread:** any; what it calls is called on the reactor's loop.
@FunctionalInterface
public interface Connector {

    /// Connects as [Reactor#connect] does.
    CompletionStage<Protocol> connect(ProtocolFactory factory, Duration timeout);

    /// Connects a protocol that is there already, for this one connection, within [#timeout()].
    ///
    /// @return as of [Reactor#connect], and completes with `protocol`
    default <P extends Protocol> CompletionStage<P> connectProtocol(P protocol) {
        requireNonNull(protocol, "protocol");
        return connect(_ -> protocol, timeout()).thenApply(_ -> protocol);
    }

    /// How long it may take to connect for who has no opinion of it: 30 seconds, unless it was made
    /// with another.
    default Duration timeout() {
        return ClientEndpoint.DEFAULT_TIMEOUT;
    }

    /// The same way, with another [#timeout()].
    default Connector withTimeout(Duration timeout) {
        return new TimedConnector(this, timeout);
    }

    /// To that address, over TCP or through a UNIX socket.
    static Connector to(Reactor reactor, Address address) {
        return ClientEndpoint.to(address).connector(reactor);
    }
}
