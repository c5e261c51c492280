package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// Buffers for io_uring, where each socket that waits has lent the kernel one to fill. Most sockets
/// wait most of the time, so these are of the pool, and as small as what comes allows. Only the
/// wide ones belong to the loop, which has a few: a socket that streams once, and then waits, holds
/// no more of them.
///
/// The size of a socket's buffer is one that reads fill by a quarter or more, but not whole: then
/// what was read can be passed on in it, and is known to be all there was.
final class ReadBuffersAhead extends ReadBuffers {
    private static final int LEAST = 512;
    private static final int FIRST = 2 * 1024;
    private static final int MOST_OF_POOL = 64 * 1024;

    private final Shelf wide = new Shelf(WIDE, 16);

    @Override
    RecvByteBufAllocator of(DuplexChannel channel) {
        return () -> new Reader(channel);
    }

    @Override
    @SuppressWarnings("deprecation") // the interface of the handles that Netty's own channels need
    public Handle newHandle() {
        return new Reader(null);
    }

    @Override
    void release() {
        wide.release();
    }

    /// Finds the size of one socket's buffer by what its reads bring.
    final class Reader extends MaxMessageHandle {
        private final @Nullable DuplexChannel channel; // to be told of its peer's end
        private int size = FIRST;
        private boolean littleCame;

        private Reader(@Nullable DuplexChannel channel) {
            this.channel = channel;
        }

        @Override
        public int guess() {
            return size;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator pool) {
            return size == WIDE ? wide.lend(pool, MOST_OF_POOL) : pool.directBuffer(size, size);
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (bytes < 0 && channel != null) {
                SeenEnd.tell(channel);
                return;
            }
            if (bytes >= size) {
                size = size >= MOST_OF_POOL ? WIDE : Math.min(4 * size, MOST_OF_POOL);
            }
            boolean little = bytes < size / 4;
            if (little && littleCame) {
                size = size == WIDE ? MOST_OF_POOL : Math.max(size / 2, LEAST);
            }
            littleCame = little;
        }
    }
}
