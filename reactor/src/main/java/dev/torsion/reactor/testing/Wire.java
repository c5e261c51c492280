package dev.torsion.reactor.testing;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One direction of one connection: what is sent arrives later, in order, unless the way is cut.
final class Wire {
    private final MemoryNetwork network;
    private final Way way;
    private final ArrayDeque<Sent> underway = new ArrayDeque<>();
    private Consumer<Packet> receiver = packet -> {};
    private @Nullable ManualReactor process;
    private long lastDue;
    private boolean held;
    private boolean slow;
    private final Runnable arrive = this::arrive;
    private Timeline.@Nullable Turn arrival;

    /// What was sent, and when it arrives.
    private record Sent(Packet packet, long due) {}

    Wire(MemoryNetwork network, Host from, Host to) {
        this.network = network;
        this.way = network.way(from, to);
    }

    Way way() {
        return way;
    }

    /// What arrives goes to `newReceiver`, once its process, if it is known, is not paused.
    void deliverTo(@Nullable ManualReactor newProcess, Consumer<Packet> newReceiver) {
        process = newProcess;
        receiver = newReceiver;
    }

    void send(Packet packet) {
        // Latency may vary, order may not.
        lastDue = Math.max(lastDue, network.arrival(way, packet));
        underway.add(new Sent(packet, lastDue));
        if (!slow && way.isWorse()) {
            slow = true;
            way.begins(this);
        }
        if (underway.size() == 1) {
            arriveAt(lastDue);
        }
    }

    /// The way is free again: what was held sets out anew.
    void healed() {
        if (held) {
            held = false;
            arriveAt(network.arrival(way, underway.element().packet()));
        }
    }

    /// The way is better than it was: what is underway need not take longer than what is sent now.
    void hurry() {
        long soon = network.arrival(way, underway.element().packet());
        if (held || lastDue <= soon) {
            return;
        }
        lastDue = soon;
        List<Sent> all = List.copyOf(underway);
        underway.clear();
        all.forEach(it -> underway.add(it.due <= soon ? it : new Sent(it.packet, soon)));
        if (arrival != null) {
            network.timeline().remove(arrival);
        }
        arriveAt(underway.element().due);
    }

    private void arriveAt(long due) {
        long now = network.timeline().nanos();
        arrival = network.timeline().at(Math.max(now, due), null, arrive);
    }

    private void arrive() {
        arrival = null;
        @Nullable Cut cut = way.cut();
        if (cut == Cut.HOLD) {
            held = true;
            network.hold(this);
            return;
        }
        Packet packet = underway.remove().packet();
        Sent next = underway.peek();
        if (next != null) {
            arriveAt(next.due());
        } else if (slow) {
            slow = false;
            way.ends(this);
        }
        if (network.isTraced()) {
            network.tell(way.from(), way.to(), cut == null ? packet : "lost " + packet);
        }
        if (cut != null) {
            return;
        }
        if (process != null && process.isPaused()) {
            process.queue(() -> receiver.accept(packet));
        } else {
            receiver.accept(packet);
        }
    }
}
