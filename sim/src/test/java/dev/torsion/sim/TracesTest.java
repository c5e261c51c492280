package dev.torsion.sim;

import static dev.torsion.bus.PlainEvents.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Event;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TracesTest {
    private final Traces traces = new Traces();

    private static Event event(String id, String topic) {
        return plain(id, "/n1", topic);
    }

    @Test
    void findsEachEventByItsIdWhateverThatLooksLike() {
        List<String> ids = new ArrayList<>();
        for (int i = 1; i < 20_000; i += 3) {
            ids.add("n1-1-" + i);
            ids.add("n1-2-" + i);
        }
        ids.addAll(
                List.of(
                        "n1-1-007",
                        "n1-1-999999999999",
                        "n1-1-9999999999999999999999",
                        "n1-1-",
                        "n1-1-x",
                        "7",
                        "-7",
                        "-",
                        "chosen"));
        List<EventTrace> made = new ArrayList<>();
        ids.forEach(id -> made.add(traces.of(event(id, "orders"))));
        assertThat(traces.all()).isEqualTo(made);
        assertThat(new HashSet<>(made)).hasSameSizeAs(made);
        for (int i = 0; i < ids.size(); i++) {
            assertThat(traces.of(event(ids.get(i), "orders"))).isSameAs(made.get(i));
        }
    }

    @Test
    void putsWhatOneLifePublishedOnOneTopicIntoOneStream() {
        EventTrace.Stream first = traces.of(event("n1-1-1", "orders")).stream();
        assertThat(traces.of(event("n1-1-2", "orders")).stream()).isEqualTo(first);
        assertThat(traces.of(event("n1-1-3", "bills")).stream()).isNotEqualTo(first);
        assertThat(traces.of(event("n1-2-1", "orders")).stream()).isNotEqualTo(first);
        assertThat(traces.of(event("n1-1-4", "orders")).stream()).isEqualTo(first);
        assertThat(traces.of(event("chosen", "orders")).stream()).isNull();
    }
}
