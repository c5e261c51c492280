package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DraftTest extends BusTest {

    @Test
    void becomesAnEventWithEverythingFilledIn() {
        Event event = publish("readings.hall", "21.5");

        assertThat(event.id()).isEqualTo("edge-1-1");
        assertThat(event.source()).isEqualTo("/edge");
        assertThat(event.type()).isEqualTo(Event.DEFAULT_TYPE);
        assertThat(event.time()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(event.text()).isEqualTo("21.5");
        assertThat(event.attributes()).isEmpty();
        assertThat(event.cause()).isNull();
    }

    @Test
    void saysOfItselfWhatItLikes() {
        Event event =
                bus.publish(
                        Draft.to("readings.hall")
                                .withAttribute("id", "7")
                                .withAttribute("source", "/sensor")
                                .withAttribute("type", "reading")
                                .withAttribute("time", "2020-02-03T04:05:06+01:00")
                                .withAttribute("specversion", "1.0")
                                .withAttribute("subject", "hall")
                                .withHeader("Trace", "on"));

        assertThat(event.id()).isEqualTo("7");
        assertThat(event.source()).isEqualTo("/sensor");
        assertThat(event.type()).isEqualTo("reading");
        assertThat(event.time()).isEqualTo("2020-02-03T03:05:06Z");
        assertThat(event.attributes()).containsOnly(Map.entry("subject", "hall"));
        assertThat(event.headers()).containsExactly(new Header("Trace", "on"));
    }

    @Test
    void ofOneNodeHaveIdsThatNoOtherHas() {
        assertThat(publish("a", "").id()).isEqualTo("edge-1-1");
        assertThat(publish("a", "").id()).isEqualTo("edge-1-2");
        assertThat(newBus(BusOptions.of("edge", 36)).publish(Draft.to("a")).id())
                .isEqualTo("edge-10-1");
    }

    @Test
    void isRefusedWithMoreDataThanTheBusAllows() {
        EventBus small = newBus(BusOptions.of("edge", 1).withMaxDataBytes(3));

        assertThat(small.publish(Draft.to("a").withText("123")).text()).isEqualTo("123");
        assertThatThrownBy(() -> small.publish(Draft.to("a").withText("1234")))
                .hasMessage("an event's data is at most 3 bytes here, not 4 (on a)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Subject", "data", "sub-ject", "sübject"})
    void refusesAnAttributeNameThatCloudEventsDoNotAllow(String name) {
        assertThatThrownBy(() -> Draft.to("a").withAttribute(name, "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("which \"" + name + "\" is not");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000", "\ud83c", "\udf21\ud83c"})
    void refusesAnAttributeValueThatCloudEventsDoNotAllow(String value) {
        assertThatThrownBy(() -> Draft.to("a").withAttribute("subject", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subject");
    }

    @Test
    void carriesABoundedNumberOfAttributesAndHeaders() {
        Draft draft = Draft.to("a");
        for (int i = 0; i < 64; i++) {
            draft = draft.withAttribute("a" + i, "🌡").withHeader("h", "x");
        }
        Draft full = draft;
        assertThatThrownBy(() -> full.withAttribute("more", "x"))
                .hasMessageContaining("at most 64");
        assertThatThrownBy(() -> full.withHeader("h", "x")).hasMessageContaining("at most 64");
        assertThatThrownBy(() -> Draft.to("a").withAttribute("a", "x".repeat(4097)))
                .hasMessageContaining("4096");
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "2020-02-03", "2020-02-03T04:05:06"})
    void refusesATimeThatIsNone(String time) {
        assertThatThrownBy(() -> bus.publish(Draft.to("a").withAttribute("time", time)))
                .hasMessageContaining("RFC 3339")
                .hasMessageContaining(time);
    }

    @Test
    void refusesAnotherVersionOfCloudEvents() {
        assertThatThrownBy(() -> bus.publish(Draft.to("a").withAttribute("specversion", "0.3")))
                .hasMessageContaining("0.3");
    }

    @Test
    void answersOnlyWhatAsks() {
        Event question = bus.publish(Draft.to("ask").withReplyTo(Topic.of("answer.here")));

        assertThat(Draft.answering(question).topic()).isEqualTo(Topic.of("answer.here"));
        Event statement = publish("ask", "");
        assertThatThrownBy(() -> Draft.answering(statement))
                .hasMessage("event " + statement.id() + " on ask asks for no answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "ä"})
    void refusesAHeaderNameThatWouldNotTravel(String name) {
        assertThatThrownBy(() -> new Header(name, "x")).hasMessageContaining("header name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb"})
    void refusesAHeaderValueWithALineBreak(String value) {
        assertThatThrownBy(() -> new Header("h", value)).hasMessageContaining("header h");
    }

    @Test
    void keepsNoHandleOnWhatItWasGiven() {
        List<Header> headers = new ArrayList<>();
        Draft draft = new Draft(Topic.of("a"), Bytes.empty(), null, Map.of(), headers);
        headers.add(new Header("late", "x"));

        assertThat(draft.headers()).isEmpty();
    }
}
