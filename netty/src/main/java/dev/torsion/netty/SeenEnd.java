package dev.torsion.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.UncheckedBooleanSupplier;

/// Keeps a UNIX connection open whose peer has ended its direction, where Netty would close it.
///
/// On the JDK's selector and on io_uring, Netty looks for the wish to go on (`ALLOW_HALF_CLOSURE`)
/// in the options of TCP channels only, and closes another at the peer's end, unless this direction
/// of the socket is shut already. How many bytes were read is told to the channel's allocator of
/// buffers before that; here it shuts that direction, and tells the end as TCP channels tell it. On
/// epoll, where Netty looks in the right place, that changes nothing.
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

    /// Tells the connection of `channel` that its peer has ended, before Netty shuts that direction
    /// of the socket. One that ends by it is closed at once: a call of the kernel less.
    static void tell(DuplexChannel channel) {
        if (channel.isOpen() && !channel.isInputShutdown()) {
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            if (!channel
                    .isOpen()) { // there is nothing to shut, of which an exception would be made
                channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            }
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
