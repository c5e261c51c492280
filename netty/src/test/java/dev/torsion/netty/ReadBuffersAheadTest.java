package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReadBuffersAheadTest {
    private static final ByteBufAllocator POOL = UnpooledByteBufAllocator.DEFAULT;
    private static final int KEPT = 16;
    private static final int LEAST = 512;
    private static final int MOST_OF_POOL = 64 * 1024;

    private final ReadBuffers buffers = new ReadBuffersAhead();

    @SuppressWarnings("deprecation") // the interface of the handles that Netty's own channels need
    private final RecvByteBufAllocator.Handle reader = buffers.newHandle();

    @AfterEach
    void release() {
        buffers.release();
    }

    @Test
    void keepsASizeThatIsFilledByAQuarterOrMoreAndNotWhole() {
        int size = reader.guess();
        for (int bytes : new int[] {size / 4, size / 4, size - 1, size / 4}) {
            reader.lastBytesRead(bytes);
            assertThat(reader.guess()).isEqualTo(size);
        }
    }

    @Test
    void growsWithWhatComesUpToWide() {
        List<Integer> sizes = new ArrayList<>();
        while (reader.guess() != ReadBuffers.WIDE) {
            int before = reader.guess();
            reader.lastBytesRead(before);
            assertThat(reader.guess()).isGreaterThan(before);
            sizes.add(reader.guess());
        }
        assertThat(sizes).endsWith(MOST_OF_POOL, ReadBuffers.WIDE);
        reader.lastBytesRead(ReadBuffers.WIDE);
        assertThat(reader.guess()).isEqualTo(ReadBuffers.WIDE);
    }

    @Test
    void shrinksWhenLittleComesTwiceButNotBelowTheLeast() {
        int first = reader.guess();
        reader.lastBytesRead(1);
        assertThat(reader.guess()).isEqualTo(first);
        reader.lastBytesRead(1);
        assertThat(reader.guess()).isEqualTo(first / 2);
        for (int i = 0; i < 20; i++) {
            reader.lastBytesRead(1);
        }
        assertThat(reader.guess()).isEqualTo(LEAST);
    }

    @Test
    void shrinksFromWideToTheMostOfThePool() {
        makeWide();
        reader.lastBytesRead(MOST_OF_POOL);
        reader.lastBytesRead(MOST_OF_POOL);
        assertThat(reader.guess()).isEqualTo(ReadBuffers.WIDE);
        reader.lastBytesRead(1);
        reader.lastBytesRead(1);
        assertThat(reader.guess()).isEqualTo(MOST_OF_POOL);
    }

    @Test
    void lendsOneSizeOfThePoolToEachSocket() {
        ByteBuf one = reader.allocate(POOL);
        assertThat(one.writableBytes()).isEqualTo(reader.guess());
        assertThat(one.release()).isTrue();
    }

    @Test
    void hasAFewWideOnesAndLendsNarrowerOnesWhileAllAreHeld() {
        makeWide();
        List<ByteBuf> held = new ArrayList<>();
        for (int i = 0; i < KEPT; i++) {
            held.add(reader.allocate(POOL));
            assertThat(held.getLast().writableBytes()).isEqualTo(ReadBuffers.WIDE);
        }
        ByteBuf more = reader.allocate(POOL);
        assertThat(more.writableBytes()).isEqualTo(MOST_OF_POOL);
        assertThat(more.release()).isTrue();
        held.getFirst().release();
        ByteBuf again = reader.allocate(POOL);
        assertThat(again).isSameAs(held.removeFirst());
        again.release();
        held.forEach(ByteBuf::release);
        buffers.release();
        assertThat(held).allMatch(buffer -> buffer.refCnt() == 0);
    }

    private void makeWide() {
        while (reader.guess() != ReadBuffers.WIDE) {
            reader.lastBytesRead(reader.guess());
        }
    }
}
