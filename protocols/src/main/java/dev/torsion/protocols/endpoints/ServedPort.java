package dev.torsion.protocols.endpoints;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Service;
import dev.torsion.reactor.Thrown;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A port, and services that run as long as it listens.
final class ServedPort implements ListeningPort {
    private static final Logger log = LoggerFactory.getLogger(ServedPort.class);

    private final ListeningPort port;
    private final List<Started> services;

    /// @param start of a service, which must be over before it can be stopped
    private record Started(Service service, CompletionStage<Void> start) {
        void stop() {
            var _ = start.whenComplete((_, _) -> service.stop());
        }
    }

    ServedPort(ListeningPort port, Reactor reactor, List<Service> services) {
        this.port = port;
        this.services = services.stream().map(each -> started(reactor, each)).toList();
    }

    private static Started started(Reactor reactor, Service service) {
        CompletionStage<Void> ready = Deferred.succeeded(reactor, null);
        return new Started(
                service,
                ready.thenCompose(_ -> service.start())
                        .exceptionally(failure -> {
                            Thrown.log(log, "a port is open without " + service, failure);
                            return null;
                        }));
    }

    @Override
    public Address address() {
        return port.address();
    }

    @Override
    public int port() {
        return port.port();
    }

    @Override
    public int connections() {
        return port.connections();
    }

    @Override
    public CompletionStage<Void> stopListening() {
        services.forEach(Started::stop);
        return port.stopListening();
    }

    @Override
    public CompletionStage<Integer> drain(Duration deadline) {
        CompletionStage<Integer> drained = port.drain(deadline); // first: a deadline may be refused
        services.forEach(Started::stop);
        return drained;
    }

    @Override
    public String toString() {
        return port.toString();
    }
}
