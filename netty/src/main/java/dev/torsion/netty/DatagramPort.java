package dev.torsion.netty;

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
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Thrown;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One UDP socket between Netty and a [DatagramProtocol].
final class DatagramPort extends LastHandler implements DatagramTransport {
    private static final Logger log = LoggerFactory.getLogger(DatagramPort.class);

    private final NettyReactor reactor;
    private final DatagramPorts ports;
    private final UdpSocket socket;
    private final DatagramProtocol protocol;
    private final DatagramOptions options;
    private final Address.Inet address;
    private final Address.@Nullable Inet peer;
    private final DatagramMeter meter = new DatagramMeter();
    private final PeerAddresses addresses = new PeerAddresses();
    private final Map<MulticastGroup, NetworkInterface> groups = new LinkedHashMap<>();
    private final ArrayDeque<DatagramPacket> held = new ArrayDeque<>();
    private final Deferred<Void> closed;
    private boolean paused;
    private @Nullable Throwable trouble;
    private @Nullable CloseReason reason; // from the end on

    /// Takes over a socket that is bound, and connected if it has a peer.
    DatagramPort(
            NettyReactor reactor,
            DatagramPorts ports,
            UdpSocket socket,
            DatagramProtocol protocol,
            DatagramOptions options,
            Address.Inet address,
            Address.@Nullable Inet peer) {
        this.reactor = reactor;
        closed = new Deferred<>(reactor);
        this.ports = ports;
        this.socket = socket;
        this.protocol = protocol;
        this.options = options;
        this.address = address;
        this.peer = peer;
    }

    /// Receives, and tells the protocol.
    ///
    /// @return what it has thrown, for which this is closed; null for nothing
    @Nullable Throwable start() {
        DatagramChannel channel = socket.channel();
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(_ -> reactor.afterNextLook(this::gone));
        reactor.beginCall(protocol, "started");
        try {
            protocol.started(this);
            return null;
        } catch (Throwable thrown) {
            close(new CloseReason.Failed(thrown));
            return thrown;
        } finally {
            reactor.endCall();
        }
    }

