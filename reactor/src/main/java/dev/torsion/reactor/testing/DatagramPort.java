package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotJoinException;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DatagramMeter;
import dev.torsion.reactor.DatagramMetrics;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.MulticastGroup;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A UDP port in memory: all that [DatagramTransport] and [dev.torsion.reactor.DatagramProtocol]
/// promise, over a [DatagramNetwork].
final class DatagramPort implements DatagramTransport {

    /// What Linux keeps unread, or unsent, unless told otherwise.
    private static final int USUAL_BUFFER = 212_992;

    /// What it counts for a datagram beside its bytes, so that empty ones have a bound too.
    private static final int COST = 768;

    private final ManualReactor reactor;
    private final DatagramNetwork network;
    private final Address.Inet address;
    private final Address.@Nullable Inet peer;
    private final DatagramProtocol protocol;
    private final DatagramOptions options;
    private final DatagramMeter meter = new DatagramMeter();
    private final Set<MulticastGroup> groups = new LinkedHashSet<>();
    private final ArrayDeque<Datagram> incoming = new ArrayDeque<>();
    private final Deferred<Void> closed;
    private int incomingBytes;
    private boolean open = true;
    private boolean paused;
    private boolean readQueued;

    DatagramPort(
            ManualReactor reactor,
            DatagramNetwork network,
            Address.Inet address,
            Address.@Nullable Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options) {
        this.reactor = reactor;
        closed = new Deferred<>(reactor);
        this.network = network;
        this.address = address;
        this.peer = peer;
        this.protocol = protocol;
        this.options = options;
    }

    /// Tells the protocol.
    ///
    /// @return what it has thrown, for which this is closed; null for nothing
    @Nullable Throwable start() {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        reactor.enter(() -> {
            try {
                protocol.started(this);
            } catch (Throwable thrown) {
                close(new CloseReason.Failed(thrown));
                failure.set(thrown);
            }
        });
        return failure.get();
    }

    // ---- what the protocol asks for ----

    @Override
    public ManualReactor reactor() {
        return reactor;
    }

    @Override
    public Address.Inet address() {
        return address;
    }

    @Override
    public Address.@Nullable Inet peer() {
        return peer;
    }

    @Override
    public boolean send(Bytes data, Address.Inet to) {
        reactor.requireLoop("DatagramTransport.send");
        if (data.size() > LARGEST) {
            throw new IllegalArgumentException(
                    "a datagram has at most %d bytes, not %d".formatted(LARGEST, data.size()));
        }
        if (peer != null && !peer.equals(to)) {
            throw new IllegalArgumentException(
                    "this port is connected to %s and sends nothing to %s".formatted(peer, to));
        }
        network.requireAddress(this, to);
        if (!open) {
            meter.refused("the port was stopped");
            return false;
        }
        return network.send(this, data.owned(), to);
    }

    @Override
    public void joinGroup(MulticastGroup group) {
        reactor.requireLoop("DatagramTransport.joinGroup");
        if (!open) {
            throw cannotJoin(group, "the port was stopped");
        }
        if (InetAddress.ofLiteral(group.address()) instanceof Inet6Address
                && Host.isIpv4(address)) {
            throw cannotJoin(group, "it is of IPv6, and the port of IPv4");
        }
        groups.add(group);
    }

    private static CannotJoinException cannotJoin(MulticastGroup group, String why) {
        return new CannotJoinException(group, why, new IOException(why));
    }

    @Override
    public void leaveGroup(MulticastGroup group) {
        reactor.requireLoop("DatagramTransport.leaveGroup");
        groups.remove(group);
    }

    @Override
    public void pauseReading() {
        reactor.requireLoop("DatagramTransport.pauseReading");
        paused = true;
    }

    @Override
    public void resumeReading() {
        reactor.requireLoop("DatagramTransport.resumeReading");
        paused = false;
        queueRead();
    }

    @Override
    public DatagramMetrics metrics() {
        return meter.metrics();
    }

    @Override
    public CompletionStage<Void> stopListening() {
        reactor.onTimeline(() -> close(new CloseReason.Done()));
        return closed.copy();
    }

    // ---- what happens to it ----

    /// Something arrived at this port.
    ///
    /// @return whether there was room for it
    boolean arrived(Datagram datagram) {
        int room = options.receiveBuffer() == 0 ? USUAL_BUFFER : options.receiveBuffer();
        if (incomingBytes > room) {
            return false;
        }
        incoming.add(datagram);
        incomingBytes += datagram.bytes().size() + COST;
        queueRead();
        return true;
    }

    /// Nothing listens where it has sent something.
    void refused() {
        if (open) {
            reactor.queue(() -> {
                if (open) {
                    call(protocol::connectionRefused);
                }
            });
        }
    }

    private void queueRead() {
        if (!readQueued && readable()) {
            readQueued = true;
            reactor.queueReading(this::read);
        }
    }

    private boolean readable() {
        return open && !paused && !incoming.isEmpty();
    }

    private void read() {
        readQueued = false;
        if (!readable()) {
            return;
        }
        Datagram next = incoming.remove();
        incomingBytes -= next.bytes().size() + COST;
        if (next.bytes().size() > options.receiveSize()) {
            meter.tooLong();
        } else {
            meter.delivered();
            BorrowedBytes loan = new BorrowedBytes(next.bytes(), 0, next.bytes().size());
            call(() -> protocol.datagramReceived(loan, next.from()));
            loan.end();
        }
        queueRead();
    }

    private void call(Runnable protocolMethod) {
        try {
            reactor.enter(protocolMethod);
        } catch (Throwable thrown) {
            reactor.failed(thrown);
        }
    }

    private void close(CloseReason why) {
        if (!open) {
            return;
        }
        vanish();
        reactor.queue(() -> {
            call(() -> protocol.stopped(why));
            reactor.closed(this);
            closed.succeed(null);
        });
    }

    /// Nothing happens here any more, and nobody is told.
    void vanish() {
        if (open) {
            open = false;
            incoming.forEach(_ -> meter.unread());
            incoming.clear();
            groups.clear();
            reactor.host().unbind(this);
        }
    }

    // ---- for the network ----

    DatagramOptions options() {
        return options;
    }

    DatagramMeter meter() {
        return meter;
    }

    int sendBuffer() {
        return options.sendBuffer() == 0 ? USUAL_BUFFER : options.sendBuffer();
    }

    /// Whether it hears what `sender` has sent to `group`.
    ///
    /// @param byLoopback whether that was sent by the interface of the machine alone
    boolean hears(Address.Inet sender, InetAddress group, boolean byLoopback) {
        return isAt(group)
                && groups.stream()
                        .filter(joined -> InetAddress.ofLiteral(joined.address()).equals(group))
                        .filter(joined ->
                                joined.source() == null || sender.host().equals(joined.source()))
                        .anyMatch(joined -> isLoopback(joined.networkInterface()) == byLoopback);
    }

    private boolean isAt(InetAddress group) {
        return Host.isWildcard(address)
                || (address.isLiteral() && InetAddress.ofLiteral(address.host()).equals(group));
    }

    /// Whether what it sends to groups leaves by the interface of the machine alone.
    boolean sendsByLoopback() {
        return isLoopback(options.multicast().networkInterface());
    }

    private boolean isLoopback(@Nullable String networkInterface) {
        String where = networkInterface == null ? address.host() : networkInterface;
        return where.equals("lo") || Host.isLoopback(where);
    }

    @Override
    public String toString() {
        return "UDP port " + address;
    }
}
