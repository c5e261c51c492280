package dev.torsion.protocols;

import dev.torsion.reactor.Protocol;

/// Something between a connection and the protocol that uses it, which makes one stream of bytes of
/// another: TLS, say.
@FunctionalInterface
public interface Layer {

    /// Called on the loop, once per connection.
    ///
    /// @param above gets its `connectionMade` when the layer is up, with a transport that goes
    ///   through it, best a [ForwardingTransport] over the connection's: then a timeout around the
    ///   layer closes it from above, with what it has to say at its end; and its `connectionLost`
    ///   exactly once, even if the layer never came up
    /// @return whom the connection is to feed; its `connectionMade` starts the layer
    Protocol under(Protocol above);
}
