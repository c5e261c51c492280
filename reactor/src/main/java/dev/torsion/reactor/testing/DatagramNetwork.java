package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.net.InetAddress;
import java.util.List;

/// How a [MemoryNetwork] carries datagrams: each on its own, after the latency of its way or never.
final class DatagramNetwork {
    private static final String EVERYBODY = "255.255.255.255";

    private final MemoryNetwork network;
    private long lost;

    DatagramNetwork(MemoryNetwork network) {
        this.network = network;
    }

    /// How many were sent and reached nobody.
    long lost() {
        return lost;
    }

    /// @throws IllegalArgumentException if no real network would understand `to` without asking
    void requireAddress(DatagramPort sender, Address.Inet to) {
        if (to.port() == 0) {
            throw new IllegalArgumentException("nobody has the port 0: " + to);
        }
        if (network.resolve(sender.reactor().host(), to) == null && !to.isLiteral()) {
            throw new IllegalArgumentException(
                    "%s is neither a host of this network nor an address in its textual form"
                            .formatted(to));
        }
    }

    /// Takes a datagram for sending. False if that is not possible, which is counted.
    boolean send(DatagramPort sender, Bytes bytes, Address.Inet to) {
        if (Host.isMulticast(to)) {
            return sendToGroup(sender, bytes, to);
        }
        if (to.host().equals(EVERYBODY)) {
            return sendToEverybody(sender, bytes, to);
        }
        Host here = sender.reactor().host();
        Host there = network.resolve(here, to);
        if (there != here && Host.isLoopback(sender.address().host())) {
            sender.meter().refused("no way leads from loopback to " + to.host());
            return false;
        }
        if (there == null) {
            sender.meter().sent();
            lost(here, here, "nobody is at " + to);
            return true;
        }
        Way way = network.way(here, there);
        if (way.waitingBytes(network.nanoTime()) > sender.sendBuffer()) {
            sender.meter().noRoom();
            return false;
        }
        sender.meter().sent();
        Datagram datagram = new Datagram(source(sender, to), to, bytes);
        carry(way, datagram, () -> arrive(way, sender, datagram));
        return true;
    }

    private boolean sendToGroup(DatagramPort sender, Bytes bytes, Address.Inet group) {
        sender.meter().sent();
        Host here = sender.reactor().host();
        InetAddress address = InetAddress.ofLiteral(group.host());
        Datagram datagram = new Datagram(source(sender, group), group, bytes);
        boolean byLoopback = sender.sendsByLoopback();
        for (Host host : network.hosts()) {
            boolean reached =
                    host == here
                            ? byLoopback || sender.options().multicast().loopback()
                            : !byLoopback && sender.options().multicast().timeToLive() > 0;
            if (reached) {
                Way way = network.way(here, host);
                carry(
                        way,
                        datagram,
                        () -> {
                            for (DatagramPort port : ports(host, group)) {
                                if (port.hears(datagram.from(), address, byLoopback)) {
                                    handOver(way, port, datagram);
                                }
                            }
                        });
            }
        }
        return true;
    }

    private boolean sendToEverybody(DatagramPort sender, Bytes bytes, Address.Inet to) {
        if (!sender.options().broadcast()) {
            sender.meter().refused("Permission denied: this port may not broadcast");
            return false;
        }
        sender.meter().sent();
        Datagram datagram = new Datagram(source(sender, to), to, bytes);
        for (Host host : network.hosts()) {
            Way way = network.way(sender.reactor().host(), host);
            carry(
                    way,
                    datagram,
                    () -> {
                        for (DatagramPort port : ports(host, to)) {
                            if (Host.isWildcard(port.address())) {
                                handOver(way, port, datagram);
                            }
                        }
                    });
        }
        return true;
    }

    private static List<DatagramPort> ports(Host host, Address.Inet to) {
        return host.isDown() ? List.of() : host.datagramPorts(to.port());
    }

    /// What a receiver takes the sender for.
    private static Address.Inet source(DatagramPort sender, Address.Inet to) {
        Address.Inet bound = sender.address();
        if (!Host.isWildcard(bound) && !Host.isMulticast(bound)) {
            return bound;
        }
        boolean local = Host.isLoopback(to.host()) || sender.sendsByLoopback();
        String host = local ? "127.0.0.1" : sender.reactor().host().name();
        return Address.of(host, bound.port());
    }

    private void carry(Way way, Datagram datagram, Runnable arrival) {
        if (way.cut() != null || way.loses()) {
            lost(way.from(), way.to(), datagram);
            return;
        }
        network.timeline()
                .at(
                        network.arrival(way, datagram.bytes().size()),
                        null,
                        () -> {
                            if (way.cut() == null) {
                                arrival.run();
                            } else {
                                lost(way.from(), way.to(), datagram);
                            }
                        });
    }

    private void arrive(Way way, DatagramPort sender, Datagram datagram) {
        Host there = way.to();
        if (there.isDown()) {
            lost(way.from(), there, datagram);
            return;
        }
        DatagramPort receiver = there.receiver(datagram.from(), datagram.to());
        if (receiver != null) {
            handOver(way, receiver, datagram);
            return;
        }
        lost(way.from(), there, datagram);
        Way back = network.way(there, way.from());
        if (sender.peer() != null && back.cut() == null && !back.loses()) {
            network.timeline().at(network.arrival(back, 0), null, sender::refused);
        }
    }

    private void handOver(Way way, DatagramPort receiver, Datagram datagram) {
        if (!receiver.arrived(datagram)) {
            lost(way.from(), way.to(), datagram + ": the buffer of its receiver is full");
        } else if (network.isTraced()) {
            network.tell(way.from(), way.to(), datagram);
        }
    }

    private void lost(Host from, Host to, Object what) {
        lost++;
        network.tell(from, to, "lost " + what);
    }
}
