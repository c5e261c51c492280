package dev.torsion.reactor.testing;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One direction of one connection: what is sent arrives later, in order, unless the way is cut.
final class Wire {
    private final MemoryNetwork network;
    private final Host from;
    private final Host to;
    private final ArrayDeque<Sent> underway = new ArrayDeque<>();
    private Consumer<Packet> receiver = packet -> {};
    private long lastDue;
    private boolean held;

    private record Sent(Packet packet, long due) {}

    Wire(MemoryNetwork network, Host from, Host to) {
        this.network = network;
        this.from = from;
        this.to = to;
    }

    void deliverTo(Consumer<Packet> newReceiver) {
        receiver = newReceiver;
    }

    void send(Packet packet) {
        // Latency may vary, order may not.
        lastDue = Math.max(lastDue, network.arrival(from, to));
        underway.add(new Sent(packet, lastDue));
        if (underway.size() == 1) {
            network.timeline().at(lastDue, this::arrive);
        }
    }

    /// The way is free again: what was held sets out anew.
    void healed() {
        if (held) {
            held = false;
            network.timeline().at(network.arrival(from, to), this::arrive);
        }
    }

    private void arrive() {
        @Nullable Cut cut = network.cutBetween(from, to);
        if (cut == Cut.HOLD) {
            held = true;
            network.hold(this);
            return;
        }
        Packet packet = underway.remove().packet();
        Sent next = underway.peek();
        if (next != null) {
            long now = network.timeline().nanos();
            network.timeline().at(Math.max(now, next.due()), this::arrive);
        }
        network.tell(from, to, cut == null ? packet : "lost " + packet);
        if (cut == null) {
            receiver.accept(packet);
        }
    }
}
