package dev.torsion.protocols.endpoints;

import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import java.util.function.UnaryOperator;

/// Where to listen, and what goes around the protocols of the connections.
///
/// @param endpoint what a reactor opens
/// @param layers puts the layers around a factory; called once for each port that is opened
/// @param text what [Endpoints] read it from, and would again; `(layer):` stands in it for one that
///   a program has put around it
public record LayeredEndpoint(
        Endpoint endpoint, UnaryOperator<ProtocolFactory> layers, String text) {

    /// Without a layer.
    public static LayeredEndpoint of(Endpoint endpoint) {
        return new LayeredEndpoint(endpoint, UnaryOperator.identity(), endpoint.toString());
    }

    /// With one layer more, nearer to the wire than those there are.
    public LayeredEndpoint within(UnaryOperator<ProtocolFactory> layer) {
        return new LayeredEndpoint(
                endpoint, factory -> layer.apply(layers.apply(factory)), "(layer):" + text);
    }

    LayeredEndpoint written(String newText) {
        return new LayeredEndpoint(endpoint, layers, newText);
    }

    /// Listens. The port is open when this returns. Thread-safe.
    ///
    /// @throws dev.torsion.reactor.CannotListenException if the endpoint cannot be bound
    public ListeningPort listen(Reactor reactor, ProtocolFactory factory) {
        return reactor.listen(endpoint, layers.apply(factory));
    }

    /// Listens as on one reactor, and spreads what it accepts over all of them.
    public ListeningPort listen(ReactorGroup reactors, ProtocolFactory factory) {
        return reactors.listen(endpoint, layers.apply(factory));
    }

    /// The endpoint's text, layers and all.
    @Override
    public String toString() {
        return text;
    }
}
