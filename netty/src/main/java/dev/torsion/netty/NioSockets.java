package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.PeerCredentials;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// The JDK's own selector.
final class NioSockets implements Sockets {

    @Override
    public ReactorOptions.Io io() {
        return ReactorOptions.Io.NIO;
    }

    @Override
    public IoHandlerFactory watcher() {
        return NioIoHandler.newFactory();
    }

    @Override
    public TcpOptions tcpOptions() {
        return new TcpOptions(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT),
                null);
    }

    @Override
    public ServerSocketChannel server() {
        return new NioServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new NioSocketChannel();
    }

    @Override
    public ServerChannel unixServer() {
        return new NioServerDomainSocketChannel();
    }

    @Override
    public DuplexChannel unixClient() {
        return new NioDomainSocketChannel();
    }

    @Override
    public SocketAddress unixAddress(Address.Unix address) throws IOException {
        if (address.isAbstract()) {
            throw new IOException(abstractRefusal());
        }
        return UnixDomainSocketAddress.of(address.path());
    }

    @Override
    public String abstractRefusal() {
        return "NIO has no abstract names of UNIX sockets: use a path, or epoll or io_uring"
                + " (ReactorOptions.withIo), which Linux has";
    }

    @Override
    public @Nullable PeerCredentials peerCredentials(DuplexChannel channel) throws IOException {
        return UnixPeers.ofJdk(channel);
    }

    @Override
    public @Nullable ChannelOption<Boolean> sharing() {
        return System.getProperty("os.name", "").equals("Linux")
                ? NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT)
                : null;
    }

    @Override
    public UdpSocket udp(boolean ipv6) throws IOException {
        return new NioUdpSocket(ipv6);
    }
}
