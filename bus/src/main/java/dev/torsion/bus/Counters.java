package dev.torsion.bus;

import java.util.concurrent.atomic.LongAdder;

/// The bus's books. Every event offered to a subscription here is in exactly one of delivered,
/// dropped or waiting.
final class Counters {
    private final LongAdder published = new LongAdder();
    private final LongAdder unheard = new LongAdder();
    private final LongAdder offered = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Drops dropped = new Drops();

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
        dropped.add(reason, count);
    }

    BusStats snapshot(long waiting) {
        return new BusStats(
                published.sum(),
                unheard.sum(),
                offered.sum(),
                delivered.sum(),
                failed.sum(),
                waiting,
                dropped.snapshot());
    }
}
