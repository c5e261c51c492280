package dev.torsion.netty;

import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.MembershipKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A UDP socket of the JDK's.
final class NioUdpSocket implements UdpSocket {
    private final ProtocolFamily family;
    private final java.nio.channels.DatagramChannel socket;
    private final NioDatagramChannel channel;
    private final Map<Membership, MembershipKey> memberships = new HashMap<>();

    private record Membership(
            InetAddress group, NetworkInterface on, @Nullable InetAddress source) {}

    NioUdpSocket(boolean ipv6) throws IOException {
        family = ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
        socket = java.nio.channels.DatagramChannel.open(family);
        channel = new NioDatagramChannel(socket);
    }

    @Override
    public DatagramChannel channel() {
        return channel;
    }

    @Override
    public boolean ipv6() {
        return family == StandardProtocolFamily.INET6;
    }

    @Override
    public void setBuffers(int receive, int send) throws IOException {
        if (receive > 0) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, receive);
        }
        if (send > 0) {
            socket.setOption(StandardSocketOptions.SO_SNDBUF, send);
        }
    }

    @Override
    public void setBroadcast() throws IOException {
        socket.setOption(StandardSocketOptions.SO_BROADCAST, true);
    }

    @Override
    public void setShared() throws IOException {
        socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        if (socket.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
    }

    @Override
    public void setMulticast(@Nullable NetworkInterface by, int timeToLive, boolean loopback)
            throws IOException {
        if (by != null) {
            socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, by);
        }
        socket.setOption(StandardSocketOptions.IP_MULTICAST_TTL, timeToLive);
        socket.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, loopback);
    }

    @Override
    public void connect(InetSocketAddress peer) throws IOException {
        socket.connect(peer);
    }

    @Override
    public InetSocketAddress localAddress() throws IOException {
        return (InetSocketAddress) socket.getLocalAddress();
    }

    @Override
    public boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException {
        int size = data.remaining();
        try {
            if (to != null) {
                return socket.send(data, to) == size;
            }
            return size == 0 ? sendNothing(data) : socket.write(data) == size;
        } catch (IllegalArgumentException | IllegalStateException refused) {
            // The JDK's own checks, of the address's family for one.
            throw new IOException(refused.toString(), refused);
        }
    }

    /// A connected channel of the JDK's takes an empty datagram for nothing to do, so that it
    /// leaves through another one at the same address. If nobody receives it, this one hears of it.
    private boolean sendNothing(ByteBuffer nothing) throws IOException {
        socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        try (var other = java.nio.channels.DatagramChannel.open(family)) {
            other.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            other.bind(socket.getLocalAddress());
            other.configureBlocking(false);
            return other.send(nothing, socket.getRemoteAddress()) == 0;
        }
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException {
        try {
            MembershipKey key =
                    source == null ? socket.join(group, on) : socket.join(group, on, source);
            memberships.put(new Membership(group, on, source), key);
        } catch (IllegalArgumentException
                | IllegalStateException
                | UnsupportedOperationException refused) {
            throw new IOException(refused.getMessage(), refused);
        }
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException {
        MembershipKey key = memberships.remove(new Membership(group, on, source));
        if (key != null) {
            drop(key);
        }
    }

    private static void drop(MembershipKey key) throws IOException {
        try {
            key.drop();
        } catch (AssertionError refused) { // for the JDK the system cannot refuse
            throw new IOException(refused.getMessage(), refused);
        }
    }
}
