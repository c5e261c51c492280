package dev.torsion.netty;

import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;

/// The buffers that the sockets of one loop are read into. A socket that fills its buffer is read
/// into a wide one from then on, until little comes: many bytes at a time are what makes a stream
/// fast, and few bytes must not hold much memory when a peer is slow.
///
/// **Thread:** loop only, but for [#newHandle()].
abstract sealed class ReadBuffers extends DefaultMaxMessagesRecvByteBufAllocator
        permits ReadBuffersForReady, ReadBuffersAhead {
    static final int NARROW = 16 * 1024;
    static final int WIDE = Transport.LARGEST_READ;

    /// How often one socket is read before the others have their turn, as is Netty's custom.
    private static final int READS_EACH = 16;

    ReadBuffers() {
        super(READS_EACH);
    }

    /// For the socket of one channel.
    RecvByteBufAllocator of(DuplexChannel channel) {
        return this;
    }

    /// What was read, to be kept for a while. Few bytes are moved, into a buffer of `pool`, lest
    /// they hold a large one.
    static ByteBuf toKeep(ByteBuf read, ByteBufAllocator pool) {
        int size = read.readableBytes();
        if (isWellFilled(read, size)) {
            return read;
        }
        try {
            return pool.directBuffer(size, size).writeBytes(read);
        } finally {
            read.release();
        }
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
    abstract void release();

    /// Some of one size, used again when nobody holds what was read into them.
    static final class Shelf {
        final int size;
        private final ByteBuf[] buffers;
        private int made;

        Shelf(int size, int count) {
            this.size = size;
            buffers = new ByteBuf[count];
        }

        /// One of them; while all are held, one of `otherwise` bytes from the pool.
        ByteBuf lend(ByteBufAllocator pool, int otherwise) {
            for (int i = 0; i < made; i++) {
                ByteBuf buffer = buffers[i];
                if (buffer.refCnt() == 1) {
                    return buffer.clear().retain();
                }
            }
            if (made == buffers.length) {
                return pool.directBuffer(otherwise, otherwise);
            }
            ByteBuf buffer = PageAligned.ALLOCATOR.directBuffer(size, size);
            buffers[made++] = buffer.retain();
            return buffer;
        }

        void release() {
            while (made > 0) {
                buffers[--made].release();
            }
        }
    }
}
