package dev.torsion.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;

/// Linux io_uring. Nobody but this and what it makes knows Netty's io_uring classes, which may be
/// absent.
final class IoUringSockets implements Sockets {
    private IoUringSockets() {}

    static Sockets load() {
        if (!IoUring.isAvailable()) {
            throw SocketsChoice.absent(ReactorOptions.Io.IO_URING, IoUring.unavailabilityCause());
        }
        return new IoUringSockets();
    }

    @Override
    public ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }

    @Override
    public IoHandlerFactory watcher() {
        return MendedIoHandler.factory(
                IoUringIoHandler.newFactory(),
                (handler, socket) -> handler.register(new ReadToTheEnd((IoUringIoHandle) socket)));
    }

    @Override
    public ServerSocketChannel server() {
        return new IoUringServerSocketChannel();
    }

    @Override
    public CompletableFuture<?> readyForClients() {
        return Preparation.DONE;
    }

    @Override
    public SocketChannel client() throws IOException {
        return blocking(new IoUringSocketChannel());
    }

    @Override
    public ServerChannel unixServer() {
        return new IoUringServerDomainSocketChannel();
    }

    @Override
    public DuplexChannel unixClient() throws IOException {
        return blocking(new IoUringDomainSocketChannel());
    }

    /// Lets the kernel wait until it may take what is written, as with the sockets it accepts.
    ///
    /// If it does not wait, Netty 4.2.18 does: it polls for POLLOUT, is told at once that a peer
    /// has ended its direction, which io_uring adds to what it was asked for, and writes no more.
    private static <T extends UnixChannel> T blocking(T client) throws IOException {
        try {
            Fcntl.setBlocking(client.fd().intValue(), true);
            return client;
        } catch (IOException failed) {
            client.unsafe().closeForcibly();
            throw failed;
        }
    }

    @Override
    public SocketAddress unixAddress(String path) {
        return new DomainSocketAddress(path);
    }

    @Override
    public ChannelOption<Boolean> sharing() {
        return IoUringChannelOption.SO_REUSEPORT;
    }

    @Override
    public boolean readWhenReady() {
        return false;
    }

    @Override
    public UdpSocket udp(boolean ipv6) {
        SocketProtocolFamily family = ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
        return new NativeUdpSocket(new IoUringDatagramChannel(family), ipv6);
    }

    /// Begins when the first client is to be made.
    private static final class Preparation {
        private static final CompletableFuture<Void> DONE =
                CompletableFuture.runAsync(
                        Fcntl::load, Thread.ofPlatform().daemon().name("fcntl")::start);
    }
}
