package dev.torsion.netty;

import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.util.concurrent.Executor;

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
    /// @throws io.netty.channel.ChannelException if it is gone already
    void configure(DuplexChannel channel, SocketOptions options, Executor loop) {
        sockets.accepted(channel, loop);
        setUp(channel, options);
    }

    /// TCP_NODELAY is set already: by Netty, for every socket it makes.
    private void setUp(DuplexChannel channel, SocketOptions options) {
        ChannelConfig config = channel.config();
        config.setRecvByteBufAllocator(readBuffers);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (!(config instanceof SocketChannelConfig)) {
            SeenEnd.keepOpen(channel);
        }
        if (options.equals(SocketOptions.DEFAULT)) {
            return;
        }
        config.setOption(ChannelOption.TCP_NODELAY, options.noDelay());
        config.setOption(ChannelOption.SO_KEEPALIVE, options.keepAlive());
        if (options.sendBuffer() > 0) {
            config.setOption(ChannelOption.SO_SNDBUF, options.sendBuffer());
        }
        if (options.receiveBuffer() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBuffer());
        }
    }

    /// Gives back the buffers, when nothing is read any more.
    void release() {
        readBuffers.release();
    }
}
