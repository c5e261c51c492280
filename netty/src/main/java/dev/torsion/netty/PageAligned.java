package dev.torsion.netty;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;

/// Allocates buffers that begin where a page of memory does, to be used many times: the kernel
/// copies page by page, and is slow where those of the two sides begin a few bytes apart. Their
/// memory is given back when the collector finds them.
final class PageAligned extends AbstractByteBufAllocator {
    static final PageAligned ALLOCATOR = new PageAligned();

    /// Of all processors that Netty has native parts for; where pages are larger, it is a part.
    private static final int PAGE = 4096;

    private PageAligned() {
        super(true);
    }

    @Override
    protected ByteBuf newDirectBuffer(int size, int mostSize) {
        ByteBuffer memory = ByteBuffer.allocateDirect(size + PAGE).alignedSlice(PAGE);
        return toLeakAwareBuffer(Unpooled.wrappedBuffer(memory.slice(0, size)).clear());
    }

    @Override
    protected ByteBuf newHeapBuffer(int size, int mostSize) {
        return UnpooledByteBufAllocator.DEFAULT.heapBuffer(size, mostSize);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
