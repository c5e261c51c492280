package dev.torsion.sim;

import java.util.Map;
import java.util.TreeMap;

/// When a watch that comes and goes was there.
final class Presence {
    private final TreeMap<Long, Boolean> changes = new TreeMap<>();

    void changed(long nanos, boolean there) {
        changes.put(nanos, there);
    }

    /// Whether the watch was there at a moment.
    boolean at(long nanos) {
        Map.Entry<Long, Boolean> last = changes.floorEntry(nanos);
        return last != null && last.getValue();
    }

    /// Whether it neither came nor went about that moment, when an event would have been underway.
    boolean isSteadyAt(long nanos) {
        return changes.subMap(nanos - Calm.UNDERWAY, nanos + Calm.UNDERWAY).isEmpty();
    }
}
