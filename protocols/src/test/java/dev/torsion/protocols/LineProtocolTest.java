package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LineProtocolTest {
    private static final int MAX = 8;
    private static final LineEnd BAR = LineEnd.of(Bytes.utf8("|"));
    private static final LineEnd DASHES = LineEnd.of(Bytes.utf8("--\n"));

    /// Writes down what it is told, and does what the line says.
    private static final class Lines extends LineProtocol {
        private final List<String> told = new ArrayList<>();
        private boolean survivesLongLines;
        private int rawBytesWanted;

        Lines(LineEnd end) {
            super(end, MAX);
        }

        Lines surviving() {
            survivesLongLines = true;
            return this;
        }

        @Override
        protected void lineReceived(Bytes line) {
            String text = line.utf8();
            told.add(text);
            switch (text) {
                case "pause" -> transport().pauseReading();
                case "again" -> {
                    transport().pauseReading();
                    transport().resumeReading();
                }
                case "close" -> transport().loseConnection();
                case "abort" -> transport().abortConnection();
                case "throw" -> throw new IllegalStateException("as asked");
                case "raw 5" -> {
                    rawBytesWanted = 5;
                    rawMode();
                }
                default -> {}
            }
        }

        @Override
        protected int rawReceived(Bytes data) {
            int taken = Math.min(rawBytesWanted, data.size());
            told.add("raw:" + data.slice(0, taken).utf8());
            rawBytesWanted -= taken;
            if (rawBytesWanted == 0) {
                lineMode();
            }
            return taken;
        }

        @Override
        protected void lineLengthExceeded() {
            told.add("too long");
            if (!survivesLongLines) {
                super.lineLengthExceeded();
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    static List<Arguments> inputs() {
        String lost = "lost: closed cleanly";
        return List.of(
                Arguments.of(LineEnd.CR_LF, "", List.of()),
                Arguments.of(LineEnd.CR_LF, "one\r\ntwo\r\n", List.of("one", "two")),
                Arguments.of(LineEnd.CR_LF, "\r\n\r\n", List.of("", "")),
                Arguments.of(LineEnd.CR_LF, "no end", List.of()),
                Arguments.of(LineEnd.CR_LF, "a\nb\rc\r\n", List.of("a\nb\rc")),
                Arguments.of(LineEnd.CR_LF, "a\r\r\n\n\r\n", List.of("a\r", "\n")),
                Arguments.of(LineEnd.CR_LF, "12345678\r\nok\r\n", List.of("12345678", "ok")),
                Arguments.of(LineEnd.CR_LF, "123456789\r\nno\r\n", List.of("too long", lost)),
                Arguments.of(LineEnd.CR_LF, "12345678\r9\r\n", List.of("too long", lost)),
                Arguments.of(LineEnd.CR_LF, "1\r\n1234567890", List.of("1", "too long", lost)),
                Arguments.of(LineEnd.LF, "one\ntwo\r\n\n", List.of("one", "two\r", "")),
                Arguments.of(LineEnd.CR_LF_OR_LF, "a\r\nb\n\r\n\n", List.of("a", "b", "", "")),
                Arguments.of(LineEnd.CR_LF_OR_LF, "a\rb\r\r\n", List.of("a\rb\r")),
                Arguments.of(LineEnd.CR_LF_OR_LF, "12345678\r\n", List.of("12345678")),
                Arguments.of(LineEnd.NUL, "a\r\n\0b\0", List.of("a\r\n", "b")),
                Arguments.of(BAR, "a|\r\n||", List.of("a", "\r\n", "")),
                Arguments.of(DASHES, "one--\n\n--\ntwo-\n--\n", List.of("one", "\n", "two-\n")),
                Arguments.of(DASHES, "12345678--\nok--\n", List.of("12345678", "ok")),
                Arguments.of(DASHES, "123456789--\nno--\n", List.of("too long", lost)),
                Arguments.of(DASHES, "12345678--x", List.of("too long", lost)),
                Arguments.of(DASHES, "12345678--", List.of()),
                Arguments.of(LineEnd.CR_LF, "close\r\nno\r\n", List.of("close", lost)),
                Arguments.of(LineEnd.CR_LF, "abort\r\nno\r\n", List.of("abort", "lost: aborted")),
                Arguments.of(
                        LineEnd.CR_LF,
                        "throw\r\nno\r\n",
                        List.of("throw", "lost: failed: as asked")),
                Arguments.of(LineEnd.CR_LF, "pause\r\nno\r\n", List.of("pause")),
                Arguments.of(LineEnd.CR_LF, "again\r\nyes\r\n", List.of("again", "yes")));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void handsOutTheSameLinesHoweverTheyArrive(LineEnd end, String input, List<String> told) {
        Feeding.inEveryWay(
                Bytes.utf8(input),
                () -> new Lines(end),
                (lines, _) -> assertThat(lines.told).isEqualTo(told));
    }

    static List<Arguments> longLines() {
        return List.of(
                Arguments.of("123456789\r\nok\r\n"),
                Arguments.of("123456789\n1234567\r1234567890123456789\r\nok\r\n"),
                Arguments.of("12345678\r\r\nok\r\n"));
    }

    @ParameterizedTest
    @MethodSource("longLines")
    void skipsTheRestOfALongLineIfTheConnectionStays(String input) {
        Feeding.inEveryWay(
                Bytes.utf8(input),
                () -> new Lines(LineEnd.CR_LF).surviving(),
                (lines, _) -> assertThat(lines.told).containsExactly("too long", "ok"));
    }

    @Test
    void skipsToAnEndOfItsOwnToo() {
        Feeding.inEveryWay(
                Bytes.utf8("123456789-\n--x--\nok--\n"),
                () -> new Lines(DASHES).surviving(),
                (lines, _) -> assertThat(lines.told).containsExactly("too long", "ok"));
    }

    @Test
    void isUnfinishedWhileItSkips() {
        for (LineEnd end : List.of(LineEnd.LF, BAR, DASHES)) {
            Lines lines = new Lines(end).surviving();
            MemoryTransport.connect(lines).receive(Bytes.utf8("123456789012345"));
            assertThat(lines.isBetweenUnits()).isFalse();
        }
    }

    /// Those that run into themselves are the hard ones; here they meet every text of their bytes.
    @ParameterizedTest
    @ValueSource(strings = {"a", "aa", "ab", "aab", "aba", "abab"})
    void endsWhereADelimiterOfItsOwnStandsFirst(String delimiter) {
        for (int bits = 0; bits < (1 << MAX); bits++) {
            String text =
                    Integer.toBinaryString(bits | (1 << MAX))
                            .substring(1)
                            .replace('0', 'a')
                            .replace('1', 'b');
            List<String> expected = new ArrayList<>();
            int from = 0;
            int end = text.indexOf(delimiter);
            while (end >= 0) {
                expected.add(text.substring(from, end));
                from = end + delimiter.length();
                end = text.indexOf(delimiter, from);
            }
            Feeding.inEveryWay(
                    Bytes.utf8(text),
                    () -> new Lines(LineEnd.of(Bytes.utf8(delimiter))),
                    (lines, _) -> assertThat(lines.told).as(text).isEqualTo(expected));
        }
    }

    @Test
    void hasAnEndOfAtLeastOneByte() {
        assertThatThrownBy(() -> LineEnd.of(Bytes.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a line ends with 1 byte or more");
    }

    @Test
    void changesToRawBytesAndBackInsideAChunk() {
        Feeding.inEveryWay(
                Bytes.utf8("raw 5\r\n1\r\n45next\r\n"),
                () -> new Lines(LineEnd.CR_LF),
                (lines, _) -> {
                    String all = String.join("", lines.told).replace("raw:", "");
                    assertThat(all).isEqualTo("raw 51\r\n45next");
                    assertThat(lines.told).startsWith("raw 5").endsWith("next");
                });
    }

    @Test
    void deliversTheRestOfTheChunkBeforeNewBytesWhenResumed() {
        Lines lines = new Lines(LineEnd.CR_LF);
        MemoryTransport transport = MemoryTransport.connect(lines);
        transport.receive(Bytes.utf8("pause\r\none\r\npause\r\ntwo\r\nth"));
        transport.receive(Bytes.utf8("ree\r\n"));
        assertThat(lines.told).containsExactly("pause");

        lines.transport().resumeReading();
        assertThat(lines.told).containsExactly("pause");
        transport.reactor().runUntilIdle();
        assertThat(lines.told).containsExactly("pause", "one", "pause");

        lines.transport().resumeReading();
        transport.reactor().runUntilIdle();
        assertThat(lines.told).containsExactly("pause", "one", "pause", "two", "three");
    }

    @Test
    void handsOutNothingAfterTheConnectionIsLost() {
        Lines lines = new Lines(LineEnd.CR_LF);
        MemoryTransport transport = MemoryTransport.connect(lines);
        transport.receive(Bytes.utf8("pause\r\nnever\r\n"));
        lines.transport().resumeReading();
        transport.peerReset();
        transport.reactor().runUntilIdle();

        assertThat(lines.told).hasSize(2).last().asString().startsWith("lost");
    }

    @Test
    void closesWhenALineOfTheBacklogThrows() {
        Lines lines = new Lines(LineEnd.CR_LF);
        MemoryTransport transport = MemoryTransport.connect(lines);
        transport.receive(Bytes.utf8("pause\r\nthrow\r\nnever\r\n"));
        lines.transport().resumeReading();
        transport.reactor().runUntilIdle();

        assertThat(lines.told).containsExactly("pause", "throw", "lost: failed: as asked");
    }

    @Test
    void sendsALineWithItsEnd() {
        Lines lines = new Lines(LineEnd.CR_LF_OR_LF);
        MemoryTransport transport = MemoryTransport.connect(lines);

        assertThat(lines.sendLine(Bytes.utf8("hello"))).isTrue();

        assertThat(transport.takeWrittenText()).isEqualTo("hello\r\n");
    }

    @Test
    void refusesToSendAnEndInsideALine() {
        Lines lines = new Lines(LineEnd.CR_LF);
        MemoryTransport transport = MemoryTransport.connect(lines);
        transport.receive(Bytes.utf8("\r"));

        assertThat(lines.sendLine(Bytes.utf8("\na\nb"))).isTrue();
        assertThatThrownBy(() -> lines.sendLine(Bytes.utf8("a\r\nb")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(transport.takeWrittenText()).isEqualTo("\na\nb\r\n");
    }

    @Test
    void refusesToSendALineThatRunsIntoItsEnd() {
        Lines lines = new Lines(LineEnd.of(Bytes.utf8("||")));
        MemoryTransport transport = MemoryTransport.connect(lines);

        assertThat(lines.sendLine(Bytes.utf8("|a"))).isTrue();
        for (String wrong : List.of("a|", "|", "a||b")) {
            assertThatThrownBy(() -> lines.sendLine(Bytes.utf8(wrong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"||\"");
        }
        assertThat(transport.takeWrittenText()).isEqualTo("|a||");
    }

    @Test
    void lendsALineThatArrivedWholeWithoutACopy() {
        List<Bytes> kept = new ArrayList<>();
        MemoryTransport transport =
                MemoryTransport.connect(
                        new LineProtocol() {
                            @Override
                            protected void lineReceived(Bytes line) {
                                kept.add(line);
                            }
                        });
        transport.receive(Bytes.utf8("whole\r\nspl"));
        transport.receive(Bytes.utf8("it\r\n"));

        assertThatThrownBy(kept.getFirst()::utf8).isInstanceOf(IllegalStateException.class);
        assertThat(kept.getLast().utf8()).isEqualTo("split");
    }
}
