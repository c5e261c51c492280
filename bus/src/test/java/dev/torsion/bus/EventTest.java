package dev.torsion.bus;

import static dev.torsion.bus.PlainEvents.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTest {

    @Test
    void isNotChangedByWhoeverMadeIt() {
        TreeMap<String, String> attributes = new TreeMap<>();
        attributes.put("subject", "hall");
        Event event = plain("1", "/edge", "a", attributes);
        attributes.put("subject", "attic");

        assertThat(event.attributes().get("subject")).isEqualTo("hall");
        assertThatThrownBy(() -> event.attributes().put("a", "b"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void namesItsCause() {
        assertThat(plain("2", "/edge", "a", new TreeMap<>(Map.of(Event.CAUSE, "1"))).cause())
                .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "source", "type", "time", "specversion"})
    void hasOnePlaceForEachRequiredAttribute(String name) {
        TreeMap<String, String> attributes = new TreeMap<>();
        attributes.put(name, "x");

        assertThatThrownBy(() -> plain("1", "/edge", "a", attributes)).hasMessageContaining(name);
    }

    @Test
    void hasAnId() {
        assertThatThrownBy(() -> plain("", "/edge", "a")).hasMessageContaining("id");
    }
}
