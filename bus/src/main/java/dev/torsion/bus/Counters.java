package dev.torsion.bus;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// The bus's books. Every event offered to a subscription here is in exactly one of delivered,
/// dropped or waiting.
final class Counters {
    private final LongAdder published = new LongAdder();
    private final LongAdder unheard = new LongAdder();
    private final LongAdder offered = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Map<DropReason, LongAdder> dropped = new EnumMap<>(DropReason.class);

    Counters() {
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, new LongAdder());
        }
    }

    void published() {
        published.increment();
    }

    void unheard() {
        unheard.increment();
    }

    void offered() {
        offered.increment();
    }

    void delivered() {
        delivered.increment();
    }

    void failed() {
        failed.increment();
    }

    void dropped(DropReason reason, int count) {
        LongAdder adder = dropped.get(reason);
        if (adder != null) {
            adder.add(count);
        }
    }

    BusStats snapshot(long waiting) {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        dropped.forEach((reason, count) -> {
            if (count.sum() > 0) {
                drops.put(reason, count.sum());
            }
        });
        return new BusStats(
                published.sum(),
                unheard.sum(),
                offered.sum(),
                delivered.sum(),
                failed.sum(),
                waiting,
                drops);
    }
}
