package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;

/// Sends back what comes.
@SuppressWarnings("NullAway.Init") // connectionMade comes first
final class Echo implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport transport) {
        this.transport = transport;
    }

    @Override
    public void dataReceived(Bytes data) {
        transport.write(data);
    }
}
