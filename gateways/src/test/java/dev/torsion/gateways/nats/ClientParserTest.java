package dev.torsion.gateways.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.gateways.nats.ClientCommand.Connect;
import dev.torsion.gateways.nats.ClientCommand.Invalid;
import dev.torsion.gateways.nats.ClientCommand.Ping;
import dev.torsion.gateways.nats.ClientCommand.Pong;
import dev.torsion.gateways.nats.ClientCommand.Publish;
import dev.torsion.gateways.nats.ClientCommand.Subscribe;
import dev.torsion.gateways.nats.ClientCommand.Unsubscribe;
import dev.torsion.reactor.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientParserTest {
    private static final int MAX_LINE = 128;
    private static final int MAX_PAYLOAD = 32;

    private static final String CONVERSATION =
            """
            CONNECT {"verbose":false,"headers":true,"lang":"any","name":"me"}\r
            sub readings.> workers 1\r
            SUB\talarms.*  2
            PUB readings.a 5\r
            hello\r
            Pub readings.a _INBOX.1 0\r
            \r
            PUB readings.a 4\r
            \r
            \r
            \r
            HPUB readings.a 12 14\r
            NATS/1.0\r
            \r
            hi\r
            HPUB readings.a r.1 12 12\r
            NATS/1.0\r
            \r
            \r
            UNSUB 1\r
            UNSUB 2 10\r
            PING\r
            PONG\r
            """;

    private static final List<ClientCommand> SAID =
            List.of(
                    new Connect(new ConnectOptions(false, true, true, false, 0, "me")),
                    new Subscribe("readings.>", "workers", "1"),
                    new Subscribe("alarms.*", null, "2"),
                    new Publish("readings.a", null, null, Bytes.utf8("hello")),
                    new Publish("readings.a", "_INBOX.1", null, Bytes.empty()),
                    new Publish("readings.a", null, null, Bytes.utf8("\r\n\r\n")),
                    new Publish(
                            "readings.a", null, Bytes.utf8("NATS/1.0\r\n\r\n"), Bytes.utf8("hi")),
                    new Publish("readings.a", "r.1", Bytes.utf8("NATS/1.0\r\n\r\n"), Bytes.empty()),
                    new Unsubscribe("1", 0),
                    new Unsubscribe("2", 10),
                    new Ping(),
                    new Pong());

    private static List<ClientCommand> parse(Bytes... pieces) {
        List<ClientCommand> commands = new ArrayList<>();
        ClientParser parser = new ClientParser(MAX_LINE, MAX_PAYLOAD, commands::add);
        for (Bytes piece : pieces) {
            int at = 0;
            while (at < piece.size()
                    && (commands.isEmpty() || !(commands.getLast() instanceof Invalid))) {
                at = parser.consume(piece, at);
            }
        }
        return commands;
    }

    private static Bytes[] oneByOne(String input) {
        Bytes bytes = Bytes.utf8(input);
        Bytes[] pieces = new Bytes[bytes.size()];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = bytes.slice(i, i + 1);
        }
        return pieces;
    }

    @Test
    void understandsEveryCommandOfAWholeConversation() {
        assertThat(parse(Bytes.utf8(CONVERSATION))).isEqualTo(SAID);
    }

    @Test
    void understandsTheSameOneByteAtATime() {
        assertThat(parse(oneByOne(CONVERSATION))).isEqualTo(SAID);
    }

    @Test
    void understandsTheSameSplitAnywhere() {
        Bytes bytes = Bytes.utf8(CONVERSATION);
        for (int split = 0; split <= bytes.size(); split++) {
            assertThat(parse(bytes.slice(0, split), bytes.slice(split, bytes.size())))
                    .as("split at %d", split)
                    .isEqualTo(SAID);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    PUB                   | Parser Error: expected PUB SUBJECT [REPLY] SIZE
                    PUB a                 | Parser Error: expected PUB SUBJECT [REPLY] SIZE
                    PUB a b c 5           | Parser Error: expected PUB SUBJECT [REPLY] SIZE
                    PUB a five            | Parser Error: expected a number of at most 9 digits, not five
                    PUB a -1              | Parser Error: expected a number of at most 9 digits, not -1
                    PUB a 9999999999      | Parser Error: expected a number of at most 9 digits, not 9999999999
                    PUB a 33              | Maximum Payload Violation
                    HPUB a 12             | Parser Error: expected HPUB SUBJECT [REPLY] HEADER-SIZE TOTAL-SIZE
                    HPUB a 12 33          | Maximum Payload Violation
                    HPUB a 13 12          | Parser Error: HPUB has more bytes of headers than in total
                    SUB a                 | Parser Error: expected SUB SUBJECT [GROUP] SID
                    SUB a b c d           | Parser Error: expected SUB SUBJECT [GROUP] SID
                    UNSUB                 | Parser Error: expected UNSUB SID [MAX]
                    UNSUB 1 x             | Parser Error: expected a number of at most 9 digits, not x
                    CONNECT               | Parser Error: CONNECT takes a JSON object
                    CONNECT []            | Parser Error: CONNECT takes a JSON object
                    CONNECT {} {}         | Parser Error: CONNECT takes one JSON object and no more
                    PUSH a 5              | Unknown Protocol Operation
                    MSG a 1 5             | Unknown Protocol Operation
                    GET / HTTP/1.1        | Unknown Protocol Operation
                    +OK                   | Unknown Protocol Operation
                    """)
    void saysWhatIsWrongWithALine(String line, String error) {
        assertThat(parse(Bytes.utf8(line + "\r\n"))).containsExactly(new Invalid(error));
        assertThat(parse(oneByOne(line + "\r\n"))).containsExactly(new Invalid(error));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT {\"verbose\":1}\r\n",
                "CONNECT {\"verbose\":true,\"verbose\":true}\r\n",
                "CONNECT {\"a\":[[[[[[[[[]]]]]]]]]}\r\n",
                "CONNECT {\"name\":\r\n",
                "CONNECT {\r\n"
            })
    void saysThatConnectIsNotTheJsonItShouldBe(String line) {
        assertThat(parse(Bytes.utf8(line)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Invalid.class,
                        invalid ->
                                assertThat(invalid.error())
                                        .startsWith("Parser Error: CONNECT takes a JSON object: ")
                                        .doesNotContain("Source"));
    }

    @Test
    void doesNotWaitForTheEndOfALineThatCannotBeOne() {
        byte[] tlsClientHello = {0x16, 0x03, 0x01};
        assertThat(parse(Bytes.wrap(tlsClientHello)))
                .containsExactly(new Invalid("Unknown Protocol Operation"));
    }

    @Test
    void takesALineAtItsLongest() {
        String sid = "1".repeat(MAX_LINE - "SUB a ".length());
        assertThat(parse(oneByOne("SUB a " + sid + "\r\n")))
                .containsExactly(new Subscribe("a", null, sid));
    }

    @Test
    void givesUpAsSoonAsALineIsTooLong() {
        String sid = "1".repeat(MAX_LINE - "SUB a ".length());
        assertThat(parse(Bytes.utf8("SUB a " + sid + "12")))
                .containsExactly(new Invalid("Maximum Control Line Exceeded"));
        assertThat(parse(oneByOne("SUB a " + sid + "1\r\n")))
                .containsExactly(new Invalid("Maximum Control Line Exceeded"));
    }

    @Test
    void wantsAPayloadToEndWhereItSaid() {
        assertThat(parse(oneByOne("PUB a 2\r\nabc\r\n")))
                .containsExactly(
                        new Invalid("Parser Error: expected CR LF after 2 bytes of payload on a"));
    }

    @Test
    void refusesALineThatIsNotUtf8() {
        byte[] line = {'S', 'U', 'B', ' ', (byte) 0xC3, ' ', '1', '\r', '\n'};
        assertThat(parse(Bytes.wrap(line)))
                .containsExactly(new Invalid("Parser Error: the line is not UTF-8"));
    }
}
