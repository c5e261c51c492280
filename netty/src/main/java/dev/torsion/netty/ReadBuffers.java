package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/// The buffers that the sockets of one loop are read into: a few, each large enough for all that is
/// there, used again when nobody holds what was read into them. A protocol has seen a read when the
/// next one comes, and what it sent back of it the kernel has mostly taken, so the first is mostly
/// free. While slow peers hold all of them, reads get buffers of Netty's pool.
///
/// **Thread:** loop only, but for [#newHandle()].
final class ReadBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int SIZE = 64 * 1024;
    private static final int COUNT = 16;

    /// How often one socket is read before the others have their turn, as is Netty's custom.
    private static final int READS_EACH = 16;

    private final ByteBuf[] buffers = new ByteBuf[COUNT];
    private int made;

    ReadBuffers() {
        super(READS_EACH);
    }

    @Override
    @SuppressWarnings("deprecation") // the interface of the handles that Netty's own channels need
    public Handle newHandle() {
        return new Lending();
    }

    private final class Lending extends MaxMessageHandle {
        @Override
        public int guess() {
            return SIZE;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator pool) {
            return lend(pool);
        }
    }

    private ByteBuf lend(ByteBufAllocator pool) {
        for (int i = 0; i < made; i++) {
            ByteBuf buffer = buffers[i];
            if (buffer.refCnt() == 1) {
                return buffer.clear().retain();
            }
        }
        ByteBuf buffer = pool.directBuffer(SIZE, SIZE);
        if (made < COUNT) {
            buffers[made++] = buffer.retain();
        }
        return buffer;
    }

    /// What was read, to be kept for a while. Few bytes are moved, lest they keep a large buffer.
    static ByteBuf toKeep(ByteBuf read) {
        int size = read.readableBytes();
        if (size >= read.capacity() / 4) {
            return read;
        }
        ByteBuf moved = read.alloc().directBuffer(size, size).writeBytes(read);
        read.release();
        return moved;
    }

    /// Gives them back, when nothing is read any more.
    void release() {
        while (made > 0) {
            buffers[--made].release();
        }
    }
}
