package dev.torsion.netty;

import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// The buffers that the sockets of one loop are read into: a few, used again when nobody holds what
/// was read into them. A protocol has seen a read when the next one comes, and what it sent back of
/// it the kernel has mostly taken, so the first is mostly free.
///
/// A socket that fills its buffer is read into a wide one from then on, until little comes: many
/// bytes at a time are what makes a stream fast, and few bytes must not hold much memory when a
/// peer is slow.
///
/// **Thread:** loop only, but for [#newHandle()].
final class ReadBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int NARROW = 16 * 1024;
    private static final int WIDE = Transport.LARGEST_READ;

    /// How often one socket is read before the others have their turn, as is Netty's custom.
    private static final int READS_EACH = 16;

    private final Shelf narrow = new Shelf(NARROW, 16);
    private final Shelf wide = new Shelf(WIDE, 4);

    ReadBuffers() {
        super(READS_EACH);
    }

    @Override
    @SuppressWarnings("deprecation") // the interface of the handles that Netty's own channels need
    public Handle newHandle() {
        return new Reader();
    }

    /// What was read, to be kept for a while. Few bytes are moved, lest they hold a large buffer.
    static ByteBuf toKeep(ByteBuf read) {
        int size = read.readableBytes();
        if (isWellFilled(read, size)) {
            return read;
        }
        ByteBuf moved = read.alloc().directBuffer(size, size).writeBytes(read);
        read.release();
        return moved;
    }

    /// Whether it is so small that whoever has nothing else to send may hold it for any bytes.
    static boolean isNarrow(ByteBuf buffer) {
        return buffer.capacity() <= NARROW;
    }

    /// Whether `size` bytes of it may hold the whole buffer: those who count bytes are then wrong
    /// by a factor of four at most.
    static boolean isWellFilled(ByteBuf buffer, int size) {
        return size >= buffer.capacity() / 4;
    }

    /// Gives them back, when nothing is read any more.
    void release() {
        narrow.release();
        wide.release();
    }

    /// Of one socket.
    private final class Reader extends MaxMessageHandle {
        private Shelf shelf = narrow;

        @Override
        public int guess() {
            return shelf.size;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator pool) {
            return shelf.lend(pool);
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

    /// Some of one size; while all of them are held, the pool gives more.
    private static final class Shelf {
        private final int size;
        private final ByteBuf[] buffers;
        private int made;

        Shelf(int size, int count) {
            this.size = size;
            buffers = new ByteBuf[count];
        }

        ByteBuf lend(ByteBufAllocator pool) {
            for (int i = 0; i < made; i++) {
                ByteBuf buffer = buffers[i];
                if (buffer.refCnt() == 1) {
                    return buffer.clear().retain();
                }
            }
            ByteBuf buffer = pool.directBuffer(size, size);
            if (made < buffers.length) {
                buffers[made++] = buffer.retain();
            }
            return buffer;
        }

        void release() {
            while (made > 0) {
                buffers[--made].release();
            }
        }
    }
}
