package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hosts with names, reactors on them, and the network between: one clock, one seed, one thread.
///
/// ```java
/// var network = new MemoryNetwork(seed);
/// ManualReactor a = network.reactor("a");
/// ManualReactor b = network.reactor("b");
/// b.listen(Endpoint.parse("tcp:7400:interface=b"), factory);
/// a.connect(Address.parse("b:7400"), client, Duration.ofSeconds(5));
/// network.advance(Duration.ofSeconds(1));
/// network.cut("a", "b", Cut.HOLD);
/// ```
///
/// A host is reached by its name, and from itself by a loopback address too; `0.0.0.0` listens on
/// both. Every host has ports of its own. Bytes arrive in order, after the latency; a receiver that
/// does not read holds back its sender after 64 KiB. An accepted connection has no backlog to wait
/// in.
public final class MemoryNetwork {
    private static final Logger log = LoggerFactory.getLogger(MemoryNetwork.class);

    private final Timeline timeline = new Timeline();
    private final SplittableRandom seeds;
    private final RandomGenerator chance;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Set<ManualReactor> reactors = new LinkedHashSet<>();
    private final Map<Way, Cut> cuts = new LinkedHashMap<>();
    private final List<Wire> held = new ArrayList<>();
    private Duration leastLatency = Duration.ZERO;
    private Duration mostLatency = Duration.ZERO;
    private Chunks chunks = Chunks.WHOLE;
    private @Nullable Consumer<String> trace;

    private record Way(Host from, Host to) {}

    public MemoryNetwork(long seed) {
        seeds = new SplittableRandom(seed);
        chance = seeds.split();
    }

    // ---- the world ----

    /// A new reactor, so a new process, on the host of that name, which is made if need be.
    public ManualReactor reactor(String hostName) {
        return new ManualReactor(this, hostName);
    }

