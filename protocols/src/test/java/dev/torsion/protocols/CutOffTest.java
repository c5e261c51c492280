package dev.torsion.protocols;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What becomes of a unit whose end does not come.
final class CutOffTest {
    private static final String WHOLE = "whole";
    private static final Address PEER = Address.of("192.0.2.1", 50_000);

    private static class Lines extends LineProtocol {
        private final List<String> told;

        Lines(List<String> told) {
            this.told = told;
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(WHOLE);
            if (line.utf8().equals("close")) {
                transport().loseConnection();
            } else if (line.utf8().equals("throw")) {
                throw new IllegalStateException("as asked");
            } else if (line.utf8().equals("pause")) {
                transport().pauseReading();
            }
        }

        @Override
        protected void cutOff(int bytes) {
            told.add("cut off after " + bytes);
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost");
        }
    }

    private static final class HalfClosingLines extends Lines implements HalfCloseable {
        HalfClosingLines(List<String> told) {
            super(told);
        }

        @Override
        public void readConnectionLost() {
            inputEnded();
            transport().loseConnection();
        }
    }

    /// Tells what one of the standard framings hands on.
    private static Function<List<String>, Protocol> framed(Framing<Bytes> framing) {
        return told ->
                framing.protocol(
                        new Framing.Inbox<>() {
                            @Override
                            public void received(Bytes message, Transport transport) {
                                told.add(WHOLE);
                            }

                            @Override
                            public void refused(String why) {
                                told.add(why);
                            }

                            @Override
                            public void cutOff(int bytes) {
                                told.add("cut off after " + bytes);
                            }
                        });
    }

    /// What is asked for in a box is never there; the connection stays.
    private static final class Boxes extends AmpProtocol {
        private final List<String> told;

        Boxes(List<String> told) {
            super(Answers.none(), AmpOptions.DEFAULT);
            this.told = told;
        }

        @Override
        protected void cutOff(int bytes) {
            told.add("cut off after " + bytes);
        }
    }

    static Stream<Arguments> units() {
        return Stream.of(
                unit("hello\r\n", Lines::new),
                unit("\r\n", Lines::new),
                unit("hello\r\n", HalfClosingLines::new),
                unit("5:hello,", framed(Framing.netstrings(99))),
                unit("0:,", framed(Framing.netstrings(99))),
                unit("12:hello, world,", framed(Framing.netstrings(99))),
                unit("\1x", framed(Framing.frames(LengthPrefix.INT8, 99))),
                unit("\0\5hello", framed(Framing.frames(LengthPrefix.INT16, 99))),
                unit("\0\0\0\0", framed(Framing.frames(LengthPrefix.INT32, 99))),
                unit("\0\4_ask\0\0011\0\10_command\0\1x\0\0", Boxes::new));
    }

    private static Arguments unit(String text, Function<List<String>, Protocol> protocol) {
        return Arguments.of(Bytes.wrap(text.getBytes(ISO_8859_1)), protocol);
    }

    @ParameterizedTest
    @MethodSource("units")
    void tellsHowManyBytesOfAUnitCame(Bytes unit, Function<List<String>, Protocol> protocol) {
        for (Consumer<MemoryTransport> end :
                List.<Consumer<MemoryTransport>>of(
                        MemoryTransport::peerClosed, MemoryTransport::peerReset)) {
            for (int came = 0; came < unit.size(); came++) {
                List<String> told = new ArrayList<>();
                ended(protocol.apply(told), end, unit, unit.slice(0, came));
                told.removeAll(List.of(WHOLE, "lost"));

                assertThat(told)
                        .isEqualTo(came == 0 ? List.of() : List.of("cut off after " + came));
            }
        }
    }

    /// A connection that has brought `input`, byte by byte, and then its end.
    private static MemoryTransport ended(
            Protocol protocol, Consumer<MemoryTransport> end, Bytes... input) {
        MemoryTransport transport = MemoryTransport.connect(protocol);
        for (Bytes bytes : input) {
            transport.receiveOneByOne(bytes);
        }
        end.accept(transport);
        transport.reactor().runUntilIdle();
        return transport;
    }

    /// What lines are told of one that brings `text` at once.
    private static List<String> told(String text, Consumer<MemoryTransport> end) {
        List<String> told = new ArrayList<>();
        MemoryTransport transport = MemoryTransport.connect(new Lines(told));
        transport.receive(Bytes.utf8(text));
        transport.reactor().runUntilIdle();
        end.accept(transport);
        transport.reactor().runUntilIdle();
        return told;
    }

    @Test
    void isNoNewsToASideThatClosedOrFailedItself() {
        assertThat(told("close\r\nhal", MemoryTransport::peerClosed))
                .containsExactly(WHOLE, "lost");
        assertThat(told("throw\r\nhal", MemoryTransport::peerClosed))
                .containsExactly(WHOLE, "lost");
    }

    @Test
    void isNoNewsWhenAPolicyAbortsTheConnection() {
        assertThat(told("hal", MemoryTransport::abortConnection)).containsExactly("lost");
        assertThat(told("pause\r\nwaits\r\nhal", MemoryTransport::abortConnection))
                .containsExactly(WHOLE, "lost");
    }

    @Test
    void countsWhatWaitedForAPausedReaderWhenTheConnectionBreaks() {
        assertThat(told("pause\r\nwaits\r\nhal", MemoryTransport::peerReset))
                .containsExactly(WHOLE, "cut off after 10", "lost");
    }

    @Test
    void isCountedByADoorBehindAProxyAndPassedOnToWhatIsBehind() {
        List<String> told = new ArrayList<>();
        ProxyProtocol door = new ProxyProtocol(_ -> new Lines(told), Duration.ofSeconds(5));
        Bytes header = Bytes.utf8("PROXY UNKNOWN\r\n");
        for (int came = 0; came < header.size(); came++) {
            MemoryTransport transport =
                    ended(
                            door.buildProtocol(PEER),
                            MemoryTransport::peerClosed,
                            header.slice(0, came));
            assertThat(door.refused()).isEqualTo(came);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        }
        ended(door.buildProtocol(PEER), MemoryTransport::peerClosed, header, Bytes.utf8("hal"));

        assertThat(door.refused()).isEqualTo(header.size() - 1L);
        assertThat(told).containsExactly("cut off after 3", "lost");
    }
}
