package dev.torsion.netty;

import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A UDP socket: read by Netty through its [#channel()], written and set up by direct calls.
///
/// Sending goes past Netty because its channels take an empty datagram for nothing to do, and keep
/// what the kernel does not take, so that a sender could not be told. Connecting goes past it
/// because a channel that knows it is connected takes an empty datagram for nothing to read.
interface UdpSocket {

    DatagramChannel channel();

    /// Whether it is of IPv6, which reaches IPv4 too; else of IPv4 alone.
    boolean ipv6();

    void setBuffers(int receive, int send) throws IOException;

    void setBroadcast() throws IOException;

    void setShared() throws IOException;

    void setMulticast(@Nullable NetworkInterface by, int timeToLive, boolean loopback)
            throws IOException;

    void connect(InetSocketAddress peer) throws IOException;

    InetSocketAddress localAddress() throws IOException;

    /// Hands the bytes that remain in `data`, a direct buffer, to the kernel.
    ///
    /// @param to null if the socket is connected
    /// @return whether the kernel had room for them; of an empty datagram that is not known
    /// @throws java.net.PortUnreachableException if what was sent before reached nobody; this has
    ///   not been sent
    boolean send(ByteBuffer data, @Nullable InetSocketAddress to) throws IOException;

    void join(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException;

    void leave(InetAddress group, NetworkInterface on, @Nullable InetAddress source)
            throws IOException;
}
