package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// Buffers for NIO and epoll, where a socket takes one when there is something to read: a few are
/// enough for the whole loop. A protocol has seen a read when the next one comes, and what it sent
/// back of it the kernel has mostly taken, so the first is mostly free.
final class ReadBuffersForReady extends ReadBuffers {
    private final Shelf narrow = new Shelf(NARROW, 16);
    private final Shelf wide = new Shelf(WIDE, 4);

    @Override
    @SuppressWarnings("deprecation") // the interface of the handles that Netty's own channels need
    public Handle newHandle() {
        return new Reader();
    }

    @Override
    void release() {
        narrow.release();
        wide.release();
    }

    /// Reads one socket into a narrow buffer, or a wide one after a read that filled it.
    final class Reader extends MaxMessageHandle {
        private Shelf shelf = narrow;

        @Override
        public int guess() {
            return shelf.size;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator pool) {
            return shelf.lend(pool, shelf.size);
        }

        @Override
        public void lastBytesRead(int bytes) {
            super.lastBytesRead(bytes);
            if (bytes == NARROW) {
                shelf = wide;
            } else if (bytes < NARROW) {
                shelf = narrow;
            }
        }
    }
}
