package dev.torsion.sim;

import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is broken now: begins and ends faults, also where they overlap.
final class Breakage {
    private final Simulation sim;
    private final MemoryNetwork network;
    private final List<Active> active = new ArrayList<>();

    /// A fault that has begun; an identity of its own, since equal faults may overlap.
    private static final class Active {
        private final Fault fault;

        Active(Fault fault) {
            this.fault = fault;
        }
    }

    Breakage(Simulation sim, MemoryNetwork network) {
        this.sim = sim;
        this.network = network;
    }

    /// Begins a fault, unless its node is down or standing still already, and plans its end.
    void begin(Fault fault) {
        if (!possible(fault)) {
            return;
        }
        sim.history().faulted(fault, true);
        switch (fault) {
            case Fault.Kill it -> sim.node(it.node()).kill();
            case Fault.PowerLoss it -> sim.node(it.node()).losePower();
            case Fault.Pause it -> sim.node(it.node()).pause();
            case Fault.Reset it -> network.resetConnections(it.node());
            case Fault.ClockJump it -> network.jumpClock(it.node(), it.by());
            case Fault.Partition _, Fault.OneWay _, Fault.Slow _ -> {}
        }
        if (fault instanceof Fault.Reset || fault instanceof Fault.ClockJump) {
            return;
        }
        Active begun = new Active(fault);
        active.add(begun);
        join(fault);
        network.callLater(fault.lasting(), () -> end(begun));
    }

    private boolean possible(Fault fault) {
        return switch (fault) {
            case Fault.Kill it -> sim.node(it.node()).isUp();
            case Fault.PowerLoss it -> sim.node(it.node()).isUp();
            case Fault.Pause it -> sim.node(it.node()).isUp() && !sim.node(it.node()).isPaused();
            case Fault.Reset _, Fault.ClockJump _ -> true;
            case Fault.Partition _, Fault.OneWay _, Fault.Slow _ -> true;
        };
    }

    /// Ends all that has begun.
    void healAll() {
        List.copyOf(active).forEach(this::end);
    }

    boolean isWhole() {
        return active.isEmpty();
    }

    private void end(Active begun) {
        if (!active.remove(begun)) {
            return;
        }
        sim.history().faulted(begun.fault, false);
        switch (begun.fault) {
            case Fault.Kill it -> sim.start(it.node());
            case Fault.PowerLoss it -> sim.start(it.node());
            case Fault.Pause it -> {
                SimulatedNode node = sim.node(it.node());
                if (node.isUp() && node.isPaused()) {
                    node.resume();
                }
            }
            case Fault.Partition _, Fault.OneWay _, Fault.Slow _ -> join(begun.fault);
            case Fault.Reset _, Fault.ClockJump _ -> {}
        }
    }

    /// Makes the network what the faults that are active want, where this one has a part in it.
    private void join(Fault changed) {
        switch (changed) {
            case Fault.OneWay it -> setCut(it.from(), it.to());
            case Fault.Slow it -> setLatency(it.from(), it.to());
            case Fault.Partition it -> {
                for (String inside : it.side()) {
                    for (String outside : sim.nodeNames()) {
                        if (!it.side().contains(outside)) {
                            setCut(inside, outside);
                        }
                    }
                }
            }
            case Fault.Kill _, Fault.PowerLoss _, Fault.Pause _ -> {}
            case Fault.Reset _, Fault.ClockJump _ -> {}
        }
    }

    private void setCut(String a, String b) {
        @Nullable Cut cut = null;
        boolean there = false;
        boolean back = false;
        for (Active one : active) {
            if (one.fault instanceof Fault.Partition it
                    && it.side().contains(a) != it.side().contains(b)) {
                cut = cut == Cut.RESET ? cut : it.how();
            } else if (one.fault instanceof Fault.OneWay it) {
                there |= it.from().equals(a) && it.to().equals(b);
                back |= it.from().equals(b) && it.to().equals(a);
            }
        }
        network.heal(a, b);
        if (cut != null) {
            network.cut(a, b, cut);
            return;
        }
        if (there) {
            network.cutOneWay(a, b);
        }
        if (back) {
            network.cutOneWay(b, a);
        }
    }

    private void setLatency(String from, String to) {
        @Nullable Duration latency = null;
        for (Active one : active) {
            if (one.fault instanceof Fault.Slow it
                    && it.from().equals(from)
                    && it.to().equals(to)) {
                latency = it.latency();
            }
        }
        if (latency == null) {
            network.usualLatency(from, to);
        } else {
            network.slow(from, to, latency.dividedBy(2), latency);
        }
    }
}
