package dev.torsion.cluster;

import dev.torsion.bus.DropReason;
import dev.torsion.bus.Drops;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What became of the events for one node, over all the links to it. Written by any thread, but for
/// what says otherwise.
///
/// A connection that has taken an event may break before the other end has it. So each end tells
/// how many have come in its life ([Frame.Received]), and the first such count of a link says which
/// of those that were in doubt when the link before it broke have arrived: the rest is lost. If the
/// other node does not live to tell, what is in doubt counts as lost.
final class Books {
    private final String node;
    private final AtomicLong offered = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong unconfirmed = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong ignoredFrames = new AtomicLong();
    private final AtomicLong links = new AtomicLong();
    private final Drops dropped = new Drops();
    private volatile @Nullable Outbox outbox;

    // One life of the other node. Loop only.
    private long incarnation;
    private long confirmed;
    private long inDoubt;
    private boolean doubtful;
    private long receivedInLife;
    private long receivedTold;

    Books(String node) {
        this.node = node;
    }

    /// A life of the node begins, or goes on. Loop only.
    void life(long newIncarnation) {
        if (newIncarnation != incarnation) {
            giveUp();
            incarnation = newIncarnation;
            confirmed = 0;
            receivedInLife = 0;
        }
    }

    /// A new link stands. Loop only.
    ///
    /// @return how many events have come over the links before it
    long linked(Outbox newOutbox) {
        outbox = newOutbox;
        links.incrementAndGet();
        inDoubt = unconfirmed.get();
        doubtful = true;
        receivedTold = receivedInLife;
        return receivedInLife;
    }

    void offered() {
        offered.incrementAndGet();
    }

    /// Loop only.
    void sent(int events) {
        sent.addAndGet(events);
        unconfirmed.addAndGet(events);
    }

    /// The other node says how many events of this one's life have come to it in its own. Loop
    /// only.
    ///
    /// @return false if that cannot be
    boolean confirmed(long events) {
        long arrived = events - confirmed;
        if (doubtful) {
            doubtful = false;
            boolean forgotten = arrived < 0 || arrived > inDoubt; // one of the two lost its books
            long lostEvents = forgotten ? inDoubt : inDoubt - arrived;
            unconfirmed.addAndGet(lostEvents - inDoubt);
            lost(lostEvents);
        } else if (arrived < 0 || arrived > unconfirmed.get()) {
            return false;
        } else {
            unconfirmed.addAndGet(-arrived);
        }
        confirmed = events;
        return true;
    }

    /// Nobody will tell any more what became of the events in doubt. Loop only.
    void giveUp() {
        lost(unconfirmed.get());
    }

    private void lost(long events) {
        unconfirmed.addAndGet(-events);
        sent.addAndGet(-events);
        dropped.add(DropReason.LINK_LOST, events);
    }

    /// Loop only.
    void received() {
        received.incrementAndGet();
        receivedInLife++;
    }

    /// How many events have come in the node's life and this one's, if that has not been told yet;
    /// then it has. Loop only.
    OptionalLong newsOfReceived() {
        if (receivedTold == receivedInLife) {
            return OptionalLong.empty();
        }
        receivedTold = receivedInLife;
        return OptionalLong.of(receivedInLife);
    }

    void ignoredFrame() {
        ignoredFrames.incrementAndGet();
    }

    void dropped(DropReason reason, int events) {
        dropped.add(reason, events);
    }

    long waitingBytes() {
        Outbox open = outbox;
        return open == null ? 0 : open.waitingBytes();
    }

    LinkStats snapshot() {
        Outbox open = outbox;
        return new LinkStats(
                node,
                offered.get(),
                sent.get(),
                unconfirmed.get(),
                open == null ? 0 : open.waitingEvents(),
                waitingBytes(),
                dropped.snapshot(),
                received.get(),
                ignoredFrames.get(),
                links.get());
    }
}
