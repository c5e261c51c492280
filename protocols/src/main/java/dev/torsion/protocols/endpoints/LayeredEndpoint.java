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
public record LayeredEndpoint(Endpoint endpoint, UnaryOperator<ProtocolFactory> layers) {

    /// Without a layer.
    public static LayeredEndpoint of(Endpoint endpoint) {
        return new LayeredEndpoint(endpoint, UnaryOperator.identity());
    }

    /// With one layer more, nearer to the wire than those there are.
    public LayeredEndpoint within(UnaryOperator<ProtocolFactory> layer) {
        return new LayeredEndpoint(endpoint, factory -> layer.apply(layers.apply(factory)));
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
}
