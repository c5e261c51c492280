package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A way to connect to one place, again and again.
@FunctionalInterface
public interface Connector {

    /// Connects as [Reactor#connect] does.
    CompletionStage<Protocol> connect(ProtocolFactory factory, Duration timeout);

    /// To that address, over TCP or through a UNIX socket.
    static Connector to(Reactor reactor, Address address) {
        return to(reactor, ClientEndpoint.to(address));
    }

    /// As `endpoint` says, but for its timeout: each call brings its own.
    static Connector to(Reactor reactor, ClientEndpoint endpoint) {
        return (factory, timeout) -> reactor.connect(endpoint.withTimeout(timeout), factory);
    }
}
