package dev.torsion.gateways.nats;

import static java.util.Objects.requireNonNull;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;

/// A door, the bus behind it, and the clients in front of it.
abstract class DoorTest {
    static final String QUIET = "CONNECT {\"verbose\":false}";
    static final String WITH_HEADERS =
            "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"protocol\":1}";

    final ManualReactor reactor = new ManualReactor();
    final EventBus bus =
            new EventBus(BusOptions.of("edge", 1).withMaxDataBytes(1000), ReactorGroup.of(reactor));
    final List<Event> events = new ArrayList<>();

    NatsDoor door = doorWith(NatsOptions.of("edge", "edge-1"));

    final NatsDoor doorWith(NatsOptions options) {
        door = new NatsDoor(bus, options);
        return door;
    }

    /// A client that has connected; CONNECT included unless null.
    final Client connect(String connectLine) {
        Client client = connect();
        client.says(connectLine);
        return client;
    }

    /// A client that has said nothing, and heard nothing since INFO.
    final Client connect() {
        Client client = newcomer();
        client.hears();
        return client;
    }

    final Client newcomer() {
        var protocol = requireNonNull(door.buildProtocol(Address.of("127.0.0.1", 50_000)));
        return new Client(MemoryTransport.connect(reactor, protocol));
    }

    /// Writes down what is published on topics of `pattern` from now on.
    final void watch(String pattern) {
        bus.subscribe(
                new TopicPattern(pattern),
                events::add,
                SubscribeOptions.defaults().withLane(reactor::callFromThread));
    }
}
