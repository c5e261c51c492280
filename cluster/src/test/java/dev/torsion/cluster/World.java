package dev.torsion.cluster;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Subscription;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Nodes on hosts of their own, in one network and one thread.
final class World {
    static final int PORT = 7400;
    static final Duration SOON = Duration.ofSeconds(30);

    final MemoryNetwork network;

    World(long seed) {
        network = new MemoryNetwork(seed);
    }

    static Address.Inet at(String host) {
        return Address.of(host, PORT);
    }

    static Endpoint.Tcp endpoint(String host) {
        return Endpoint.Tcp.parse("tcp:" + PORT + ":interface=" + host);
    }

    /// The first life of a node on the host of its name.
    Node node(String name, String... seeds) {
        return node(name, name, 1, options -> options, seeds);
    }

    Node node(
            String name,
            String host,
            long incarnation,
            UnaryOperator<ClusterOptions> change,
            String... seeds) {
        ManualReactor reactor = network.reactor(host);
        EventBus bus = new EventBus(BusOptions.of(name, incarnation), ReactorGroup.of(reactor));
        List<Address.Inet> addresses = new ArrayList<>();
        for (String seed : seeds) {
            addresses.add(at(seed));
        }
        ClusterOptions options = ClusterOptions.at(endpoint(host)).withSeeds(addresses);
        return new Node(this, reactor, bus, Cluster.start(change.apply(options), bus, reactor));
    }

    /// Moves time until every one of them is linked to every other.
    void meshed(Node... nodes) {
        network.runUntil(
                () -> {
                    for (Node node : nodes) {
                        if (node.linked().size() != nodes.length - 1) {
                            return false;
                        }
                    }
                    return true;
                },
                SOON);
        network.runUntilIdle();
    }

    void advance(Duration time) {
        network.advance(time);
    }

    record Node(World world, ManualReactor reactor, EventBus bus, Cluster cluster) {

        /// The names of the nodes it is linked to.
        List<String> linked() {
            return cluster.members().stream().filter(Member::linked).map(Member::name).toList();
        }

        List<String> known() {
            return cluster.members().stream().map(Member::name).toList();
        }

        /// What comes on topics of `pattern`, as text.
        Inbox subscribe(String pattern) {
            return subscribe(pattern, SubscribeOptions.defaults().withCapacity(1 << 20));
        }

        Inbox subscribe(String pattern, SubscribeOptions options) {
            List<Event> events = new ArrayList<>();
            Subscription subscription =
                    bus.subscribe(new TopicPattern(pattern), events::add, options);
            return new Inbox(events, subscription);
        }

        Event publish(String topic, String text) {
            return bus.publish(Draft.to(topic).withText(text));
        }

        LinkStats linkTo(String name) {
            return cluster.links().stream()
                    .filter(stats -> stats.node().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        void kill() {
            world.network.kill(reactor);
        }
    }

    record Inbox(List<Event> events, Subscription subscription) {
        List<String> texts() {
            return events.stream().map(Event::text).toList();
        }
    }
}
