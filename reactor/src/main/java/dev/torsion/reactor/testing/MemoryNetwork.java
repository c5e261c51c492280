package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Thrown;
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
/// both. Every host has ports of its own, and UNIX sockets of its own, which no other host sees;
/// they take no place on a disk. Bytes arrive in order, after the latency; a receiver that does not
/// read holds back its sender after 64 KiB. An accepted connection has no backlog to wait in.
///
/// Datagrams take the same ways, each with a latency of its own, so that they overtake one another.
/// What is lost or cut off is gone: a partition holds none of them. Those to a group reach every
/// host. A group joined, and a datagram to it sent, on an interface called `lo`, or on a loopback
/// address, stays on its host; all other interfaces are the one network.
public final class MemoryNetwork {
    private static final Logger log = LoggerFactory.getLogger(MemoryNetwork.class);

    private final Timeline timeline = new Timeline();
    private final long seed;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Set<ManualReactor> reactors = new LinkedHashSet<>();
    private final Map<Host, Map<Host, Way>> ways = new LinkedHashMap<>();
    private final List<Wire> held = new ArrayList<>();
    private final DatagramNetwork datagrams = new DatagramNetwork(this);
    private Way.Latency latency = Way.Latency.NONE;
    private int processes;
    private Chunks chunks = Chunks.WHOLE;
    private @Nullable Consumer<String> trace;

    public MemoryNetwork(long seed) {
        this.seed = seed;
    }

    // ---- the world ----

    /// A new reactor, so a new process, on the host of that name, which is made if need be.
    public ManualReactor reactor(String hostName) {
        host(hostName).down(false);
        return new ManualReactor(this, hostName);
    }

    /// How long bytes are underway from one host to another: between the two, by chance. Zero at
    /// first. Within a host it is always zero.
    public void latency(Duration least, Duration most) {
        latency = Way.Latency.between(least, most);
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
        Way there = wayBetween(a, b);
        Way back = wayBetween(b, a);
        tell(there.from(), there.to(), "cut " + how);
        there.cut(how);
        back.cut(how);
        if (how == Cut.RESET) {
            breakConnections(there.from(), there.to());
            breakConnections(there.to(), there.from());
        }
    }

