package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.MemoryTransport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FrameProtocolTest {
    private static final int MAX = 300;

    private static final class Frames extends FrameProtocol {
        private final List<String> told = new ArrayList<>();

        Frames() {
            super(MAX);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            told.add(frame.utf8());
            if (frame.utf8().equals("close")) {
                transport().loseConnection();
            }
        }

        @Override
        protected void frameLengthExceeded(long announced) {
            told.add("too long: " + announced);
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    static List<Arguments> inputs() {
        String lost = "lost: closed cleanly";
        String longest = "x".repeat(MAX);
        return List.of(
                Arguments.of(List.of(), List.of()),
                Arguments.of(List.of("one", "", "three"), List.of("one", "", "three")),
                Arguments.of(List.of("", "", ""), List.of("", "", "")),
                Arguments.of(List.of(longest, "after"), List.of(longest, "after")),
                Arguments.of(
                        List.of("ok", longest + "x", "no"), List.of("ok", "too long: 301", lost)),
                Arguments.of(List.of("close", "no"), List.of("close", lost)));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void handsOutTheSameFramesHoweverTheyArrive(List<String> frames, List<String> told) {
        Feeding.inEveryWay(
                framed(frames),
                Frames::new,
                (protocol, _) -> assertThat(protocol.told).isEqualTo(told));
    }

    @Test
    void readsTheLengthAsUnsigned() {
        Feeding.inEveryWay(
                Bytes.wrap(new byte[] {-1, -1, -1, -1, 0, 0, 0, 1}),
                Frames::new,
                (protocol, _) ->
                        assertThat(protocol.told)
                                .containsExactly("too long: 4294967295", "lost: closed cleanly"));
    }

    @Test
    void takesALimitFromTheNextFrameOn() {
        Frames frames = new Frames();
        MemoryTransport transport = MemoryTransport.connect(frames);
        Bytes begun = framed(List.of("x".repeat(200)));
        transport.receive(begun.slice(0, 100));
        frames.limitFrames(100);
        transport.receive(begun.slice(100, begun.size()));
        assertThat(frames.told).containsExactly("x".repeat(200));

        transport.receive(framed(List.of("y".repeat(101))));
        assertThat(frames.told).last().isEqualTo("too long: 101");
    }

    @Test
    void refusesALongFrameBeforeItsFirstByte() {
        Frames frames = new Frames();
        MemoryTransport transport = MemoryTransport.connect(frames);
        transport.receive(Bytes.wrap(new byte[] {0, 0, 1}));
        assertThat(transport.isClosing()).isFalse();

        transport.receive(Bytes.wrap(new byte[] {45}));
        assertThat(transport.isClosing()).isTrue();
        assertThat(frames.told).containsExactly("too long: 301");
    }

    @Test
    void takesNoMemoryForALengthThatIsOnlyAnnounced() {
        List<Bytes> received = new ArrayList<>();
        MemoryTransport transport =
                MemoryTransport.connect(
                        new FrameProtocol(Integer.MAX_VALUE) {
                            @Override
                            protected void frameReceived(Bytes frame) {
                                received.add(frame);
                            }
                        });
        transport.receive(Bytes.wrap(new byte[] {127, -1, -1, -1, 1, 2, 3}));

        assertThat(transport.isClosing()).isFalse();
        assertThat(received).isEmpty();
    }

    @Test
    void sendsTheLengthAndTheParts() {
        Frames frames = new Frames();
        MemoryTransport transport = MemoryTransport.connect(frames);

        frames.sendFrame(Bytes.utf8("head "), Bytes.utf8("body"));

        assertThat(transport.takeWritten()).isEqualTo(framed(List.of("head body")));
    }

    @Test
    void refusesToSendWhatThePeerMayNotTake() {
        Frames frames = new Frames();
        MemoryTransport transport = MemoryTransport.connect(frames);

        assertThatThrownBy(() -> frames.sendFrame(Bytes.wrap(new byte[MAX + 1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("301");
        assertThat(transport.takeWritten().isEmpty()).isTrue();
    }

    private static Bytes framed(List<String> frames) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        for (String frame : frames) {
            buffer.putInt(frame.length()).put(Bytes.utf8(frame).toArray());
        }
        return Bytes.wrap(buffer.array(), 0, buffer.position());
    }
}