    // ---- receiving ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        if (reason != null) {
            meter.unread();
            packet.release();
        } else if (paused || !held.isEmpty()) {
            held.add(packet);
        } else {
            deliver(packet);
        }
    }

    private void deliver(DatagramPacket packet) {
        ByteBuf content = packet.content();
        try {
            if (content.readableBytes() > options.receiveSize()) {
                meter.tooLong();
                return;
            }
            Address.Inet from = addresses.address(packet.sender());
            if (peer != null && !peer.equals(from)) {
                meter.unread(); // came between binding and connecting; later it would not have
                return;
            }
            meter.delivered();
            BorrowedBytes data = reactor.lender().lend(content);
            call("datagramReceived", told -> told.datagramReceived(data, from));
            reactor.lender().end(data);
        } finally {
            packet.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (SocketFailure.of(cause) == SocketFailure.REFUSED) {
            refused();
        } else if (reason == null) {
            if (trouble == null) {
                log.warn("{} has trouble reading: {}", this, cause.toString());
            }
            trouble = cause;
            if (cause instanceof Error) { // with io_uring nothing would be read any more
                close(new CloseReason.Lost(cause));
            }
        }
    }

    private void refused() {
        if (reason == null) {
            call("connectionRefused", DatagramProtocol::connectionRefused);
        }
    }

    /// Calls the protocol; what it throws is its own affair.
    private void call(String method, Consumer<DatagramProtocol> call) {
        reactor.beginCall(protocol, method);
        try {
            call.accept(protocol);
        } catch (Throwable thrown) {
            String goesOn = reason == null ? "lives on" : "is closed";
            Thrown.log(log, method + " threw; " + this + " " + goesOn, thrown);
        } finally {
            reactor.endCall();
        }
    }

    @Override
    public void pauseReading() {
        reactor.requireLoop("DatagramTransport.pauseReading");
        if (reason == null) {
            paused = true;
            socket.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void resumeReading() {
        reactor.requireLoop("DatagramTransport.resumeReading");
        if (paused && reason == null) {
            paused = false;
            reactor.execute(this::goOn);
        }
    }

    /// Delivers what is held, until another pause; then the socket is read again.
    private void goOn() {
        while (!paused && !held.isEmpty()) {
            deliver(held.remove());
        }
        if (!paused && reason == null) {
            socket.channel().config().setAutoRead(true);
        }
    }

    // ---- sending ----

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
        InetSocketAddress target = peer == null ? addresses.socket(to) : null;
        if (reason != null) {
            meter.refused("the port was stopped");
            return false;
        }
        try {
            boolean taken = send(ports.direct(data), target);
            if (taken) {
                meter.sent();
            } else {
                meter.noRoom();
            }
            return taken;
        } catch (IOException refused) {
            String why = SocketFailure.why(refused);
            if (meter.refused(why)) {
                log.warn("{} could not send {} bytes to {}: {}", this, data.size(), to, why);
            }
            return false;
        }
    }

    private boolean send(ByteBuffer data, @Nullable InetSocketAddress target) throws IOException {
        if (target != null && target.getAddress() instanceof Inet6Address && !socket.ipv6()) {
            throw new IOException("this port is of IPv4, and has no way to IPv6");
        }
        try {
            return socket.send(data, target);
        } catch (IOException failed) {
            if (peer == null || SocketFailure.of(failed) != SocketFailure.REFUSED) {
                throw failed;
            }
            // The kernel told of a datagram sent before, instead of sending this one.
            reactor.execute(this::refused);
            return socket.send(data, target);
        }
    }

    // ---- groups ----

    @Override
    public void joinGroup(MulticastGroup group) {
        reactor.requireLoop("DatagramTransport.joinGroup");
        if (groups.containsKey(group)) {
            return;
        }
        try {
            if (reason != null) {
                throw new IOException("the port was stopped");
            }
            NetworkInterface on = Interfaces.toHear(group.networkInterface(), address);
            socket.join(InetAddress.ofLiteral(group.address()), on, source(group));
            groups.put(group, on);
        } catch (IOException failed) {
            throw new CannotJoinException(group, SocketFailure.why(failed), failed);
        }
    }

    @Override
    public void leaveGroup(MulticastGroup group) {
        reactor.requireLoop("DatagramTransport.leaveGroup");
        NetworkInterface on = groups.remove(group);
        if (on == null || reason != null) {
            return;
        }
        try {
            socket.leave(InetAddress.ofLiteral(group.address()), on, source(group));
        } catch (IOException left) {
            log.debug("{} had left {} already", this, group, left);
        }
    }

    private static @Nullable InetAddress source(MulticastGroup group) {
        return group.source() == null ? null : InetAddress.ofLiteral(group.source());
    }

    // ---- ending ----

    @Override
    public CompletionStage<Void> stopListening() {
        if (reactor.inLoop()) {
            close(new CloseReason.Done());
        } else {
            try {
                reactor.execute(() -> close(new CloseReason.Done()));
            } catch (RejectedExecutionException ended) {
                log.debug("{} was closed when its reactor ended", this, ended);
            }
        }
        return closed.copy();
    }

    private void close(CloseReason why) {
        if (reason == null) {
            reason = why;
            held.forEach(packet -> {
                meter.unread();
                packet.release();
            });
            held.clear();
            var _ = socket.channel().close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Throwable why = trouble == null ? new SocketException("the socket was closed") : trouble;
        close(new CloseReason.Lost(why));
    }

    /// The socket is closed.
    private void gone() {
        CloseReason why = reason;
        if (why != null) {
            call("stopped", told -> told.stopped(why));
        }
        ports.closed(this);
        closed.succeed(null);
    }

    // ---- what is known ----

    /// For tests that look at the socket's options.
    DatagramChannel channel() {
        return socket.channel();
    }

    @Override
    public Reactor reactor() {
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
    public DatagramMetrics metrics() {
        return meter.metrics();
    }

    @Override
    public String toString() {
        return "UDP port " + address;
    }
}
