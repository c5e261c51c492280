package dev.torsion.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.UncheckedBooleanSupplier;

/// A peer's end, seen before Netty acts on it: how many bytes were read, or that there are no more,
/// is told first to who allocates a channel's buffers.
///
/// **UNIX connections** are kept open by it. On the JDK's selector and on io_uring, Netty looks for
/// the wish to go on (`ALLOW_HALF_CLOSURE`) in the options of TCP channels only, and closes another
/// at the peer's end, unless this direction of the socket is shut already. Here it is shut, and the
/// end told as TCP channels tell it. On epoll, where Netty looks in the right place, that changes
/// nothing.
///
/// **With io_uring** a connection hears of it before Netty shuts that direction, as with the
/// others: one that ends by it is closed at once, which saves a call of the kernel
/// ([ReadBuffersAhead]).
final class SeenEnd extends DelegatingHandle implements ExtendedHandle {
    private final DuplexChannel channel;

    private SeenEnd(ExtendedHandle sizes, DuplexChannel channel) {
        super(sizes);
        this.channel = channel;
    }

    /// To be called before anything is read.
    static void keepOpen(DuplexChannel channel) {
        RecvByteBufAllocator sizes = channel.config().getRecvByteBufAllocator();
        channel.config()
                .setRecvByteBufAllocator(
                        () -> new SeenEnd((ExtendedHandle) sizes.newHandle(), channel));
    }

    /// Tells the connection of `channel`, unless that is closed or knows.
    static void tell(DuplexChannel channel) {
        if (!channel.isOpen() || channel.isInputShutdown()) {
            return;
        }
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        if (!channel.isOpen()) {
            // Netty would try to shut what is closed, and make an exception of it.
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        }
    }

    @Override
    public void lastBytesRead(int bytes) {
        super.lastBytesRead(bytes);
        if (bytes < 0 && channel.isOpen() && !channel.isInputShutdown()) {
            var _ = channel.shutdownInput();
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return ((ExtendedHandle) delegate()).continueReading(maybeMore);
    }
}
