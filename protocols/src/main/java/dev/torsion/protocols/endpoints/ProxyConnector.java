package dev.torsion.protocols.endpoints;

import dev.torsion.protocols.ProxySender;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Connections of `below` that begin with the header of a proxy. What a connect gives is what the
/// factory built, without what is around it.
///
/// @param reactor that of the connections
record ProxyConnector(Reactor reactor, Connector below, Bytes header) implements Connector {

    @Override
    public CompletionStage<Protocol> connect(ProtocolFactory factory, Duration timeout) {
        Attempt attempt = new Attempt(factory);
        CompletableFuture<Protocol> connecting =
                below.connect(new ProxySender(attempt, header), timeout).toCompletableFuture();
        Deferred<Protocol> outcome = new Deferred<>(reactor, () -> connecting.cancel(false));
        var _ =
                connecting.whenComplete((_, failure) -> {
                    if (failure == null) {
                        outcome.succeed(attempt.built);
                    } else {
                        outcome.fail(Deferred.cause(failure));
                    }
                });
        return outcome;
    }

    @Override
    public Duration timeout() {
        return below.timeout();
    }

    /// Remembers what it built last: of several addresses, that of the connection that is made.
    private static final class Attempt implements ProtocolFactory {
        private final ProtocolFactory factory;
        private @Nullable Protocol built; // on the loop

        Attempt(ProtocolFactory factory) {
            this.factory = factory;
        }

        @Override
        public @Nullable Protocol buildProtocol(Address peer) {
            built = factory.buildProtocol(peer);
            return built;
        }
    }
}
