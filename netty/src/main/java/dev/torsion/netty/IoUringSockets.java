package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.PeerCredentials;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
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
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Linux io_uring. Nobody but this and what it makes knows Netty's io_uring classes, which may be
/// absent.
final class IoUringSockets implements Sockets {
    /// How many buffers of all sockets one turn gathers before it hands them to the kernel. Netty
    /// 4.2.18 takes ten times as many for the bound of what fits in one place, and then writes
    /// nothing, again and again.
    private static final String BUFFERS_AT_ONCE = "io.netty.iouring.numElementsIoVec";

    private static final String LARGEST_WRITEV = "1024"; // IOV_MAX of Linux

    /// Begins with the first connection.
    private static final Preparation LIBC = new Preparation("libc", LibC::load, Threads.SYSTEM);

    private IoUringSockets() {}

    static Sockets load() {
        if (System.getProperty(BUFFERS_AT_ONCE) == null) {
            System.setProperty(BUFFERS_AT_ONCE, LARGEST_WRITEV);
        }
        if (!IoUring.isAvailable()) {
            throw SocketsChoice.absent(ReactorOptions.Io.IO_URING, IoUring.unavailabilityCause());
        }
        loadClasses();
        return new IoUringSockets();
    }

    /// As [Connection#loadClasses].
    private static void loadClasses() {
        var _ = List.of(HungUpSocket.class, ReadBuffersAhead.Reader.class, LibC.Native.class);
    }

    @Override
    public ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }

    @Override
    public IoHandlerFactory watcher() {
        return MendedIoHandler.factory(
                IoUringIoHandler.newFactory(),
                (handler, socket) -> handler.register(mended((IoUringIoHandle) socket)));
    }

    private static IoUringIoHandle mended(IoUringIoHandle socket) {
        return MendedIoHandler.channelOf(socket) instanceof ServerChannel
                ? new AcceptingSocket(socket)
                : new HungUpSocket(socket);
    }

    @Override
    public TcpOptions tcpOptions() {
        return new TcpOptions(
                IoUringChannelOption.TCP_KEEPIDLE,
                IoUringChannelOption.TCP_KEEPINTVL,
                IoUringChannelOption.TCP_KEEPCNT,
                IoUringChannelOption.TCP_USER_TIMEOUT);
    }

    @Override
    public ServerSocketChannel server() {
        return new IoUringServerSocketChannel();
    }

    @Override
    public SocketChannel client() {
        return new IoUringSocketChannel();
    }

    @Override
    public ServerChannel unixServer() {
        return new IoUringServerDomainSocketChannel();
    }

    @Override
    public DuplexChannel unixClient() {
        return new IoUringDomainSocketChannel();
    }

    /// Netty 4.2.18 asks the kernel when it binds, which is before that decides.
    @Override
    public @Nullable SocketAddress hostOf(DuplexChannel channel) {
        SocketAddress told = channel.localAddress();
        return told instanceof InetSocketAddress bound
                        && bound.getAddress().isAnyLocalAddress()
                        && ((UnixChannel) channel).fd() instanceof Socket socket
                ? socket.localAddress()
                : told;
    }

    /// Those that connect do not block already. Before the call can be made at once, which takes a
    /// moment that no loop should wait for, they block for that moment.
    @Override
    public void accepted(DuplexChannel channel, Executor loop) {
        CompletableFuture<Void> ready = ready();
        if (ready.isDone()) {
            doNotBlock(channel);
        } else {
            soon(ready, loop, () -> doNotBlockIfOpen(channel));
        }
    }

    /// Has `loop` make a call when `ready` is done, which it may be already: never inside this one.
    static void soon(CompletableFuture<Void> ready, Executor loop, Runnable call) {
        var _ = ready.thenRun(() -> loop.execute(call));
    }

    /// Done when the call can be made at once.
    static CompletableFuture<Void> ready() {
        return LIBC.done();
    }

    private static void doNotBlockIfOpen(DuplexChannel channel) {
        if (channel.isOpen()) {
            doNotBlock(channel);
        }
    }

    private static void doNotBlock(DuplexChannel channel) {
        try {
            LibC.doNotBlock(((UnixChannel) channel).fd().intValue());
        } catch (IOException failed) {
            throw new ChannelException("an accepted socket cannot be set up", failed);
        }
    }

    @Override
    public SocketAddress unixAddress(Address.Unix address) {
        return new DomainSocketAddress(Sockets.nativePath(address));
    }

    @Override
    public @Nullable PeerCredentials peerCredentials(DuplexChannel channel) throws IOException {
        return UnixPeers.ofNative(((IoUringDomainSocketChannel) channel).peerCredentials());
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
}
