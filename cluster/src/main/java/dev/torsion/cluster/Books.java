package dev.torsion.cluster;

import dev.torsion.bus.DropReason;
import dev.torsion.bus.Drops;
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
    private final Drops dropped = new Drops();
    private volatile @Nullable Outbox outbox;

    Books(String node) {
        this.node = node;
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
        dropped.add(reason, events);
    }

    LinkStats snapshot() {
        Outbox open = outbox;
        return new LinkStats(
                node,
                offered.get(),
                sent.get(),
                open == null ? 0 : open.waitingEvents(),
                open == null ? 0 : open.waitingBytes(),
                dropped.snapshot(),
                received.get(),
                ignoredFrames.get(),
                links.get());
    }
}
