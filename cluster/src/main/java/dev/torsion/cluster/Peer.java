package dev.torsion.cluster;

import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Interest;
import dev.torsion.bus.RemoteInterest;
import dev.torsion.bus.RemoteNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The other node of a link that stands, as the bus knows it. Loop only but for [#send].
final class Peer implements RemoteNode {
    private static final int MAX_INTERESTS = 1_000_000;

    private final NodeIdentity node;
    private final Outbox outbox;
    private final Books books;
    private final EventBus bus;
    private final Set<Interest> interests = new LinkedHashSet<>();
    private final RemoteInterest wanted;
    private @Nullable AutoCloseable told;

    Peer(NodeIdentity node, Outbox outbox, Books books, EventBus bus) {
        this.node = node;
        this.outbox = outbox;
        this.books = books;
        this.bus = bus;
        this.wanted = bus.addNode(this);
    }

    NodeIdentity node() {
        return node;
    }

    Outbox outbox() {
        return outbox;
    }

    Books books() {
        return books;
    }

    @Override
    public String name() {
        return node.name();
    }

    @Override
    public boolean send(Event event, boolean plain, List<String> groups, boolean nobodyMatters) {
        return outbox.offer(event, plain, groups, nobodyMatters);
    }

    /// Tells the other node all that is wanted here, then each change.
    void tellInterest() {
        AtomicBoolean full = new AtomicBoolean();
        told =
                bus.listenToInterest((interest, count) -> {
                    // A second plain subscription changes nothing for the other node.
                    if (!full.get() || interest.group() != null || count <= 1) {
                        outbox.interest(interest, count);
                    }
                });
        full.set(true);
    }

    /// The other node says what it wants.
    ///
    /// @throws MalformedFrameException if that is more than a node may want
    void wants(Interest interest, int subscriptions) {
        if (subscriptions == 0) {
            interests.remove(interest);
        } else if (interests.add(interest) && interests.size() > MAX_INTERESTS) {
            throw new MalformedFrameException("more than " + MAX_INTERESTS + " interests");
        }
        wanted.set(interest, subscriptions);
    }

    /// No more events are routed to the other node, and no more interest is told. Idempotent.
    void withdraw() {
        wanted.close();
        AutoCloseable open = told;
        told = null;
        if (open != null) {
            try {
                open.close();
            } catch (Exception e) {
                throw new IllegalStateException("the bus did not let go of " + node, e);
            }
        }
    }
}
