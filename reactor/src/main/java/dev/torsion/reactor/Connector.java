package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A way to connect to one place, again and again.
@FunctionalInterface
public interface Connector {

    /// Connects as [Reactor#connect] does.
    CompletionStage<Protocol> connect(ProtocolFactory factory, Duration timeout);

    /// Over TCP.
    static Connector tcp(Reactor reactor, Address address) {
        return (factory, timeout) -> reactor.connect(address, factory, timeout);
    }
}
