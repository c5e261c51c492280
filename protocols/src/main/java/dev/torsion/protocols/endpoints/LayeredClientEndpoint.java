package dev.torsion.protocols.endpoints;

import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import java.util.concurrent.CompletionStage;

/// Where to connect to, and what goes around the protocol of the connection.
///
/// @param endpoint what a reactor connects to
/// @param layers what is on the way there
/// @param text what [Endpoints] read it from, and would again; `(layer):` stands in it for one that
///   a program has put around it
public record LayeredClientEndpoint(ClientEndpoint endpoint, ConnectorLayer layers, String text) {

    /// Something around the connections of a connector.
    @FunctionalInterface
    public interface ConnectorLayer {
        /// Puts it around `below`, whose connections live on `reactor`.
        Connector around(Reactor reactor, Connector below);
    }

    /// Without a layer.
    public static LayeredClientEndpoint of(ClientEndpoint endpoint) {
        return new LayeredClientEndpoint(endpoint, (_, below) -> below, endpoint.toString());
    }

    /// With one layer more, nearer to the wire than those there are.
    public LayeredClientEndpoint within(ConnectorLayer layer) {
        return new LayeredClientEndpoint(
                endpoint,
                (reactor, below) -> layers.around(reactor, layer.around(reactor, below)),
                "(layer):" + text);
    }

    LayeredClientEndpoint written(String newText) {
        return new LayeredClientEndpoint(endpoint, layers, newText);
    }

    /// A way there, for a [dev.torsion.reactor.ClientService]; all of it, layers included, has the
    /// endpoint's timeout, unless the service has one of its own.
    public Connector connector(Reactor reactor) {
        return layers.around(reactor, endpoint.connector(reactor)).withTimeout(endpoint.timeout());
    }

    /// Connects, within the endpoint's timeout. Thread-safe.
    ///
    /// @return as [Reactor#connect]
    public CompletionStage<Protocol> connect(Reactor reactor, ProtocolFactory factory) {
        return connector(reactor).connect(factory, endpoint.timeout());
    }

    /// The endpoint's text, layers and all.
    @Override
    public String toString() {
        return text;
    }
}
