package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;

/// Another protocol behind this one; what differs is overridden.
class WrappingProtocol implements Protocol {
    private final Protocol wrapped;

    WrappingProtocol(Protocol wrapped) {
        this.wrapped = wrapped;
    }

    @Override
    public void connectionMade(Transport transport) {
        wrapped.connectionMade(transport);
    }

    @Override
    public void dataReceived(Bytes data) {
        wrapped.dataReceived(data);
    }

    @Override
    public void writableAgain() {
        wrapped.writableAgain();
    }

    @Override
    public void connectionLost(CloseReason reason) {
        wrapped.connectionLost(reason);
    }
}
