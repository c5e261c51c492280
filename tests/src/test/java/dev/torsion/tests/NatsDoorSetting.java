package dev.torsion.tests;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.EventBus;
import dev.torsion.gateways.nats.NatsDoor;
import dev.torsion.gateways.nats.NatsOptions;
import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import java.util.concurrent.TimeUnit;

/// A node's NATS door on a real port, for clients that nobody here wrote.
final class NatsDoorSetting {
    private final NettyReactorGroup reactors = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
    private final EventBus bus = new EventBus(BusOptions.of("edge", 1), reactors);
    private NatsDoor door = new NatsDoor(bus, NatsOptions.of("edge", "edge-1"));
    private ListeningPort port = reactors.listen(Endpoint.tcp(0), door);

    EventBus bus() {
        return bus;
    }

    NatsDoor door() {
        return door;
    }

    String url() {
        return "nats://" + port.address();
    }

    /// Sends every client away and opens the same port again.
    void restart() throws Exception {
        Endpoint same = Endpoint.tcp(port.port());
        port.stopListening().toCompletableFuture().get(60, TimeUnit.SECONDS);
        door.drain().toCompletableFuture().get(60, TimeUnit.SECONDS);
        door = new NatsDoor(bus, NatsOptions.of("edge", "edge-2"));
        port = reactors.listen(same, door);
    }

    void close() throws Exception {
        bus.close();
        reactors.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