    /// Holds what goes from one host to another, while the other direction goes on.
    public void cutOneWay(String from, String to) {
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "cut one way");
        way.cut(Cut.HOLD);
    }

    /// Undoes [#cut] and [#cutOneWay].
    public void heal(String a, String b) {
        Way there = wayBetween(a, b);
        Way back = wayBetween(b, a);
        tell(there.from(), there.to(), "healed");
        there.cut(null);
        back.cut(null);
        List<Wire> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(Wire::healed);
    }

    /// Gives what goes from one host to another a latency of its own, from what is sent next on.
    public void slow(String from, String to, Duration least, Duration most) {
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "slow");
        way.latency(Way.Latency.between(least, most));
    }

    /// Undoes [#slow].
    public void usualLatency(String from, String to) {
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "usual latency");
        way.latency(null);
        way.hurry();
    }

    /// Lets no more than this go from one host to another; what is more waits its turn. More
    /// datagrams than a port's send buffer holds do not wait: sending them fails.
    ///
    /// @param bytesPerSecond 1 or more, a packet's headers (40 bytes) included
    public void limit(String from, String to, long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "a byte a second or more goes through, not " + bytesPerSecond);
        }
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "limited to " + bytesPerSecond + " bytes a second");
        way.limit(bytesPerSecond);
    }

    /// Undoes [#limit].
    public void unlimited(String from, String to) {
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "unlimited");
        way.limit(0);
        way.hurry();
    }

    /// Loses some of what goes from one host to another. Connections send it again, 200 ms later
    /// and then after twice as long each time, so that it comes late, and all after it too.
    /// Datagrams are gone.
    ///
    /// @param percent 0 to 99 of a hundred packets; 0 undoes it
    public void lose(String from, String to, int percent) {
        if (percent < 0 || percent > 99) {
            throw new IllegalArgumentException("0 to 99 percent are lost, not " + percent);
        }
        Way way = wayBetween(from, to);
        tell(way.from(), way.to(), "loses " + percent + " percent");
        way.lose(percent);
        if (percent == 0) {
            way.hurry();
        }
    }

    /// Lets the programs of a host read slowly: after `every` no more than `bytes` of each
    /// connection, and one datagram of each port. What they do not read holds back the sender of a
    /// connection; datagrams are lost when their buffer is full.
    public void readSlowly(String hostName, int bytes, Duration every) {
        Host host = known(hostName);
        tell(host, host, "reads slowly");
        host.readSlowly(new Host.SlowReading(bytes, every));
    }

    /// Undoes [#readSlowly].
    public void readAsUsual(String hostName) {
        Host host = known(hostName);
        tell(host, host, "reads as usual");
        host.readSlowly(null);
    }

    /// Changes the time of day on a host; time that only goes forward is not touched.
    public void jumpClock(String hostName, Duration by) {
        Host host = known(hostName);
        tell(host, host, "clock jumps by " + by);
        host.jumpClock(by);
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

    /// Lets a host lose all its connections without a word to the other ends, as when a firewall
    /// forgets them: those stay half open until they send something.
    public void forgetConnections(String hostName) {
        Host host = known(hostName);
        tell(host, host, "forgets its connections");
        for (ManualReactor reactor : List.copyOf(reactors)) {
            if (reactor.host() == host) {
                reactor.connections()
                        .forEach(connection -> connection.brokenHere("connection timed out"));
            }
        }
    }

    /// Ends a process as `kill -9` does: nothing of it runs any more, not even `connectionLost`;
    /// its ports close, its peers' connections are reset. A new [#reactor] may start in its place.
    public void kill(ManualReactor reactor) {
        tell(reactor.host(), reactor.host(), "killed");
        reactor.kill();
    }

    /// Ends a process as a loss of power does: nothing of it runs any more, and nobody is told. Its
    /// peers' connections stay half open until they send something when the host is up again, which
    /// it is with its next [#reactor].
    public void losePower(ManualReactor reactor) {
        tell(reactor.host(), reactor.host(), "lost its power");
        reactor.host().down(true);
        reactor.powerLost();
    }

    /// Stops a process as a long garbage collection does: nothing of it runs, what arrives waits.
    public void pause(ManualReactor reactor) {
        tell(reactor.host(), reactor.host(), "paused");
        reactor.pause();
    }

    /// Undoes [#pause]: what has fallen due meanwhile runs now, in its order.
    public void resume(ManualReactor reactor) {
        tell(reactor.host(), reactor.host(), "resumed");
        reactor.resume();
    }

    // ---- time ----

    /// Since the network was made.
    public long nanoTime() {
        return timeline.nanos();
    }

    /// Runs `action` after `delay`, as the hand of the test: on every loop, and in nobody's turn.
    public void callLater(Duration delay, Runnable action) {
        timeline.at(timeline.after(delay), null, action);
    }

    /// A number that two runs share if the same happened to the same processes at the same times,
    /// and hardly otherwise.
    public long fingerprint() {
        return timeline.fingerprint();
    }

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

    /// How many datagrams were lost so far that a sender had been told were sent: on a way that
    /// loses some or is cut, where nobody listens, or because the receiver's buffer was full. Each
    /// is a line of [#traceTo].
    public long lostDatagrams() {
        return datagrams.lost();
    }

    /// How many connections the processes of a host have tried to make to that port of any host,
    /// since the network was made.
    public long attempts(String hostName, int port) {
        return known(hostName).attempts(port);
    }

    // ---- for the parts ----

    Timeline timeline() {
        return timeline;
    }

    /// Chance for one purpose, which no other purpose shifts.
    RandomGenerator newChance(String purpose) {
        long mixed = seed;
        for (int i = 0; i < purpose.length(); i++) {
            mixed = (mixed ^ purpose.charAt(i)) * 0x9e3779b97f4a7c15L;
            mixed ^= mixed >>> 29;
        }
        return new SplittableRandom(mixed);
    }

    Host host(String name) {
        return hosts.computeIfAbsent(name, Host::new);
    }

    Way way(Host from, Host to) {
        return ways.computeIfAbsent(from, _ -> new LinkedHashMap<>())
                .computeIfAbsent(to, _ -> new Way(from, to, this::newChance));
    }

    int started(ManualReactor reactor) {
        reactors.add(reactor);
        return ++processes;
    }

    void ended(ManualReactor reactor) {
        reactors.remove(reactor);
    }

    /// The host that `address` means to `here`, or null.
    @Nullable Host resolve(Host here, Address address) {
        return switch (address) {
            case Address.Inet inet -> here.isSelf(inet) ? here : hosts.get(inet.host());
            case Address.Unix _ -> here;
        };
    }

    void hold(Wire wire) {
        held.add(wire);
    }

    /// When what is sent now arrives.
    long arrival(Way way, Packet packet) {
        return way.arrival(timeline.nanos(), latency, packet);
    }

    /// A client, which is `who`, asks `there` for a connection to `target`.
    void knocked(
            Host there, Address target, Address source, PeerCredentials who, Wire in, Wire out) {
        in.deliverTo(null, _ -> {});
        if (there.isDown()) {
            return;
        }
        Port listener = there.listener(target);
        if (listener == null) {
            out.send(new Packet.Refused());
            return;
        }
        ManualReactor reactor = listener.reactor();
        if (reactor.isPaused()) {
            reactor.queue(() -> knocked(there, target, source, who, in, out));
            return;
        }
        out.send(new Packet.Accepted(reactor.credentials()));
        reactor.enter(() -> {
            Protocol protocol = null;
            try {
                protocol = listener.factory().buildProtocol(source);
            } catch (Throwable thrown) {
                Thrown.log(
                        log,
                        "buildProtocol threw; the connection to " + source + " is closed",
                        thrown);
            }
            if (protocol == null) {
                out.send(new Packet.Finish());
                return;
            }
            Connection connection =
                    join(reactor, target, source, listener.options(), who, protocol, out, in);
            listener.accepted(connection);
            connection.made(connection);
        });
    }

    /// One end of a connection that both sides want.
    ///
    /// @param who is at the other
    Connection join(
            ManualReactor reactor,
            Address here,
            Address peer,
            SocketOptions options,
            PeerCredentials who,
            Protocol protocol,
            Wire out,
            Wire in) {
        WireEnd end = new WireEnd(out, here instanceof Address.Inet);
        Connection connection =
                new Connection(
                        reactor,
                        here,
                        peer,
                        end,
                        chunks,
                        in.way().chunkChance(),
                        options,
                        who,
                        protocol);
        end.join(in, connection);
        return connection;
    }

    // ---- datagrams ----

    DatagramNetwork datagrams() {
        return datagrams;
    }

    List<Host> hosts() {
        return List.copyOf(hosts.values());
    }

    /// When a datagram that is sent now arrives.
    long arrival(Way way, int bytes) {
        return way.arrival(timeline.nanos(), latency, bytes);
    }

    boolean isTraced() {
        return trace != null;
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

    private Way wayBetween(String from, String to) {
        if (from.equals(to)) {
            throw new IllegalArgumentException("a host has no way to itself: " + from);
        }
        return way(known(from), known(to));
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
