package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The UDP ports of one reactor: opens them, and has what they share.
///
/// **Thread:** loop only.
final class DatagramPorts {
    /// Netty reads so many at most before it lets others have their turn; so many at most are held
    /// by a port whose reading is paused.
    private static final int READS_PER_TURN = 16;

    private final NettyReactor reactor;
    private final Runnable oneLess;
    private final Set<DatagramDial> dials = new LinkedHashSet<>();
    private final Set<DatagramPort> open = new LinkedHashSet<>();
    private @Nullable ByteBuffer scratch;

    /// @param oneLess is told that one has closed
    DatagramPorts(NettyReactor reactor, Runnable oneLess) {
        this.reactor = reactor;
        this.oneLess = oneLess;
    }

    // ---- opening ----

    /// Where `address` is. Thread-safe; a name that has to be looked up blocks.
    static InetAddress hostOf(Address.Inet address, Lookups lookups) {
        try {
            return lookups.ofPort(address);
        } catch (IOException | RuntimeException none) {
            throw new CannotListenException(
                    address, Lookups.whyNoPort(address, none), SocketFailure.known(none));
        }
    }

    static CannotListenException cannotAfterStop(Address.Inet address) {
        String why = "the reactor was stopped";
        return new CannotListenException(address, why, new IOException(why));
    }

    DatagramTransport listen(
            Address.Inet address,
            InetAddress host,
            DatagramProtocol protocol,
            DatagramOptions options) {
        if (reactor.stopping()) {
            throw cannotAfterStop(address);
        }
        try {
            InetSocketAddress where = new InetSocketAddress(host, address.port());
            UdpSocket socket = open(where, null, options);
            Address.Inet bound = Address.of(address.host(), socket.localAddress().getPort());
            DatagramPort port = add(socket, protocol, options, bound, null);
            Throwable thrown = port.start();
            if (thrown != null) {
                throw CannotListenException.failed(address, thrown);
            }
            return port;
        } catch (IOException failed) {
            throw new CannotListenException(
                    address, SocketFailure.whyNotBound(failed, address.host()), failed);
        }
    }

    /// Any free port, connected to `peer`, which is at `host`.
    DatagramTransport connect(
            Address.Inet peer, InetAddress host, DatagramProtocol protocol, DatagramOptions options)
            throws IOException {
        InetSocketAddress target = new InetSocketAddress(host, peer.port());
        UdpSocket socket = open(new InetSocketAddress(anyLike(host), 0), target, options);
        Address.Inet bound = PeerAddresses.textual(socket.localAddress());
        DatagramPort port = add(socket, protocol, options, bound, PeerAddresses.textual(target));
        Throwable thrown = port.start();
        if (thrown != null) {
            throw ConnectFailedException.startFailed(peer, thrown);
        }
        return port;
    }

    /// All addresses of this machine, of the family of `host`.
    private static InetAddress anyLike(InetAddress host) {
        return InetAddress.ofLiteral(host instanceof Inet6Address ? "::" : "0.0.0.0");
    }

    private UdpSocket open(
            InetSocketAddress where, @Nullable InetSocketAddress peer, DatagramOptions options)
            throws IOException {
        UdpSocket socket = null;
        try {
            socket = reactor.sockets().udp(where.getAddress() instanceof Inet6Address);
            configure(socket, options);
            reactor.register(socket.channel());
            NettyReactor.done(socket.channel().bind(where));
            if (peer != null) {
                socket.connect(peer);
            }
            return socket;
        } catch (IOException | RuntimeException failed) {
            if (socket != null) {
                socket.channel().unsafe().closeForcibly();
            }
            throw SocketFailure.known(failed);
        }
    }

    private static void configure(UdpSocket socket, DatagramOptions options) throws IOException {
        // One byte more shows that a datagram is longer than may be.
        socket.channel()
                .config()
                .setRecvByteBufAllocator(
                        new FixedRecvByteBufAllocator(options.receiveSize() + 1)
                                .maxMessagesPerRead(READS_PER_TURN));
        socket.setBuffers(options.receiveBuffer(), options.sendBuffer());
        if (options.broadcast()) {
            socket.setBroadcast();
        }
        if (options.shared()) {
            socket.setShared();
        }
        DatagramOptions.Multicast multicast = options.multicast();
        String named = multicast.networkInterface();
        NetworkInterface by = named == null ? null : Interfaces.named(named);
        socket.setMulticast(by, multicast.timeToLive(), multicast.loopback());
    }

    private DatagramPort add(
            UdpSocket socket,
            DatagramProtocol protocol,
            DatagramOptions options,
            Address.Inet address,
            Address.@Nullable Inet peer) {
        DatagramPort port =
                new DatagramPort(reactor, this, socket, protocol, options, address, peer);
        open.add(port);
        return port;
    }

    // ---- closing ----

    void add(DatagramDial dial) {
        dials.add(dial);
    }

    void remove(DatagramDial dial) {
        dials.remove(dial);
    }

    void stopListening() {
        List.copyOf(dials).forEach(DatagramDial::stopped);
        List.copyOf(open).forEach(DatagramPort::stopListening);
    }

    void closed(DatagramPort port) {
        open.remove(port);
        oneLess.run();
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    // ---- what they share ----

    /// The bytes as the kernel can read them: where they are, or a copy that is good until the next
    /// call.
    ByteBuffer direct(Bytes data) {
        if (data instanceof BorrowedBytes borrowed) {
            ByteBuffer inPlace = borrowed.inPlace();
            if (inPlace.isDirect()) {
                return inPlace;
            }
        }
        ByteBuffer copy = scratch;
        if (copy == null) {
            copy = ByteBuffer.allocateDirect(DatagramTransport.LARGEST);
            scratch = copy;
        }
        copy.clear();
        data.putInto(copy);
        return copy.flip();
    }
}
