package dev.torsion.protocols.tls;

import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;

/// Above a stream that goes on over TLS: its protocol is there from the beginning.
abstract class InStream implements TlsLayer.Above {
    private final Protocol protocol;

    InStream(Protocol protocol) {
        this.protocol = protocol;
    }

    @Override
    public Protocol opened(Transport secured) {
        return protocol;
    }

    @Override
    public void gone(CloseReason reason) {
        protocol.connectionLost(reason);
    }
}
