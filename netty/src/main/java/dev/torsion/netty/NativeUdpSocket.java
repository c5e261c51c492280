package dev.torsion.netty;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A UDP socket of epoll or io_uring, so of Linux.
///
/// Netty's own multicast of these is not used: it sets the time to live of all datagrams but those
/// to groups. The numbers and structures here are Linux's (`linux/in.h`, `linux/in6.h`,
/// `linux/socket.h`), which are the same on all the processors that Netty has natives for.
final class NativeUdpSocket implements UdpSocket {
    private static final int IPPROTO_IP = 0;
    private static final int IP_MULTICAST_IF = 32;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    private static final int MCAST_JOIN_GROUP = 42;
    private static final int MCAST_LEAVE_GROUP = 45;
    private static final int MCAST_JOIN_SOURCE_GROUP = 46;
    private static final int MCAST_LEAVE_SOURCE_GROUP = 47;
    private static final int SOL_SOCKET = 1;
    private static final int SO_BROADCAST = 6;
    private static final short AF_INET = 2;
    private static final short AF_INET6 = 10;

    private static final int SIZE_OF_IP_MREQN = 12;
    private static final int SIZE_OF_SOCKADDR_STORAGE = 128;

    /// Where the first address of `group_req` and `group_source_req` begins: after the number of
    /// the interface, aligned.
    private static final int OFFSET_OF_ADDRESSES = 8;

    private final DatagramChannel channel;
    private final Socket socket;
    private final boolean ipv6;

    NativeUdpSocket(DatagramChannel channel, boolean ipv6) {
        this.channel = channel;
        this.socket = (Socket) ((UnixChannel) channel).fd();
        this.ipv6 = ipv6;
    }

    @Override
    public DatagramChannel channel() {
        return channel;
    }

    @Override
    public boolean ipv6() {
        return ipv6;
    }

    @Override
    public void setBuffers(int receive, int send) throws IOException {
        if (receive > 0) {
            socket.setReceiveBufferSize(receive);
        }
        if (send > 0) {
            socket.setSendBufferSize(send);
        }
    }

    @Override
    public void setBroadcast() throws IOException {
        socket.setIntOpt(SOL_SOCKET, SO_BROADCAST, 1);
    }

    @Override
    public void setShared() throws IOException {
        socket.setReuseAddress(true);
        socket.setReusePort(true);
    }

    /// One of IPv6 sends to groups of IPv4 too, by the options of IPv4.
    @Override
    public void setMulticast(@Nullable NetworkInterface by, int timeToLive, boolean loopback)
            throws IOException {
        int loop = loopback ? 1 : 0;
        if (ipv6) {
            if (by != null) {
                socket.setIntOpt(IPPROTO_IPV6, IPV6_MULTICAST_IF, by.getIndex());
            }
            socket.setIntOpt(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, timeToLive);
            socket.setIntOpt(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
        }
        if (by != null) {
            ByteBuffer request = structure(SIZE_OF_IP_MREQN);
            request.putInt(SIZE_OF_IP_MREQN - Integer.BYTES, by.getIndex());
            socket.setRawOpt(IPPROTO_IP, IP_MULTICAST_IF, request);
        }
        socket.setIntOpt(IPPROTO_IP, IP_MULTICAST_TTL, timeToLive);
        socket.setIntOpt(IPPROTO_IP, IP_MULTICAST_LOOP, loop);
    }

    @Override
    public void connect(InetSocketAddress peer) throws IOException {
        socket.connect(peer);
    }

    @Override
    public InetSocketAddress localAddress() {
        return socket.localAddress();
    }

    @Override
    public boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException {
        int size = data.remaining();
        int taken =
                to == null
                        ? socket.send(data, data.position(), data.limit())
                        : socket.sendTo(
                                data, data.position(), data.limit(), to.getAddress(), to.getPort());
        return taken == size;
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException {
        set(source == null ? MCAST_JOIN_GROUP : MCAST_JOIN_SOURCE_GROUP, group, on, source);
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException {
        set(source == null ? MCAST_LEAVE_GROUP : MCAST_LEAVE_SOURCE_GROUP, group, on, source);
    }

    private void set(
            int option, InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException {
        int addresses = source == null ? 1 : 2;
        ByteBuffer request = structure(OFFSET_OF_ADDRESSES + addresses * SIZE_OF_SOCKADDR_STORAGE);
        request.putInt(0, on.getIndex());
        putAddress(request, OFFSET_OF_ADDRESSES, group);
        if (source != null) {
            putAddress(request, OFFSET_OF_ADDRESSES + SIZE_OF_SOCKADDR_STORAGE, source);
        }
        try {
            socket.setRawOpt(
                    group instanceof Inet6Address ? IPPROTO_IPV6 : IPPROTO_IP, option, request);
        } catch (ChannelException refused) { // by the system
            throw SocketFailure.known(refused);
        }
    }

    /// Writes a `sockaddr_in` or a `sockaddr_in6`.
    private static void putAddress(ByteBuffer request, int at, InetAddress address) {
        if (address instanceof Inet6Address six) {
            request.putShort(at, AF_INET6);
            request.put(at + 8, address.getAddress());
            request.putInt(at + 24, six.getScopeId());
        } else {
            request.putShort(at, AF_INET);
            request.put(at + 4, address.getAddress());
        }
    }

    private static ByteBuffer structure(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }
}
