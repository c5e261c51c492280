package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

final class BytesBuilderTest {

    @Test
    void putsWhatBytesRead() {
        BytesBuilder builder =
                new BytesBuilder()
                        .int8(0x81)
                        .int16(0x8182)
                        .int16LittleEndian(0x8182)
                        .int32(0x81828384L)
                        .int32LittleEndian(0x81828384L)
                        .int64(0x8182838485868788L)
                        .int64LittleEndian(0x8182838485868788L)
                        .utf8("☃")
                        .bytes(Bytes.utf8("end"));
        Bytes built = builder.build();

        assertThat(builder.size()).isEqualTo(35);
        assertThat(built.size()).isEqualTo(35);
        assertThat(built.uint8(0)).isEqualTo(0x81);
        assertThat(built.uint16(1)).isEqualTo(0x8182);
        assertThat(built.uint16LittleEndian(3)).isEqualTo(0x8182);
        assertThat(built.uint32(5)).isEqualTo(0x81828384L);
        assertThat(built.uint32LittleEndian(9)).isEqualTo(0x81828384L);
        assertThat(built.int64(13)).isEqualTo(0x8182838485868788L);
        assertThat(built.int64LittleEndian(21)).isEqualTo(0x8182838485868788L);
        assertThat(built.slice(29, 35).utf8()).isEqualTo("☃end");
    }

    @Test
    void takesNumbersWithAndWithoutSignAndNoneThatDoesNotFit() {
        Bytes built = new BytesBuilder().int8(-128).int8(255).int16(-32_768).int16(65_535).build();
        assertThat(built).isEqualTo(Bytes.wrap(new byte[] {-128, -1, -128, 0, -1, -1}));

        refusesBeside(value -> new BytesBuilder().int8((int) value), -128, 255);
        refusesBeside(value -> new BytesBuilder().int16((int) value), -32_768, 65_535);
        refusesBeside(value -> new BytesBuilder().int16LittleEndian((int) value), -32_768, 65_535);
        refusesBeside(value -> new BytesBuilder().int32(value), -1L << 31, (1L << 32) - 1);
        refusesBeside(
                value -> new BytesBuilder().int32LittleEndian(value), -1L << 31, (1L << 32) - 1);
    }

    private static void refusesBeside(LongConsumer put, long lowest, long highest) {
        put.accept(lowest);
        put.accept(highest);
        for (long wrong : List.of(lowest - 1, highest + 1)) {
            assertThatThrownBy(() -> put.accept(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(lowest + " to " + highest + ", not " + wrong);
        }
    }

    @Test
    void growsAndLeavesAloneWhatWasBuilt() {
        BytesBuilder builder = new BytesBuilder().utf8("x".repeat(1_000));
        Bytes first = builder.build();
        builder.utf8("y".repeat(100_000));

        assertThat(first.utf8()).isEqualTo("x".repeat(1_000));
        assertThat(builder.build().utf8()).isEqualTo("x".repeat(1_000) + "y".repeat(100_000));
    }
}
