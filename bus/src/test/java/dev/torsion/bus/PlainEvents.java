package dev.torsion.bus;

import dev.torsion.reactor.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Events with nothing in them but what a test asks for; for the tests of other rooms too.
public final class PlainEvents {
    private PlainEvents() {}

    public static Event plain(String id, String source, String topic) {
        return plain(id, source, topic, new TreeMap<>());
    }

    static Event plain(
            String id, String source, String topic, SortedMap<String, String> attributes) {
        return new Event(
                id,
                source,
                Event.DEFAULT_TYPE,
                Instant.EPOCH,
                Topic.of(topic),
                Bytes.empty(),
                null,
                attributes,
                List.of());
    }
}
