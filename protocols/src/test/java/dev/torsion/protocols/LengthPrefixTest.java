package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class LengthPrefixTest {
    private static final class Frames extends FrameProtocol {
        private final List<String> told = new ArrayList<>();

        Frames(LengthPrefix prefix, int maxReceived) {
            super(prefix, maxReceived);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            told.add(frame.utf8());
        }

        @Override
        protected void frameLengthExceeded(long announced) {
            told.add("too long: " + announced);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isBigEndianUnsignedAndDoesNotCountItself(LengthPrefix prefix) {
        List<String> texts = List.of("one", "", "x".repeat(200), "last");
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (String text : texts) {
            for (int shift = 8 * (prefix.width() - 1); shift >= 0; shift -= 8) {
                input.write(text.length() >> shift);
            }
            input.writeBytes(Bytes.utf8(text).toArray());
        }
        Bytes wire = Bytes.wrap(input.toByteArray());

        Feeding.inEveryWay(
                wire,
                () -> new Frames(prefix, FrameProtocol.MAX_LENGTH),
                (protocol, _) -> assertThat(protocol.told).isEqualTo(texts));

        Frames sender = new Frames(prefix, FrameProtocol.MAX_LENGTH);
        MemoryTransport transport = MemoryTransport.connect(sender);
        texts.forEach(text -> sender.sendFrame(Bytes.utf8(text)));
        assertThat(transport.takeWritten()).isEqualTo(wire);
    }

    @ParameterizedTest
    @CsvSource({"INT8, 255", "INT16, 65535"})
    void limitsWhatIsSentByItsWidthWhateverIsTaken(LengthPrefix prefix, int most) {
        Frames frames = new Frames(prefix, 1);
        MemoryTransport transport = MemoryTransport.connect(frames);
        frames.sendFrame(Bytes.wrap(new byte[most]));
        assertThat(transport.takeWritten().size()).isEqualTo(prefix.width() + most);

        assertThatThrownBy(() -> frames.sendFrame(Bytes.wrap(new byte[most + 1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(most + 1));
        assertThat(transport.takeWritten().isEmpty()).isTrue();
    }

    @Test
    void refusesAFrameOver99999BytesAsSoonAsThePrefixIsRead() {
        Frames frames = new Frames(LengthPrefix.INT32, FrameProtocol.MAX_LENGTH);
        MemoryTransport transport = MemoryTransport.connect(frames);
        transport.receive(LengthPrefix.INT32.encode(99_999));
        transport.receive(Bytes.wrap(new byte[99_999]));
        assertThat(transport.isClosing()).isFalse();

        transport.receiveOneByOne(LengthPrefix.INT32.encode(100_000));
        assertThat(transport.isClosing()).isTrue();
        assertThat(frames.told.getLast()).isEqualTo("too long: 100000");
    }

    @Test
    void refusesALongFrameOfEveryWidth() {
        for (LengthPrefix prefix : LengthPrefix.values()) {
            Feeding.inEveryWay(
                    prefix.encode(11),
                    () -> new Frames(prefix, 10),
                    (protocol, _) -> assertThat(protocol.told).containsExactly("too long: 11"));
        }
    }
}
