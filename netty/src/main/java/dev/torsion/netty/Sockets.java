package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.PeerCredentials;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One of the ways to watch sockets, and the sockets that go with it.
interface Sockets {

    /// Which way it is; never [ReactorOptions.Io#AUTO].
    ReactorOptions.Io io();

    IoHandlerFactory watcher();

    ServerSocketChannel server();

    SocketChannel client();

    /// Lets several sockets listen at one place, the kernel spreading connections over them; null
    /// where that cannot be had. Elsewhere than on Linux SO_REUSEPORT means other things.
    @Nullable ChannelOption<Boolean> sharing();

    /// The options of TCP sockets that go by other names with each way.
    ///
    /// @param userTimeout null where it cannot be had
    record TcpOptions(
            ChannelOption<Integer> keepIdle,
            ChannelOption<Integer> keepInterval,
            ChannelOption<Integer> keepCount,
            @Nullable ChannelOption<Integer> userTimeout) {}

    TcpOptions tcpOptions();

    /// Sets up one that was accepted, on the loop that watches it next.
    ///
    /// @throws io.netty.channel.ChannelException if it is gone already, or the system refuses
    default void accepted(DuplexChannel channel, Executor loop) {}

    /// Where this end of a TCP connection is; null if it is gone already.
    default @Nullable SocketAddress hostOf(DuplexChannel channel) {
        return channel.localAddress();
    }

    /// A UNIX socket to listen on.
    ServerChannel unixServer();

    /// A UNIX socket to connect.
    DuplexChannel unixClient();

    /// A path, or an abstract name, as the channels of UNIX sockets want it.
    ///
    /// @throws IOException saying why it cannot be had
    SocketAddress unixAddress(Address.Unix address) throws IOException;

    /// Why there are no abstract names here, and what to do; null if there are.
    default @Nullable String abstractRefusal() {
        return null;
    }

    /// What Netty's natives take for the path of `address`: an abstract name begins with a NUL.
    static String nativePath(Address.Unix address) {
        String path = address.path();
        return address.isAbstract() ? "\0" + path.substring(1) : path;
    }

    /// Who is at the other end of an open UNIX socket.
    ///
    /// @return null where the system does not tell
    /// @throws IOException if it is gone already
    @Nullable PeerCredentials peerCredentials(DuplexChannel channel) throws IOException;

    /// A socket that listens already.
    ///
    /// @param endpoint an [Endpoint.Systemd] or an [Endpoint.Descriptor]
    /// @throws IOException saying why it cannot be had
    default ServerChannel inherited(Endpoint endpoint) throws IOException {
        throw new IOException(
                "only epoll can take over a socket that was opened before: use"
                        + " ReactorOptions.withIo(ReactorOptions.Io.EPOLL)");
    }

    /// Whether a socket is read when there is something to read; else the kernel is given a buffer
    /// for it long before.
    default boolean readWhenReady() {
        return true;
    }

    UdpSocket udp(boolean ipv6) throws IOException;
}
