package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrafficLogTest extends PolicySetting {
    @Test
    void tellsHowMuchPassesAndNothingOfIt() {
        List<String> lines = new ArrayList<>();
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new TrafficLog(_ -> writer, lines::add), ONE);
        transport.receive(Bytes.utf8("password"));
        writer.transport().write(Bytes.utf8("secret"));
        writer.transport().loseConnection();
        reactor.runUntilIdle();

        assertThat(lines)
                .containsExactly(
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 8 bytes",
                        "192.0.2.1:1000 sent 6 bytes",
                        "192.0.2.1:1000 closing",
                        "192.0.2.1:1000 lost: closed cleanly");
    }

    @Test
    void showsContentOnlyWhenToldAndNeverMoreThanItsBound() {
        List<String> lines = new ArrayList<>();
        ProtocolFactory texts =
                new TrafficLog(_ -> new Told(), TrafficLog.Content.TEXT, 12, lines::add);
        accept(texts, ONE).receive(Bytes.utf8("a\\b\r\n\t\u0000é and more"));
        ProtocolFactory digits =
                new TrafficLog(_ -> new Told(), TrafficLog.Content.HEX, 2, lines::add);
        accept(digits, ONE).receive(Bytes.wrap(new byte[] {0, -1, 2}));

        assertThat(lines)
                .containsExactly(
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 18 bytes:"
                                + " a\\\\b\\r\\n\\t\\x00\\xc3\\xa9 an… and 6 more",
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 3 bytes: 00ff… and 1 more");
    }

    /// Quotes the peer in what it throws, as parsers do.
    private static final class Parsing implements Protocol {
        @Override
        public void dataReceived(Bytes data) {
            var _ = Integer.parseInt(data.utf8());
        }
    }

    @Test
    void tellsNoWordOfAReasonUnlessItMayShowContent() {
        List<String> lines = new ArrayList<>();
        accept(new TrafficLog(_ -> new Parsing(), lines::add), ONE).receive(Bytes.utf8("secret"));
        reactor.runUntilIdle();
        MemoryTransport broken = accept(new TrafficLog(_ -> new Told(), lines::add), ONE);
        broken.peerReset();
        MemoryTransport aborted = accept(new TrafficLog(_ -> new Told(), lines::add), ONE);
        aborted.abortConnection();
        reactor.runUntilIdle();

        assertThat(lines)
                .containsSubsequence(
                        "192.0.2.1:1000 received 6 bytes",
                        "192.0.2.1:1000 lost: failed: java.lang.NumberFormatException",
                        "192.0.2.1:1000 lost: connection lost: java.io.IOException",
                        "192.0.2.1:1000 lost: aborted");
    }

    @Test
    void letsNobodyForgeALine() {
        List<String> lines = new ArrayList<>();
        ProtocolFactory texts =
                new TrafficLog(_ -> new Parsing(), TrafficLog.Content.TEXT, 3, lines::add);
        accept(texts, Address.unix("/run/\nforged"))
                .receive(Bytes.utf8("7\n192.0.2.9:1 made" + "!".repeat(300)));
        reactor.runUntilIdle();

        assertThat(lines)
                .containsExactly(
                        "unix:/run/\\u000aforged made",
                        "unix:/run/\\u000aforged received 318 bytes: 7\\n1… and 315 more",
                        "unix:/run/\\u000aforged lost: failed: For input string: \"7\\n192.0.2.9:1 made"
                                + "!".repeat(155)
                                + "… and 146 more");
    }

    @Test
    void whoseLastLineFailsLetsTheProtocolHearOfItsEnd() {
        ProtocolFactory failing =
                new TrafficLog(
                        _ -> new Told(),
                        line -> {
                            if (line.contains("lost")) {
                                throw new IllegalStateException("the disk is full");
                            }
                        });
        accept(failing, ONE).peerClosed();

        assertThat(told).containsExactly("made", "lost: closed cleanly");
    }

    @Test
    void tellsOfARefusal() {
        List<String> lines = new ArrayList<>();

        assertThat(new TrafficLog(_ -> null, lines::add).buildProtocol(ONE)).isNull();
        assertThat(lines).containsExactly("192.0.2.1:1000 refused");
    }
}
