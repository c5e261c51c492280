package dev.torsion.gateways.nats;

import dev.torsion.bus.Event;
import java.util.LinkedHashSet;
import java.util.Set;

/// Tells a client's own events from others'. Those that name another source than the client are
/// remembered, the last 65,536 of them; an older one that still waits would come back.
final class OwnEvents {
    private static final int REMEMBERED = 65_536;

    private record Key(String source, String id) {}

    private final String source;
    private final Set<Key> foreignSources = new LinkedHashSet<>();

    OwnEvents(String source) {
        this.source = source;
    }

    void add(Event event) {
        if (event.source().equals(source)) {
            return;
        }
        if (foreignSources.size() >= REMEMBERED) {
            foreignSources.remove(foreignSources.iterator().next());
        }
        foreignSources.add(new Key(event.source(), event.id()));
    }

    boolean contains(Event event) {
        return event.source().equals(source)
                || foreignSources.contains(new Key(event.source(), event.id()));
    }
}
