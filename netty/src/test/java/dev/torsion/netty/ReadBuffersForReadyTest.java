package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReadBuffersForReadyTest {
    private static final ByteBufAllocator POOL = UnpooledByteBufAllocator.DEFAULT;
    private static final int KEPT = 16;
    private static final int NARROW = ReadBuffers.NARROW;
    private static final int WIDE = ReadBuffers.WIDE;

    private final ReadBuffers buffers = new ReadBuffersForReady();

    @AfterEach
    void release() {
        buffers.release();
    }

    @Test
    void readsIntoTheSameBufferAgainWhenNobodyHoldsIt() {
        ByteBuf first = read().writeInt(1);
        first.release();
        ByteBuf second = read();
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        assertThat(second.writableBytes()).isEqualTo(NARROW);
        second.release();
    }

    @Test
    void readsIntoBuffersThatBeginWhereAPageDoes() {
        ByteBuf first = read();
        ByteBuf second = read();
        for (ByteBuf buffer : List.of(first, second)) {
            assertThat(buffer.internalNioBuffer(0, NARROW).alignmentOffset(0, 4096)).isZero();
            buffer.release();
        }
    }

    @Test
    void leavesABufferAloneThatSomebodyHolds() {
        ByteBuf held = read().writeInt(1);
        ByteBuf next = read().writeInt(2);
        assertThat(held.readInt()).isEqualTo(1);
        assertThat(next.readInt()).isEqualTo(2);
        held.release();
        next.release();
    }

    @Test
    void keepsAFewAndLeavesTheRestToThePool() {
        List<ByteBuf> held = new ArrayList<>();
        for (int i = 0; i < 3 * KEPT; i++) {
            held.add(read());
        }
        Set<ByteBuf> different = Collections.newSetFromMap(new IdentityHashMap<>());
        different.addAll(held);
        assertThat(different).hasSameSizeAs(held);
        held.forEach(ByteBuf::release);
        assertThat(held.stream().filter(buffer -> buffer.refCnt() > 0)).hasSize(KEPT);
    }

    @Test
    void givesAllOfThemBack() {
        ByteBuf one = read();
        ByteBuf other = read();
        one.release();
        buffers.release();
        assertThat(one.refCnt()).isZero();
        assertThat(other.release()).isTrue();
    }

    @Test
    void movesFewBytesThatAreKeptOutOfALargeBuffer() {
        ByteBuf read = read().writeLong(7);
        ByteBuf kept = ReadBuffers.toKeep(read, POOL);
        assertThat(kept.capacity()).isEqualTo(Long.BYTES);
        assertThat(kept.readLong()).isEqualTo(7);
        assertThat(read()).isSameAs(read);
        kept.release();
        read.release();
    }

    @Test
    void givesBackWhatItHasNoMemoryToMove() {
        ByteBuf read = POOL.directBuffer(NARROW, NARROW).writeLong(7);
        ByteBufAllocator empty = new EmptyPool();
        assertThatThrownBy(() -> ReadBuffers.toKeep(read, empty)).hasMessage("by the test");
        assertThat(read.refCnt()).isZero();
    }

    private static final class EmptyPool extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int size, int most) {
            throw new OutOfMemoryError("by the test");
        }

        @Override
        protected ByteBuf newDirectBuffer(int size, int most) {
            throw new OutOfMemoryError("by the test");
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @Test
    void keepsManyBytesWhereTheyAre() {
        ByteBuf read = read().writeZero(NARROW / 4);
        assertThat(ReadBuffers.toKeep(read, POOL)).isSameAs(read);
        read.release();
    }

    @Test
    void readsASocketThatFillsItsBufferIntoAWideOneUntilLittleComes() {
        var reader = buffers.newHandle();
        assertThat(reader.guess()).isEqualTo(NARROW);
        reader.lastBytesRead(NARROW - 1);
        assertThat(reader.guess()).isEqualTo(NARROW);
        reader.lastBytesRead(NARROW);
        assertThat(reader.guess()).isEqualTo(WIDE);
        reader.lastBytesRead(WIDE / 2);
        ByteBuf wide = reader.allocate(POOL);
        assertThat(wide.writableBytes()).isEqualTo(WIDE);
        wide.release();
        reader.lastBytesRead(NARROW - 1);
        assertThat(reader.guess()).isEqualTo(NARROW);
    }

    /// A buffer to read into, as a socket of its own gets it.
    private ByteBuf read() {
        return buffers.newHandle().allocate(POOL);
    }
}
