package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A machine of a [MemoryNetwork]: its name, and who listens on which of its ports.
final class Host {
    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");
    private static final int FIRST_FREE_PORT = 49_152;
    private static final int LAST_FREE_PORT = 65_535;

    private final String name;
    private final TreeMap<Integer, List<Port>> listeners = new TreeMap<>();
    private final TreeMap<String, Port> unixListeners = new TreeMap<>();
    private final TreeMap<Integer, List<DatagramPort>> datagramPorts = new TreeMap<>();
    private @Nullable SlowReading slowReading;
    private Duration clockOffset = Duration.ZERO;
    private int lastPort = FIRST_FREE_PORT - 1;
    private boolean down;
    private final TreeMap<Integer, Long> attempts = new TreeMap<>();

    /// How little the programs of a host take of what comes in: so many bytes of a connection, then
    /// nothing for a while.
    record SlowReading(int bytes, Duration every) {
        SlowReading {
            if (bytes < 1 || !every.isPositive()) {
                throw new IllegalArgumentException(
                        "slow reading is one byte or more, and more than no time between: "
                                + bytes
                                + ", "
                                + every);
            }
        }
    }

    Host(String name) {
        this.name = name;
    }

    /// How many connections its processes have tried to make to that port of any host.
    long attempts(int port) {
        return attempts.getOrDefault(port, 0L);
    }

    void attempted(Address target) {
        if (target instanceof Address.Inet inet) {
            attempts.merge(inet.port(), 1L, Long::sum);
        }
    }

    @Nullable SlowReading slowReading() {
        return slowReading;
    }

    /// Null for reading as fast as bytes come.
    void readSlowly(@Nullable SlowReading how) {
        slowReading = how;
    }

    /// How far the time of day here is from everybody else's.
    Duration clockOffset() {
        return clockOffset;
    }

    void jumpClock(Duration by) {
        clockOffset = clockOffset.plus(by);
    }

    /// Whether it has lost its power, so that nothing answers there.
    boolean isDown() {
        return down;
    }

    void down(boolean isDown) {
        down = isDown;
    }

    String name() {
        return name;
    }

    /// Whether `address`, seen from this machine, is this machine.
    boolean isSelf(Address.Inet address) {
        return isLoopback(address) || isWildcard(address) || address.host().equals(name);
    }

    /// The end of a new connection from here.
    ///
    /// @throws BindException if it is to be bound to an address that this machine has not
    Address clientAddress(ClientEndpoint endpoint) throws BindException {
        return switch (endpoint) {
            case ClientEndpoint.Tcp(var target, _, var bind, _) -> clientAddress(target, bind);
            case ClientEndpoint.Unix _ -> Address.unix("");
        };
    }

    private Address clientAddress(Address.Inet target, Address.@Nullable Inet bind)
            throws BindException {
        if (bind == null) {
            return Address.of(endTowards(target), freePort());
        }
        if (!isSelf(bind)) {
            throw new BindException("\"" + bind.host() + "\" is not an address of " + name);
        }
        int port = bind.port() == 0 ? freePort() : bind.port();
        return Address.of(isWildcard(bind) ? endTowards(target) : bind.host(), port);
    }

    private String endTowards(Address.Inet target) {
        return isLoopback(target) ? target.host() : name;
    }

