package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BytesTest {

    /// An implementation that has nothing but what it must have: the defaults do the rest.
    private record Plain(Bytes bytes) implements Bytes {
        @Override
        public int size() {
            return bytes.size();
        }

        @Override
        public byte at(int index) {
            return bytes.at(index);
        }

        @Override
        public void copyTo(int index, byte[] target, int offset, int length) {
            bytes.copyTo(index, target, offset, length);
        }

        @Override
        public Bytes slice(int from, int to) {
            return new Plain(bytes.slice(from, to));
        }

        @Override
        public Bytes owned() {
            return bytes;
        }
    }

    /// The ways to have the four bytes `a b c b`.
    static Stream<Bytes> waysToHaveThem() {
        byte[] inside = {'x', 'a', 'b', 'c', 'b', 'x'};
        return Stream.of(
                new Plain(Bytes.utf8("abcb")),
                Bytes.utf8("abcb"),
                Bytes.wrap(inside, 1, 4),
                Bytes.wrap(inside).slice(1, 5));
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void areReadByIndex(Bytes bytes) {
        assertThat(bytes.size()).isEqualTo(4);
        assertThat(bytes.at(0)).isEqualTo((byte) 'a');
        assertThat(bytes.at(3)).isEqualTo((byte) 'b');
        assertThatThrownBy(() -> bytes.at(4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bytes.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void areCopied(Bytes bytes) {
        byte[] target = {'-', '-', '-', '-'};
        bytes.copyTo(1, target, 2, 2);

        assertThat(target).containsExactly('-', '-', 'b', 'c');
        assertThat(bytes.toArray()).containsExactly('a', 'b', 'c', 'b');
        assertThat(bytes.utf8()).isEqualTo("abcb");
        assertThatThrownBy(() -> bytes.copyTo(3, target, 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> bytes.copyTo(0, target, 3, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void arePutIntoABuffer(Bytes bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(6).put((byte) '-');
        bytes.putInto(buffer);

        assertThat(buffer.position()).isEqualTo(5);
        assertThat(buffer.array()).containsExactly('-', 'a', 'b', 'c', 'b', 0);
        assertThatThrownBy(() -> bytes.putInto(buffer)).isInstanceOf(BufferOverflowException.class);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void areSliced(Bytes bytes) {
        assertThat(bytes.slice(1, 3).utf8()).isEqualTo("bc");
        assertThat(bytes.slice(1, 4).slice(1, 2).utf8()).isEqualTo("c");
        assertThat(bytes.slice(4, 4).isEmpty()).isTrue();
        assertThatThrownBy(() -> bytes.slice(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void areSearched(Bytes bytes) {
        assertThat(bytes.indexOf((byte) 'b', 0)).isEqualTo(1);
        assertThat(bytes.indexOf((byte) 'b', 2)).isEqualTo(3);
        assertThat(bytes.indexOf((byte) 'b', 4)).isEqualTo(-1);
        assertThat(bytes.indexOf((byte) 'x', 0)).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveThem")
    void areComparedByWhatTheyHold(Bytes bytes) {
        assertThat(Bytes.equal(bytes, Bytes.utf8("abcb"))).isTrue();
        assertThat(Bytes.equal(bytes, Bytes.utf8("abcd"))).isFalse();
        assertThat(Bytes.equal(bytes, Bytes.utf8("abc"))).isFalse();
        assertThat(bytes.owned())
                .isEqualTo(Bytes.utf8("abcb"))
                .hasSameHashCodeAs(Bytes.utf8("abcb"));
    }

    /// The bytes 128 to 135, as each way to have some has them.
    static Stream<Bytes> waysToHaveNumbers() {
        byte[] inside = {0, -128, -127, -126, -125, -124, -123, -122, -121, 0};
        Bytes owned = Bytes.wrap(inside, 1, 8);
        return Stream.of(owned, new Plain(owned), Bytes.wrap(inside).slice(1, 9));
    }

    @ParameterizedTest
    @MethodSource("waysToHaveNumbers")
    void areReadAsNumbers(Bytes bytes) {
        assertThat(bytes.uint8(1)).isEqualTo(0x81);
        assertThat(bytes.uint16(1)).isEqualTo(0x8182);
        assertThat(bytes.int16(1)).isEqualTo((short) 0x8182);
        assertThat(bytes.uint32(1)).isEqualTo(0x81828384L);
        assertThat(bytes.int32(1)).isEqualTo(0x81828384);
        assertThat(bytes.int64(0)).isEqualTo(0x8081828384858687L);
        assertThat(bytes.uint16LittleEndian(1)).isEqualTo(0x8281);
        assertThat(bytes.int16LittleEndian(1)).isEqualTo((short) 0x8281);
        assertThat(bytes.uint32LittleEndian(1)).isEqualTo(0x84838281L);
        assertThat(bytes.int32LittleEndian(1)).isEqualTo(0x84838281);
        assertThat(bytes.int64LittleEndian(0)).isEqualTo(0x8786858483828180L);
    }

    @ParameterizedTest
    @MethodSource("waysToHaveNumbers")
    void haveNoNumberThatIsNotWhollyThere(Bytes bytes) {
        List<IntFunction<Object>> numbers =
                List.of(
                        bytes::uint8,
                        bytes::int16,
                        bytes::uint16,
                        bytes::int32,
                        bytes::uint32,
                        bytes::int64,
                        bytes::int16LittleEndian,
                        bytes::uint16LittleEndian,
                        bytes::int32LittleEndian,
                        bytes::uint32LittleEndian,
                        bytes::int64LittleEndian);
        int[] widths = {1, 2, 2, 4, 4, 8, 2, 2, 4, 4, 8};
        for (int i = 0; i < widths.length; i++) {
            IntFunction<Object> number = numbers.get(i);
            int last = 8 - widths[i];
            assertThat(number.apply(last)).isNotNull();
            for (int wrong : new int[] {-1, last + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertThatThrownBy(() -> number.apply(wrong))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void arePutOneAfterTheOther() {
        Bytes all = Bytes.concat(Bytes.utf8("a"), new Plain(Bytes.utf8("bc")), Bytes.empty());

        assertThat(all).isEqualTo(Bytes.utf8("abc"));
        assertThat(Bytes.concat()).isEqualTo(Bytes.empty());
    }

    @Test
    void stayThemselvesWhenOwnedAlready() {
        Bytes owned = Bytes.utf8("a");

        assertThat(owned.owned()).isSameAs(owned);
    }

    @Test
    void decodeMalformedTextWithReplacements() {
        assertThat(Bytes.wrap(new byte[] {'a', (byte) 0xff}).utf8()).isEqualTo("a\ufffd");
    }

    @Test
    void mayBeNone() {
        assertThat(Bytes.empty().isEmpty()).isTrue();
        assertThat(Bytes.wrap(new byte[0])).isEqualTo(Bytes.empty());
        assertThat(Bytes.wrap(new byte[3], 3, 0)).isEqualTo(Bytes.empty());
        assertThatThrownBy(() -> Bytes.wrap(new byte[3], 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
