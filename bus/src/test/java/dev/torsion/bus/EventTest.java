package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTest {

    @Test
    void isNotChangedByWhoeverMadeIt() {
        TreeMap<String, String> attributes = new TreeMap<>();
        attributes.put("subject", "hall");
        Event event = event("1", attributes);
        attributes.put("subject", "attic");

        assertThat(event.attributes().get("subject")).isEqualTo("hall");
        assertThatThrownBy(() -> event.attributes().put("a", "b"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void namesItsCause() {
        assertThat(event("2", new TreeMap<>(Map.of(Event.CAUSE, "1"))).cause()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "source", "type", "time", "specversion"})
    void hasOnePlaceForEachRequiredAttribute(String name) {
        TreeMap<String, String> attributes = new TreeMap<>();
        attributes.put(name, "x");

        assertThatThrownBy(() -> event("1", attributes)).hasMessageContaining(name);
    }

    @Test
    void hasAnId() {
        assertThatThrownBy(() -> event("", new TreeMap<>())).hasMessageContaining("id");
    }

    private static Event event(String id, SortedMap<String, String> attributes) {
        return new Event(
                id,
                "/edge",
                Event.DEFAULT_TYPE,
                Instant.EPOCH,
                Topic.of("a"),
                Bytes.empty(),
                null,
                attributes,
                List.of());
    }
}
