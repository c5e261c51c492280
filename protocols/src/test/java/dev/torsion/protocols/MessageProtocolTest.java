package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.BytesBuilder;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class MessageProtocolTest {
    private static final int MIN = 3;
    private static final int MAX = 300;
    private static final String LOST = "lost: closed cleanly";

    /// Writes down what it is told, and does what the message says.
    private abstract static class Told extends MessageProtocol {
        final List<String> told = new ArrayList<>();
        private final int header;

        Told(int header, int maxLength) {
            super(header, maxLength);
            this.header = header;
        }

        @Override
        protected void messageReceived(Bytes message) {
            String text = message.slice(header, message.size()).utf8();
            told.add(text);
            switch (text) {
                case "pause" -> transport().pauseReading();
                case "close" -> transport().loseConnection();
                case "abort" -> transport().abortConnection();
                case "throw" -> throw new IllegalStateException("as asked");
                default -> {}
            }
        }

        @Override
        protected void messageRefused(String why) {
            told.add(why);
        }

        @Override
        protected void cutOff(int bytes) {
            told.add("cut off after " + bytes);
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    /// `M`, then the length of all in two bytes, little-endian.
    private static final class Records extends Told {
        Records() {
            super(MIN, MAX);
        }

        @Override
        protected long lengthOf(Bytes begun) {
            assertThat(begun.size()).isBetween(MIN, MAX);
            return begun.at(0) == 'M' ? begun.uint16LittleEndian(1) : 0;
        }
    }

    private static Bytes record(String body) {
        return new BytesBuilder()
                .utf8("M")
                .int16LittleEndian(MIN + body.length())
                .utf8(body)
                .build();
    }

    private static Bytes records(String... bodies) {
        BytesBuilder all = new BytesBuilder();
        for (String body : bodies) {
            all.bytes(record(body));
        }
        return all.build();
    }

    static List<Arguments> inputs() {
        String longest = "x".repeat(MAX - MIN);
        return List.of(
                Arguments.of(Bytes.empty(), List.of()),
                Arguments.of(records("one", "", "three"), List.of("one", "", "three")),
                Arguments.of(records(longest, "after"), List.of(longest, "after")),
                Arguments.of(
                        records("ok", longest + "x", "no"),
                        List.of("ok", "a message of 301 bytes; 3 to 300 are allowed", LOST)),
                Arguments.of(
                        Bytes.concat(record("ok"), Bytes.utf8("M\2\0M\5\0no")),
                        List.of("ok", "a message of 2 bytes; 3 to 300 are allowed", LOST)),
                Arguments.of(
                        Bytes.concat(record("ok"), Bytes.utf8("X\5\0no")),
                        List.of("ok", "not the beginning of a message", LOST)),
                Arguments.of(records("close", "no"), List.of("close", LOST)),
                Arguments.of(records("abort", "no"), List.of("abort", "lost: aborted")),
                Arguments.of(records("throw", "no"), List.of("throw", "lost: failed: as asked")),
                Arguments.of(records("pause", "no"), List.of("pause")));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void handsOutTheSameMessagesHoweverTheyArrive(Bytes input, List<String> told) {
        Feeding.inEveryWay(
                input, Records::new, (protocol, _) -> assertThat(protocol.told).isEqualTo(told));
    }

    @Test
    void refusesALengthAsSoonAsItIsThere() {
        Records records = new Records();
        MemoryTransport transport = MemoryTransport.connect(records);
        transport.receive(Bytes.utf8("M-"));
        assertThat(transport.isClosing()).isFalse();

        transport.receive(Bytes.utf8("\1"));
        assertThat(transport.isClosing()).isTrue();
        assertThat(records.told).containsExactly("a message of 301 bytes; 3 to 300 are allowed");
    }

    /// Seven bits of the length in each byte, the highest bit set in all but the last: a header
    /// that does not say how long it is.
    private static class Varying extends Told {
        Varying(int maxLength) {
            super(1, maxLength);
        }

        @Override
        protected long lengthOf(Bytes begun) {
            long length = 0;
            for (int i = 0; i < begun.size(); i++) {
                length |= (begun.uint8(i) & 0x7fL) << (7 * i);
                if (begun.at(i) >= 0) {
                    return length + i + 1;
                }
            }
            return -1;
        }
    }

    private static Bytes varying(int length) {
        BytesBuilder message = new BytesBuilder();
        int rest = length;
        while (rest > 0x7f) {
            message.int8((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        return message.int8(rest).utf8("x".repeat(length)).build();
    }

    @Test
    void asksAgainUntilTheLengthCanBeKnown() {
        for (int size : List.of(1, 127, 128, 200)) {
            Bytes input = Bytes.concat(varying(size), varying(size), varying(0), varying(1));
            List<Integer> sizes = new ArrayList<>();
            Feeding.inEveryWay(
                    input,
                    () -> {
                        sizes.clear();
                        return new Varying(202) {
                            @Override
                            protected void messageReceived(Bytes message) {
                                sizes.add(message.size());
                            }
                        };
                    },
                    (protocol, _) -> {
                        int whole = size + (size > 127 ? 2 : 1);
                        assertThat(protocol.told).isEmpty();
                        assertThat(sizes).containsExactly(whole, whole, 1, 2);
                    });
        }
    }

    /// Twisted's `StatefulProtocol`: a size, then so many bytes, again and again.
    private static final class Stateful extends MessageProtocol {
        private final List<String> told = new ArrayList<>();
        private int wanted;

        Stateful() {
            super(1, MAX);
        }

        @Override
        protected long lengthOf(Bytes begun) {
            return wanted == 0 ? 1 : wanted;
        }

        @Override
        protected void messageReceived(Bytes message) {
            if (wanted == 0) {
                wanted = message.uint8(0);
            } else {
                told.add(message.utf8());
                wanted = 0;
            }
        }
    }

    @Test
    void takesAsManyBytesAsTheStateInHandWants() {
        Feeding.inEveryWay(
                Bytes.utf8("\3abc\1d\0\2ef"),
                Stateful::new,
                (protocol, _) -> assertThat(protocol.told).containsExactly("abc", "d", "ef"));
    }

    @Test
    void waitsForALengthNoLongerThanAMessageMayBe() {
        Feeding.inEveryWay(
                Bytes.wrap(new byte[] {-1, -1, -1, -1, -1, 1}),
                () -> new Varying(5),
                (protocol, _) ->
                        assertThat(protocol.told)
                                .containsExactly("no length in the first 5 bytes", LOST));
    }

    @Test
    void takesNoMemoryForALengthThatIsOnlyAnnounced() {
        Varying protocol = new Varying(Integer.MAX_VALUE);
        MemoryTransport transport = MemoryTransport.connect(protocol);
        transport.receive(Bytes.wrap(new byte[] {-16, -1, -1, -1, 7, 1, 2}));

        assertThat(transport.isClosing()).isFalse();
        assertThat(protocol.told).isEmpty();
        assertThat(protocol.isBetweenUnits()).isFalse();
    }

    @Test
    void deliversTheRestOfTheChunkBeforeNewBytesWhenResumed() {
        Records records = new Records();
        MemoryTransport transport = MemoryTransport.connect(records);
        Bytes last = record("last");
        transport.receive(Bytes.concat(records("pause", "one"), last.slice(0, 4)));
        transport.receive(last.slice(4, last.size()));
        assertThat(records.told).containsExactly("pause");

        records.transport().resumeReading();
        transport.reactor().runUntilIdle();
        assertThat(records.told).containsExactly("pause", "one", "last");
    }

    @Test
    void tellsHowManyBytesOfAMessageWereCutOff() {
        Bytes record = record("body");
        for (int came = 1; came < record.size(); came++) {
            Records records = new Records();
            MemoryTransport transport = MemoryTransport.connect(records);
            transport.receiveOneByOne(record.slice(0, came));
            transport.peerClosed();
            transport.reactor().runUntilIdle();
            assertThat(records.told).containsExactly("cut off after " + came, LOST);
        }
    }

    @Test
    void lendsAMessageThatArrivedWholeWithoutACopy() {
        List<Bytes> kept = new ArrayList<>();
        MemoryTransport transport =
                MemoryTransport.connect(
                        new MessageProtocol(1, 10) {
                            @Override
                            protected long lengthOf(Bytes begun) {
                                kept.add(begun);
                                return begun.uint8(0);
                            }

                            @Override
                            protected void messageReceived(Bytes message) {
                                kept.add(message);
                            }
                        });
        transport.receive(Bytes.utf8("\4abc"));

        assertThat(kept)
                .hasSize(2)
                .allSatisfy(it ->
                        assertThatThrownBy(it::utf8).isInstanceOf(IllegalStateException.class));
    }

    /// The length of a message is known by its last byte.
    @Test
    void failsWhenALengthIsToldTooLate() {
        Told protocol =
                new Told(1, 10) {
                    @Override
                    protected long lengthOf(Bytes begun) {
                        return begun.size() < 3 ? -1 : 2;
                    }
                };
        MemoryTransport transport = MemoryTransport.connect(protocol);
        transport.receiveOneByOne(Bytes.utf8("abc"));
        transport.reactor().runUntilIdle();

        assertThat(protocol.told)
                .containsExactly("lost: failed: lengthOf said -1 of 2 bytes, then 2");
    }

    @Test
    void hasBoundsThatLeaveRoom() {
        for (int[] wrong : new int[][] {{0, 5}, {6, 5}, {-1, -1}}) {
            assertThatThrownBy(() ->
                            new Told(wrong[0], wrong[1]) {
                                @Override
                                protected long lengthOf(Bytes begun) {
                                    return 1;
                                }
                            })
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong[0] + " to " + wrong[1]);
        }
    }
}