    /// How long bytes are underway from one host to another: between the two, by chance. Zero at
    /// first. Within a host it is always zero.
    public void latency(Duration least, Duration most) {
        if (least.isNegative() || most.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "a latency is from zero or more to no less: " + least + " to " + most);
        }
        leastLatency = least;
        mostLatency = most;
    }

    /// How bytes are cut into calls of `dataReceived`, on connections made from now on.
    public void chunks(Chunks newChunks) {
        chunks = newChunks;
    }

    /// Where to tell what arrives and what breaks, a line each: the same run gives the same lines.
    public void traceTo(Consumer<String> lines) {
        trace = lines;
    }

    // ---- faults ----

    /// Cuts the way between two hosts, both directions.
    public void cut(String a, String b, Cut how) {
        Host one = known(a);
        Host other = known(b);
        if (one == other) {
            throw new IllegalArgumentException("a host cannot be cut off from itself: " + a);
        }
        tell(one, other, "cut " + how);
        cuts.put(new Way(one, other), how);
        cuts.put(new Way(other, one), how);
        if (how == Cut.RESET) {
            breakConnections(one, other);
            breakConnections(other, one);
        }
    }

    /// Undoes [#cut].
    public void heal(String a, String b) {
        Host one = known(a);
        Host other = known(b);
        tell(one, other, "healed");
        cuts.remove(new Way(one, other));
        cuts.remove(new Way(other, one));
        List<Wire> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(Wire::healed);
    }

    /// Breaks every connection of a host, at both ends; its processes live on.
    public void resetConnections(String hostName) {
        Host host = known(hostName);
        for (ManualReactor reactor : List.copyOf(reactors)) {
            for (Connection connection : reactor.connections()) {
                Host peer = resolve(reactor.host(), connection.peer());
                if (reactor.host() == host || peer == host) {
                    connection.broken("connection reset");
                }
            }
        }
    }

    /// Ends a process as `kill -9` does: nothing of it runs any more, not even `connectionLost`;
    /// its ports close, its peers' connections are reset. A new [#reactor] may start in its place.
    public void kill(ManualReactor reactor) {
        tell(reactor.host(), reactor.host(), "killed");
        reactor.kill();
    }

    // ---- time ----

    /// Moves the clock, running what falls due on the way, each at its time.
    public void advance(Duration time) {
        timeline.advance(time);
    }

    /// Runs what is due now, and what that makes due, until nothing is. The clock stands still.
    public void runUntilIdle() {
        timeline.runUntilIdle();
    }

    /// Runs, and moves the clock from one due time to the next, until `condition` holds.
    ///
    /// @throws AssertionError if it does not hold `within` this much virtual time
    public void runUntil(BooleanSupplier condition, Duration within) {
        if (!timeline.drive(condition, timeline.after(within))) {
            throw new AssertionError("this did not come true within " + within);
        }
    }

    /// Runs until `stage` has completed, and returns its result.
    ///
    /// @throws AssertionError if it has not `within` this much virtual time
    /// @throws java.util.concurrent.CompletionException if it failed
    public <T> T await(CompletionStage<T> stage, Duration within) {
        var outcome = stage.toCompletableFuture();
        runUntil(outcome::isDone, within);
        return outcome.join();
    }

    // ---- for the parts ----

    Timeline timeline() {
        return timeline;
    }

    RandomGenerator chance() {
        return chance;
    }

    RandomGenerator newChance() {
        return seeds.split();
    }

    Host host(String name) {
        return hosts.computeIfAbsent(name, Host::new);
    }

    void started(ManualReactor reactor) {
        reactors.add(reactor);
    }

    void ended(ManualReactor reactor) {
        reactors.remove(reactor);
    }

    /// The host that `address` means to `here`, or null.
    @Nullable Host resolve(Host here, Address address) {
        return here.isSelf(address) ? here : hosts.get(address.host());
    }

    @Nullable Cut cutBetween(Host from, Host to) {
        return cuts.get(new Way(from, to));
    }

    void hold(Wire wire) {
        held.add(wire);
    }

    /// When what is sent now arrives.
    long arrival(Host from, Host to) {
        if (from == to) {
            return timeline.nanos();
        }
        long spread = mostLatency.minus(leastLatency).toNanos();
        long extra = spread == 0 ? 0 : chance.nextLong(spread + 1);
        return timeline.after(leastLatency.plusNanos(extra));
    }

    /// A client asks `there` for a connection to `target`.
    void knocked(Host there, Address target, Address source, Wire in, Wire out) {
        in.deliverTo(_ -> {});
        Host.Listener listener = there.listener(target);
        if (listener == null) {
            out.send(new Packet.Refused());
            return;
        }
        out.send(new Packet.Accepted());
        ManualReactor reactor = listener.reactor();
        reactor.enter(() -> {
            Protocol protocol = null;
            try {
                protocol = listener.factory().buildProtocol(source);
            } catch (RuntimeException thrown) {
                log.error("the factory of {} threw", listener.bound(), thrown);
            }
            if (protocol == null) {
                out.send(new Packet.Finish());
                return;
            }
            Connection connection = join(reactor, target, source, protocol, out, in);
            connection.made(connection);
        });
    }

    /// One end of a connection that both sides want.
    Connection join(
            ManualReactor reactor,
            Address here,
            Address peer,
            Protocol protocol,
            Wire out,
            Wire in) {
        WireEnd end = new WireEnd(out);
        Connection connection = new Connection(reactor, here, peer, end, chunks, protocol);
        end.join(in, connection);
        return connection;
    }

    void tell(Host from, Host to, Object what) {
        if (trace != null) {
            trace.accept(timeline.nanos() + " " + from.name() + " → " + to.name() + ": " + what);
        }
    }

    private void breakConnections(Host here, Host peer) {
        for (ManualReactor reactor : List.copyOf(reactors)) {
            for (Connection connection : reactor.connections()) {
                if (reactor.host() == here && resolve(here, connection.peer()) == peer) {
                    connection.broken("connection reset: the network was cut");
                }
            }
        }
    }

    private Host known(String name) {
        Host host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException(
                    "no host is called \"" + name + "\"; known: " + hosts.keySet());
        }
        return host;
    }
}
