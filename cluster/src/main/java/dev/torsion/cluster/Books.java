package dev.torsion.cluster;

import dev.torsion.bus.DropReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What became of the events for one node, over all the links to it. Written by any thread.
final class Books {
    private final String node;
    private final AtomicLong offered = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong ignoredFrames = new AtomicLong();
    private final AtomicLong links = new AtomicLong();
    private final Map<DropReason, AtomicLong> dropped = new EnumMap<>(DropReason.class);
    private volatile @Nullable Outbox outbox;

    Books(String node) {
        this.node = node;
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, new AtomicLong());
        }
    }

    void linked(Outbox newOutbox) {
        outbox = newOutbox;
        links.incrementAndGet();
    }

    void offered() {
        offered.incrementAndGet();
    }

    void sent(int events) {
        sent.addAndGet(events);
    }

    void received() {
        received.incrementAndGet();
    }

    void ignoredFrame() {
        ignoredFrames.incrementAndGet();
    }

    void dropped(DropReason reason, int events) {
        AtomicLong count = dropped.get(reason);
        if (count != null) {
            count.addAndGet(events);
        }
    }

    LinkStats snapshot() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        dropped.forEach((reason, count) -> {
            if (count.get() > 0) {
                drops.put(reason, count.get());
            }
        });
        Outbox open = outbox;
        return new LinkStats(
                node,
                offered.get(),
                sent.get(),
                open == null ? 0 : open.waitingEvents(),
                open == null ? 0 : open.waitingBytes(),
                drops,
                received.get(),
                ignoredFrames.get(),
                links.get());
    }
}
