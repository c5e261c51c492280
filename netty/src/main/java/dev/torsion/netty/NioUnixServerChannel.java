package dev.torsion.netty;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioMessageChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A UNIX socket that listens, on the JDK's selector: Netty's own accepts channels that know no
/// half-close (see [NioUnixChannel]).
final class NioUnixServerChannel extends AbstractNioMessageChannel implements ServerChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final ServerSocketChannel socket;
    private final Config config = new Config();
    private boolean bound;

    NioUnixServerChannel() throws IOException {
        this(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    }

    private NioUnixServerChannel(ServerSocketChannel socket) {
        super(null, socket, SelectionKey.OP_ACCEPT);
        this.socket = socket;
    }

    private final class Config extends DefaultChannelConfig {
        private int backlog = 1;

        Config() {
            super(NioUnixServerChannel.this, new ServerChannelRecvByteBufAllocator());
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option.equals(ChannelOption.SO_BACKLOG)) {
                backlog = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isActive() {
        return socket.isOpen() && bound;
    }

    @Override
    protected void doBind(SocketAddress local) throws IOException {
        socket.bind(local, config.backlog);
        bound = true;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws IOException {
        SocketChannel peer = socket.accept();
        if (peer == null) {
            return 0;
        }
        accepted.add(new NioUnixChannel(this, peer));
        return 1;
    }

    @Override
    protected void doClose() throws IOException {
        socket.close();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null; // a Listener knows it
    }

    // ---- what a listening socket does not do ----

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) {
        throw new UnsupportedOperationException("a listening socket does not connect");
    }

    @Override
    protected void doFinishConnect() {
        throw new UnsupportedOperationException("a listening socket does not connect");
    }

    @Override
    protected void doDisconnect() {
        throw new UnsupportedOperationException("a listening socket is connected to nobody");
    }

    @Override
    protected boolean doWriteMessage(Object message, ChannelOutboundBuffer buffer) {
        throw new UnsupportedOperationException("nobody writes to a listening socket");
    }
}
