package dev.torsion.bus;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// How many events were dropped, by reason: the page that the books of a bus and of a link share.
/// Thread-safe.
public final class Drops {
    private final Map<DropReason, LongAdder> counts = new EnumMap<>(DropReason.class);

    public Drops() {
        for (DropReason reason : DropReason.values()) {
            counts.put(reason, new LongAdder());
        }
    }

    public void add(DropReason reason, long events) {
        LongAdder count = counts.get(reason);
        if (count != null) {
            count.add(events);
        }
    }

    /// The counts now; reasons that have not happened are absent.
    public Map<DropReason, Long> snapshot() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        counts.forEach((reason, count) -> {
            if (count.sum() > 0) {
                drops.put(reason, count.sum());
            }
        });
        return drops;
    }

    /// An unmodifiable copy in the order of the reasons, the same in every run.
    public static Map<DropReason, Long> inOrder(Map<DropReason, Long> drops) {
        Map<DropReason, Long> sorted = new EnumMap<>(DropReason.class);
        sorted.putAll(drops);
        return Collections.unmodifiableMap(sorted);
    }

    /// All of them together.
    public static long total(Map<DropReason, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
