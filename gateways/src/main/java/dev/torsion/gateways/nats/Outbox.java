package dev.torsion.gateways.nats;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What is on its way to one client, in order. The transport gets no more than it asks for, so that
/// a burst of large messages waits here, where its bound is the door's own.
final class Outbox {
    /// What an item costs beside its bytes, about: many small ones must not hide behind the bound.
    private static final int ITEM_COST = 64;

    private record Waiting(Bytes bytes, boolean isMessage) {
        long cost() {
            return (long) bytes.size() + ITEM_COST;
        }
    }

    private final Transport transport;
    private final Queue<Waiting> queue = new ArrayDeque<>();
    private long waitingCost;
    private boolean full;
    private @Nullable Runnable whenEmpty;

    Outbox(Transport transport) {
        this.transport = transport;
    }

    /// Something that is no message: an answer, a ping.
    void write(Bytes bytes) {
        put(new Waiting(bytes, false));
    }

    void writeMessage(Bytes bytes) {
        put(new Waiting(bytes, true));
    }

    private void put(Waiting item) {
        if (full) {
            queue.add(item);
            waitingCost += item.cost();
        } else {
            full = !transport.write(item.bytes);
        }
    }

    /// The bytes that wait here, and 64 more for each item.
    long waitingCost() {
        return waitingCost;
    }

    /// The transport takes more.
    void writableAgain() {
        full = false;
        while (!full && !queue.isEmpty()) {
            Waiting next = queue.remove();
            waitingCost -= next.cost();
            full = !transport.write(next.bytes);
        }
        Runnable waiting = whenEmpty;
        if (waiting != null && queue.isEmpty()) {
            waiting.run();
        }
    }

    /// Runs `action` as soon as the transport has everything, now perhaps.
    void whenEmpty(Runnable action) {
        if (queue.isEmpty()) {
            action.run();
        } else {
            whenEmpty = action;
        }
    }

    /// Lets go of what waits here.
    ///
    /// @return how many messages that were
    int drop() {
        int messages = (int) queue.stream().filter(Waiting::isMessage).count();
        queue.clear();
        waitingCost = 0;
        full = false;
        return messages;
    }
}
