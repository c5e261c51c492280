package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FileRegion;
import io.netty.channel.nio.AbstractNioByteChannel;
import io.netty.channel.nio.NioIoOps;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// One end of a UNIX connection, on the JDK's selector.
///
/// Netty has such a channel. It closes when the peer ends its direction: Netty looks for the wish
/// to go on (`ALLOW_HALF_CLOSURE`) in the options of TCP channels only, before it closes a channel
/// from within. Here that is caught, and told as TCP channels tell it.
final class NioUnixChannel extends AbstractNioByteChannel implements DuplexChannel {
    private final SocketChannel socket;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private boolean inputEnded;
    private boolean outputEnded;

    /// A client's, not connected yet.
    NioUnixChannel() throws IOException {
        this(null, SocketChannel.open(StandardProtocolFamily.UNIX));
    }

    /// @param listener the port that has accepted it
    NioUnixChannel(@Nullable Channel listener, SocketChannel socket) {
        super(listener, socket);
        this.socket = socket;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isActive() {
        return socket.isOpen() && socket.isConnected();
    }

    // ---- opening and closing ----

    @Override
    protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local)
            throws IOException {
        boolean connected = socket.connect(remote);
        if (!connected) {
            addAndSubmit(NioIoOps.CONNECT);
        }
        return connected;
    }

    @Override
    protected void doFinishConnect() throws IOException {
        if (!socket.finishConnect()) {
            throw new IOException("the selector said that it is connected, and it is not");
        }
    }

    @Override
    protected void doBind(SocketAddress local) throws IOException {
        socket.bind(local);
    }

    @Override
    protected void doDisconnect() throws IOException {
        doClose();
    }

    @Override
    protected void doClose() throws IOException {
        socket.close();
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null; // a Connection knows both
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    // ---- bytes ----

    @Override
    protected int doReadBytes(ByteBuf buffer) throws IOException {
        var reading = unsafe().recvBufAllocHandle();
        reading.attemptedBytesRead(buffer.writableBytes());
        return buffer.writeBytes(socket, reading.attemptedBytesRead());
    }

    @Override
    protected int doWriteBytes(ByteBuf buffer) throws IOException {
        return buffer.readBytes(socket, buffer.readableBytes());
    }

    @Override
    protected long doWriteFileRegion(FileRegion region) {
        throw new UnsupportedOperationException("nobody writes files here");
    }

    // ---- the ends of the two directions ----

    @Override
    protected AbstractNioUnsafe newUnsafe() {
        return new Unsafe();
    }

    private final class Unsafe extends NioByteUnsafe {
        /// Netty's own closing comes without a promise; a Connection's has one.
        @Override
        public void close(ChannelPromise promise) {
            if (promise.isVoid() && isActive() && !inputEnded) {
                inputEnded = true;
                pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            } else {
                super.close(promise);
            }
        }

        /// The loop has ended.
        @Override
        public void close() {
            close(newPromise());
        }
    }

    @Override
    protected boolean isInputShutdown0() {
        return inputEnded;
    }

    @Override
    public boolean isInputShutdown() {
        return inputEnded;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputEnded;
    }

    @Override
    public boolean isShutdown() {
        return inputEnded && outputEnded;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    /// Loop only.
    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        return promise;
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        outputEnded = true;
        socket.shutdownOutput();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        throw new UnsupportedOperationException("the peer ends this direction");
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        throw new UnsupportedOperationException("the peer ends its direction itself");
    }
}