    Port listen(ManualReactor reactor, Endpoint endpoint, ProtocolFactory factory) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> listenTcp(reactor, tcp, factory);
            case Endpoint.Unix unix -> listenUnix(reactor, unix, factory);
            case Endpoint.Systemd _, Endpoint.Descriptor _ ->
                    throw cannotListen(endpoint, "nobody passes sockets to a reactor in memory");
        };
    }

    private Port listenUnix(
            ManualReactor reactor, Endpoint.Unix endpoint, ProtocolFactory factory) {
        Port listener = new Port(this, reactor, endpoint.address(), SocketOptions.DEFAULT, factory);
        if (unixListeners.putIfAbsent(endpoint.address().path(), listener) != null) {
            throw cannotListen(endpoint, "address already in use: somebody listens there");
        }
        return listener;
    }

    private Port listenTcp(ManualReactor reactor, Endpoint.Tcp endpoint, ProtocolFactory factory) {
        Address.Inet wanted = endpoint.address();
        if (!isSelf(wanted)) {
            throw cannotListen(endpoint, "\"" + wanted.host() + "\" is not an address of " + name);
        }
        if (listeners(wanted.port()).anyMatch(other -> overlap(wanted, other))) {
            throw cannotListen(endpoint, "address already in use");
        }
        int port = wanted.port() == 0 ? freePort() : wanted.port();
        Address bound = Address.of(wanted.host(), port);
        Port listener = new Port(this, reactor, bound, endpoint.options(), factory);
        listeners.computeIfAbsent(port, _ -> new ArrayList<>()).add(listener);
        return listener;
    }

    /// The ports of streams that a process of this host has open.
    Stream<Port> listeners(ManualReactor reactor) {
        return Stream.concat(
                        listeners.values().stream().flatMap(List::stream),
                        unixListeners.values().stream())
                .filter(port -> port.reactor() == reactor);
    }

    private Stream<Port> listeners(int port) {
        return listeners.getOrDefault(port, List.of()).stream();
    }

    private void removeListenersIf(Predicate<Port> closed) {
        listeners
                .values()
                .removeIf(ports -> {
                    ports.removeIf(closed);
                    return ports.isEmpty();
                });
    }

    void stopListening(Port listener) {
        switch (listener.bound()) {
            case Address.Inet _ -> removeListenersIf(each -> each == listener);
            case Address.Unix unix -> unixListeners.remove(unix.path(), listener);
        }
    }

    void stopListening(ManualReactor reactor) {
        removeListenersIf(listener -> listener.reactor() == reactor);
        unixListeners.values().removeIf(listener -> listener.reactor() == reactor);
    }

    /// Who answers at `target`; nobody if that port is open on another interface only.
    @Nullable Port listener(Address target) {
        return switch (target) {
            case Address.Inet inet -> tcpListener(inet);
            case Address.Unix unix -> unixListeners.get(unix.path());
        };
    }

    private @Nullable Port tcpListener(Address.Inet target) {
        return listeners(target.port())
                .filter(port -> port.bound() instanceof Address.Inet at && reaches(target, at))
                .findFirst()
                .orElse(null);
    }

    /// Whether what is meant for `target`, an address of this machine, is for who is at `bound`.
    private static boolean reaches(Address.Inet target, Address.Inet bound) {
        return !isMulticast(bound) && overlap(target, bound);
    }

    private static boolean overlap(Address.Inet wanted, Port taken) {
        return taken.bound() instanceof Address.Inet bound && overlap(wanted, bound);
    }

    /// Whether two cannot be at both with the same port.
    private static boolean overlap(Address.Inet one, Address.Inet other) {
        boolean group = isMulticast(one) || isMulticast(other);
        boolean same =
                group ? one.host().equals(other.host()) : isLoopback(one) == isLoopback(other);
        return same || isWildcard(one) || isWildcard(other);
    }

    private int freePort() {
        return freePort(listeners.keySet());
    }

    private int freePort(Set<Integer> taken) {
        for (int tried = FIRST_FREE_PORT; tried <= LAST_FREE_PORT; tried++) {
            lastPort = lastPort == LAST_FREE_PORT ? FIRST_FREE_PORT : lastPort + 1;
            if (!taken.contains(lastPort)) {
                return lastPort;
            }
        }
        throw new IllegalStateException("every free port of " + name + " is taken");
    }

    // ---- UDP ----

    /// Where a UDP port is that wants to be at `wanted`.
    ///
    /// @throws CannotListenException if it cannot
    Address.Inet bindable(Address.Inet wanted, boolean shared) {
        if (!isSelf(wanted) && !isMulticast(wanted)) {
            throw cannotListen(wanted, "\"" + wanted.host() + "\" is not an address of " + name);
        }
        boolean free =
                datagramPorts(wanted.port()).stream()
                        .filter(other -> overlap(wanted, other.address()))
                        .allMatch(other -> shared && other.options().shared());
        if (!free) {
            throw cannotListen(wanted, "address already in use");
        }
        int port = wanted.port() == 0 ? freePort(datagramPorts.keySet()) : wanted.port();
        return Address.of(wanted.host(), port);
    }

    /// Where a UDP port is that is connected to `peer`.
    Address.Inet connectable(Address.Inet peer) {
        return Address.of(endTowards(peer), freePort(datagramPorts.keySet()));
    }

    void bind(DatagramPort port) {
        datagramPorts.computeIfAbsent(port.address().port(), _ -> new ArrayList<>()).add(port);
    }

    void unbind(DatagramPort port) {
        datagramPorts.computeIfPresent(
                port.address().port(),
                (_, ports) -> {
                    ports.remove(port);
                    return ports.isEmpty() ? null : ports;
                });
    }

    /// The UDP ports of that number, in the order they were opened in.
    List<DatagramPort> datagramPorts(int number) {
        return List.copyOf(datagramPorts.getOrDefault(number, List.of()));
    }

    /// Who gets what was sent to `target`, an address of this machine; null if nobody does.
    @Nullable DatagramPort receiver(Address.Inet source, Address.Inet target) {
        List<DatagramPort> able =
                datagramPorts(target.port()).stream()
                        .filter(port -> reaches(target, port.address()))
                        .filter(port -> port.peer() == null || source.equals(port.peer()))
                        .toList();
        // What a connected port takes no other needs; the others share by the sender.
        return able.stream()
                .filter(port -> port.peer() != null)
                .findFirst()
                .orElseGet(() ->
                        able.isEmpty()
                                ? null
                                : able.get(Math.floorMod(source.hashCode(), able.size())));
    }

    static boolean isLoopback(String host) {
        return isLoopback(Address.of(host, 0));
    }

    static boolean isMulticast(Address.Inet address) {
        return address.isLiteral() && InetAddress.ofLiteral(address.host()).isMulticastAddress();
    }

    static boolean isIpv4(Address.Inet address) {
        return address.isLiteral() && InetAddress.ofLiteral(address.host()) instanceof Inet4Address;
    }

    private static boolean isLoopback(Address.Inet address) {
        return Endpoint.at(address).isLoopback();
    }

    static boolean isWildcard(Address.Inet address) {
        return WILDCARDS.contains(address.host());
    }

    static CannotListenException cannotListen(Address.Inet address, String why) {
        return new CannotListenException(address, why, new BindException(why));
    }

    static CannotListenException cannotListen(Endpoint endpoint, String why) {
        return new CannotListenException(endpoint, why, new BindException(why));
    }
}
