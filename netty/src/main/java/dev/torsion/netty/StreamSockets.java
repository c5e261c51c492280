package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Makes the sockets of one loop's connections as they are to be: how their bytes are read, that
/// they may be half closed, and what [SocketOptions] says.
final class StreamSockets {
    private final Sockets sockets;
    private final ReadBuffers readBuffers;

    StreamSockets(Sockets sockets) {
        this.sockets = sockets;
        readBuffers = sockets.readWhenReady() ? new ReadBuffersForReady() : new ReadBuffersAhead();
    }

    /// One to connect.
    DuplexChannel client(ClientEndpoint endpoint) {
        DuplexChannel channel;
        switch (endpoint) {
            case ClientEndpoint.Tcp tcp -> {
                channel = sockets.client();
                setUp(channel, tcp.options());
                if (tcp.bind() != null) {
                    boolean reuse = tcp.options().reuseAddress();
                    channel.config().setOption(ChannelOption.SO_REUSEADDR, reuse);
                }
            }
            case ClientEndpoint.Unix _ -> {
                channel = sockets.unixClient();
                setUp(channel, SocketOptions.DEFAULT);
            }
        }
        channel.config().setConnectTimeoutMillis(0);
        return channel;
    }

    /// Sets up one that was accepted, on `loop`, which watches it next.
    ///
    /// @throws io.netty.channel.ChannelException if it is gone already, or the system refuses
    void configure(DuplexChannel channel, SocketOptions options, Executor loop) {
        sockets.accepted(channel, loop);
        setUp(channel, options);
    }

    private void setUp(DuplexChannel channel, SocketOptions options) {
        ChannelConfig config = channel.config();
        config.setRecvByteBufAllocator(readBuffers.of(channel));
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (isTcp(channel)) {
            change(channel, SocketOptions.DEFAULT, options);
        } else {
            SeenEnd.keepOpen(channel);
        }
    }

    static boolean isTcp(DuplexChannel channel) {
        return channel instanceof SocketChannel;
    }

    /// Why nothing can be connected to so here, and what to do; null if it can. Thread-safe.
    @Nullable String refusal(ClientEndpoint endpoint) {
        return switch (endpoint) {
            case ClientEndpoint.Tcp tcp -> refusal(tcp.options());
            case ClientEndpoint.Unix unix ->
                    unix.address().isAbstract() ? sockets.abstractRefusal() : null;
        };
    }

    /// Why no socket can be set up so here, and what to do; null if one can.
    @Nullable String refusal(SocketOptions options) {
        return options.userTimeout() != null && sockets.tcpOptions().userTimeout() == null
                ? sockets.io().text()
                        + " has no TCP_USER_TIMEOUT: set no user timeout, or use epoll or io_uring"
                        + " (ReactorOptions.withIo), which Linux has"
                : null;
    }

    /// Tells the system what differs in the options of a TCP socket. A new one has those by
    /// default: TCP_NODELAY is set by Netty, for every socket it makes.
    ///
    /// @throws io.netty.channel.ChannelException if it is gone already, or the system refuses
    void change(DuplexChannel channel, SocketOptions from, SocketOptions to) {
        ChannelConfig config = channel.config();
        if (to.noDelay() != from.noDelay()) {
            config.setOption(ChannelOption.TCP_NODELAY, to.noDelay());
        }
        if (!Objects.equals(to.keepAlive(), from.keepAlive())) {
            config.setOption(ChannelOption.SO_KEEPALIVE, to.keepAlive() != null);
            if (to.keepAlive() != null) {
                setTimes(config, to.keepAlive());
            }
        }
        if (to.sendBuffer() > 0 && to.sendBuffer() != from.sendBuffer()) {
            config.setOption(ChannelOption.SO_SNDBUF, to.sendBuffer());
        }
        if (to.receiveBuffer() > 0 && to.receiveBuffer() != from.receiveBuffer()) {
            config.setOption(ChannelOption.SO_RCVBUF, to.receiveBuffer());
        }
        if (!Objects.equals(to.userTimeout(), from.userTimeout())) {
            Duration time = to.userTimeout();
            int millis = time == null ? 0 : Math.toIntExact(time.toMillis());
            config.setOption(requireNonNull(sockets.tcpOptions().userTimeout()), millis);
        }
        if (to.dscp() != from.dscp()) {
            config.setOption(ChannelOption.IP_TOS, to.dscp() << 2); // above the two bits of ECN
        }
    }

    private void setTimes(ChannelConfig config, SocketOptions.KeepAlive keepAlive) {
        if (keepAlive.equals(SocketOptions.KeepAlive.DEFAULT)) {
            return;
        }
        Sockets.TcpOptions named = sockets.tcpOptions();
        setSeconds(config, named.keepIdle(), keepAlive.idle());
        setSeconds(config, named.keepInterval(), keepAlive.interval());
        if (keepAlive.count() > 0) {
            config.setOption(named.keepCount(), keepAlive.count());
        }
    }

    private static void setSeconds(
            ChannelConfig config, ChannelOption<Integer> option, @Nullable Duration time) {
        if (time != null) {
            config.setOption(option, Math.toIntExact(time.toSeconds()));
        }
    }

    /// Gives back the buffers, when nothing is read any more.
    void release() {
        readBuffers.release();
    }
}
