package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

final class LenderTest {

    @Test
    void aWindowKeptTooLongFailsEvenDuringALaterReadWhereAssertionsAreEnabled() {
        Lender lender = new Lender(); // the tests run with assertions
        BorrowedBytes kept = lender.lend(read("first"));
        lender.end(kept);
        BorrowedBytes later = lender.lend(read("later"));
        assertThatThrownBy(kept::size).hasMessageContaining("bytes.owned()");
        assertThat(later.utf8()).isEqualTo("later");
    }

    @Test
    void usesItsWindowAgainWhereTheyAreNot() {
        Lender lender = new Lender(false);
        BorrowedBytes first = lender.lend(read("first"));
        lender.end(first);
        assertThatThrownBy(first::size).hasMessageContaining("bytes.owned()");
        assertThat(lender.lend(read("later"))).isSameAs(first);
        assertThat(first.utf8()).isEqualTo("later");
    }

    @Test
    void aSliceKeptTooLongFailsAlways() {
        Lender lender = new Lender(false);
        BorrowedBytes first = lender.lend(read("first"));
        Bytes slice = first.slice(1, 3);
        assertThat(slice.utf8()).isEqualTo("ir");
        lender.end(first);
        lender.lend(read("later"));
        assertThatThrownBy(slice::size).hasMessageContaining("bytes.owned()");
    }

    @Test
    void lendsTwoReadsAtOnceThroughTwoWindows() {
        Lender lender = new Lender(false);
        BorrowedBytes outer = lender.lend(read("outer"));
        BorrowedBytes inner = lender.lend(read("inner"));
        assertThat(inner.utf8()).isEqualTo("inner");
        lender.end(inner);
        assertThat(outer.utf8()).isEqualTo("outer");
    }

    @Test
    void passesTheSameReadOnTwice() {
        Lender lender = new Lender(false);
        ByteBuf buffer = read("twice");
        BorrowedBytes window = lender.lend(buffer);
        ByteBuf once = window.retained();
        ByteBuf again = window.retained();
        lender.end(window);
        buffer.release();
        once.skipBytes(5).release();
        assertThat(again.toString(UTF_8)).isEqualTo("twice");
        again.release();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void aFewBytesMayHoldANarrowBufferButNoWideOne() {
        Lender lender = new Lender(false);
        assertThat(lender.lend(Unpooled.buffer(16 << 10).writeInt(1)).worthPassingOn(true))
                .isTrue();
        assertThat(lender.lend(Unpooled.buffer(256 << 10).writeInt(1)).worthPassingOn(true))
                .isFalse();
    }

    private static ByteBuf read(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }
}
