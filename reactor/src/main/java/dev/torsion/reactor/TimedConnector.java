package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A connector whose time to connect is known.
record TimedConnector(Connector connector, Duration timeout) implements Connector {

    TimedConnector {
        Delays.requirePositive("a timeout", timeout);
    }

    @Override
    public CompletionStage<Protocol> connect(ProtocolFactory factory, Duration allowed) {
        return connector.connect(factory, allowed);
    }

    @Override
    public Connector withTimeout(Duration other) {
        return new TimedConnector(connector, other);
    }
}
