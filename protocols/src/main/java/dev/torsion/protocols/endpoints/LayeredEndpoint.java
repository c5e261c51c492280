package dev.torsion.protocols.endpoints;

import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Where to listen, and what goes around the protocols of the connections.
///
/// @param endpoint what a reactor opens
/// @param layers puts the layers around a factory; called once for each port that is opened
/// @param services what runs as long as a port is open; called once for each port
/// @param tls what a `tls:` in the text made, the same for all ports: to look at its
///   [TlsServer#refused()], or to [TlsServer#change] what the text has no word for; null without
/// @param text what [Endpoints] read it from, and would again; `(layer):` stands in it for one that
///   a program has put around it
public record LayeredEndpoint(
        Endpoint endpoint,
        UnaryOperator<ProtocolFactory> layers,
        List<Function<Reactor, Service>> services,
        @Nullable TlsServer tls,
        String text) {

    public LayeredEndpoint {
        services = List.copyOf(services);
    }

    /// Without a layer.
    public static LayeredEndpoint of(Endpoint endpoint) {
        return new LayeredEndpoint(
                endpoint, UnaryOperator.identity(), List.of(), null, endpoint.toString());
    }

    /// With one layer more, nearer to the wire than those there are.
    public LayeredEndpoint within(UnaryOperator<ProtocolFactory> layer) {
        return new LayeredEndpoint(
                endpoint,
                factory -> layer.apply(layers.apply(factory)),
                services,
                tls,
                "(layer):" + text);
    }

    /// With a service of the port's: started when it is open, stopped when it is to listen no
    /// longer, by `stopListening` or `drain`; when the reactor stops (of a group the first one) its
    /// timers stop, and a service that has more ends it at
    /// [dev.torsion.reactor.Phase#AFTER_SHUTDOWN]. That it cannot start is logged, and the port is
    /// open all the same.
    public LayeredEndpoint withService(Function<Reactor, Service> service) {
        List<Function<Reactor, Service>> more = new ArrayList<>(services);
        more.add(service);
        return new LayeredEndpoint(endpoint, layers, more, tls, text);
    }

    LayeredEndpoint securedBy(TlsServer server) {
        return new LayeredEndpoint(endpoint, layers, services, server, text).within(server::around);
    }

    LayeredEndpoint written(String newText) {
        return new LayeredEndpoint(endpoint, layers, services, tls, newText);
    }

    /// Listens. The port is open when this returns. Thread-safe.
    ///
    /// @throws dev.torsion.reactor.CannotListenException if the endpoint cannot be bound
    public ListeningPort listen(Reactor reactor, ProtocolFactory factory) {
        return listen(ReactorGroup.of(reactor), factory);
    }

    /// Listens as on one reactor, and spreads what it accepts over all of them.
    public ListeningPort listen(ReactorGroup reactors, ProtocolFactory factory) {
        Reactor first = reactors.reactors().getFirst();
        List<Service> made = services.stream().map(each -> each.apply(first)).toList();
        ListeningPort port = reactors.listen(endpoint, layers.apply(factory));
        return made.isEmpty() ? port : new ServedPort(port, first, made);
    }

    /// The endpoint's text, layers and all.
    @Override
    public String toString() {
        return text;
    }
}
