package dev.torsion.gateways.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NatsHeadersTest extends DoorTest {
    private Client client = connect();

    @BeforeEach
    void connectWithHeaders() {
        watch("a");
        client = connect(WITH_HEADERS);
    }

    private static String[] hpub(String headers, String payload) {
        String block = "NATS/1.0\r\n" + headers.replace("\n", "\r\n") + "\r\n";
        int size = block.getBytes(UTF_8).length;
        return new String[] {"HPUB a " + size + " " + (size + payload.length()), block + payload};
    }

    private Event publish(String headers) {
        assertThat(client.says(hpub(headers, "data"))).isEmpty();
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    @Test
    void makesAttributesOfTheHeadersThatCloudEventsNames() {
        Event event =
                publish(
                        """
                        ce-specversion: 1.0
                        ce-id: 17
                        ce-source: /shop/till%204
                        ce-type: sold
                        ce-time: 2026-02-03T04:05:06.5+01:00
                        ce-subject: Gr%C3%BC%C3%9Fe
                        ce-datacontenttype: text/plain
                        ce-causationid: 16
                        ce-vendor9: x
                        """);
        assertThat(event.id()).isEqualTo("17");
        assertThat(event.source()).isEqualTo("/shop/till 4");
        assertThat(event.type()).isEqualTo("sold");
        assertThat(event.time()).isEqualTo(Instant.parse("2026-02-03T03:05:06.5Z"));
        assertThat(event.cause()).isEqualTo("16");
        assertThat(event.attributes())
                .isEqualTo(
                        Map.of(
                                "subject", "Grüße",
                                "datacontenttype", "text/plain",
                                "causationid", "16",
                                "vendor9", "x"));
        assertThat(event.headers()).isEmpty();
        assertThat(event.text()).isEqualTo("data");
    }

    @Test
    void keepsAllOtherHeadersInOrder() {
        Event event = publish("Trace: 1\nce-type: sold\ntrace: 2\nTrace: 3\n");
        assertThat(event.headers())
                .containsExactly(
                        new Header("Trace", "1"),
                        new Header("trace", "2"),
                        new Header("Trace", "3"));
        assertThat(event.type()).isEqualTo("sold");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ce-id: ",
                "ce-id: 100%",
                "ce-id: %01",
                "ce-time: yesterday",
                "ce-specversion: 0.3",
                "ce-data: x",
                "ce-not-a-name: x",
                "ce-Type: x",
                "ce-: x"
            })
    void keepsWhatCannotBeAnAttributeAsAHeader(String line) {
        Event event = publish(line + "\n");
        int colon = line.indexOf(':');
        assertThat(event.headers())
                .containsExactly(new Header(line.substring(0, colon), line.substring(colon + 2)));
        assertThat(event.attributes()).isEmpty();
        assertThat(event.source()).isEqualTo("/edge/nats/2");
    }

    @Test
    void takesTheFirstOfTwoValuesOfAnAttributeAndKeepsTheOther() {
        Event event = publish("ce-id: 1\nce-id: 2\n");
        assertThat(event.id()).isEqualTo("1");
        assertThat(event.headers()).containsExactly(new Header("ce-id", "2"));
    }

    @Test
    void bringsEverythingBackAsItWas() {
        client.says("SUB a 1");
        String headers =
                """
                ce-specversion: 1.0
                ce-id: 17
                ce-source: /shop/till%204
                ce-type: sold
                ce-time: 2026-02-03T03:05:06.500Z
                ce-subject: Gr%C3%BC%C3%9Fe
                Trace: 1
                Trace: two words
                ce-id: 18
                empty:\s
                """;
        String heard = client.says(hpub(headers, "data"));
        int size =
                ("NATS/1.0\n" + headers + "\n").lines().mapToInt(line -> line.length() + 2).sum();
        assertThat(heard)
                .isEqualTo(
                        "HMSG a 1 "
                                + size
                                + " "
                                + (size + 4)
                                + "\nNATS/1.0\n"
                                + headers
                                + "\ndata\n");
    }

    @Test
    void givesEveryEventItsAttributes() {
        client.says("SUB a 1");
        bus.publish(Draft.to("a").withText("hi").withAttribute("subject", "hall 1"));
        assertThat(client.hears())
                .isEqualTo(
                        """
                        HMSG a 1 149 151
                        NATS/1.0
                        ce-specversion: 1.0
                        ce-id: edge-1-1
                        ce-source: /edge
                        ce-type: dev.torsion.event
                        ce-time: 2026-01-01T00:00:00Z
                        ce-subject: hall%201

                        hi
                        """);
    }

    @Test
    void sparesThoseWhoDoNotKnowHeaders() {
        Client old = connect(QUIET);
        old.says("SUB a 1");
        publish("Trace: 1\n");
        assertThat(old.hears()).isEqualTo("MSG a 1 4\ndata\n");
    }

    @Test
    void takesAnEmptyHeaderBlock() {
        assertThat(publish("").headers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no colon\n", "white space: x\n", "x\u0001y: z\n"})
    void saysWhatIsWrongWithHeadersAndGoesOn(String headers) {
        assertThat(client.says(hpub(headers, "data")))
                .startsWith("-ERR 'Invalid Message: ")
                .endsWith("'\n");
        assertThat(events).isEmpty();
        assertThat(door.stats().refused()).isEqualTo(1);
        assertThat(client.says("PING")).isEqualTo("PONG\n");
    }

    @Test
    void saysThatThereAreTooManyHeaders() {
        StringBuilder headers = new StringBuilder();
        for (int i = 0; i < 65; i++) {
            headers.append("h: ").append(i).append('\n');
        }
        assertThat(client.says(hpub(headers.toString(), ""))).contains("at most 64 headers");
    }

    @Test
    void endsWithAClientThatSendsHeadersWithoutHavingSaidSo() {
        Client old = connect(QUIET);
        assertThat(old.says(hpub("a: b\n", ""))).startsWith("-ERR 'message headers not supported");
        assertThat(old.transport().isClosing()).isTrue();
        assertThat(door.stats().refused()).isEqualTo(1);
    }
}
