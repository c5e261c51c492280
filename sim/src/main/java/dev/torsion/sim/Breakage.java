package dev.torsion.sim;

import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is broken now: begins and ends faults, also where they overlap.
final class Breakage {
    private final Simulation sim;
    private final MemoryNetwork network;
    private final List<Active> active = new ArrayList<>();
    private boolean broken;

    /// A fault that has begun; an identity of its own, since equal faults may overlap.
    private static final class Active {
        private final Fault fault;
        private final long incarnation;

        /// @param incarnation the life it befell, if it befell a process
        Active(Fault fault, long incarnation) {
            this.fault = fault;
            this.incarnation = incarnation;
        }
    }

    Breakage(Simulation sim, MemoryNetwork network) {
        this.sim = sim;
        this.network = network;
    }

    /// Begins a fault, unless its place is down or standing still already, and plans its end.
    void begin(Fault fault) {
        if (!possible(fault)) {
            return;
        }
        broken = true;
        sim.history().faulted(fault, true);
        Active begun = new Active(fault, incarnationOf(fault));
        active.add(begun);
        switch (fault) {
            case Fault.Kill it -> sim.machine(it.place()).kill();
            case Fault.PowerLoss it -> sim.machine(it.place()).losePower();
            case Fault.Restart it -> sim.machine(it.place()).leave();
            case Fault.Pause it -> sim.machine(it.place()).pause();
            case Fault.ClockJump it -> network.jumpClock(it.place(), it.by());
            case Fault.Reset it -> network.resetConnections(it.place());
            case Fault.HalfOpen it -> network.forgetConnections(it.place());
            case Fault.SlowReader it -> setReading(it.place());
            case Fault.Partition it -> setCuts(it);
            case Fault.OfWay it -> setWay(it);
        }
        boolean lasts = !(fault instanceof Fault.Momentary);
        if (!lasts) {
            active.remove(begun);
        }
        sim.vigil().changed(fault, true);
        if (lasts && !fault.lasting().equals(Fault.UNTIL_HEALED)) {
            network.callLater(fault.lasting(), () -> end(begun));
        }
    }

    /// Whether nothing goes from one place to another.
    boolean isCut(String from, String to) {
        return active.stream()
                        .anyMatch(one ->
                                one.fault instanceof Fault.Partition it && it.parts(from, to))
                || isCutOneWay(from, to);
    }

    /// Whether what goes from one place to another takes long.
    boolean isSlowed(String from, String to) {
        return active.stream()
                        .anyMatch(one ->
                                one.fault instanceof Fault.SlowReader it && it.place().equals(to))
                || activeBetween(from, to).stream().anyMatch(it -> !(it instanceof Fault.OneWay));
    }

    private long incarnationOf(Fault fault) {
        return fault instanceof Fault.OfPlace it ? sim.machine(it.place()).incarnation() : 0;
    }

    private boolean possible(Fault fault) {
        return switch (fault) {
            case Fault.Kill it -> sim.machine(it.place()).isUp();
            case Fault.PowerLoss it -> sim.machine(it.place()).isUp();
            case Fault.Restart it -> isRunning(it.place());
            case Fault.Pause it -> isRunning(it.place());
            case Fault.ClockJump _, Fault.Reset _, Fault.HalfOpen _, Fault.SlowReader _ -> true;
            case Fault.Partition _, Fault.OfWay _ -> true;
        };
    }

    private boolean isRunning(String place) {
        return sim.machine(place).isUp() && !sim.machine(place).isPaused();
    }

    /// Ends all that has begun.
    void healAll() {
        List.copyOf(active).forEach(this::end);
    }

    /// Ends what has begun between two places, partitions with others aside.
    void heal(String a, String b) {
        for (Active one : List.copyOf(active)) {
            if (one.fault instanceof Fault.OfWay it
                    && Set.of(it.from(), it.to()).equals(Set.of(a, b))) {
                end(one);
            }
        }
    }

    /// Whether a fault has ever begun.
    boolean hasBroken() {
        return broken;
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
            case Fault.Kill _, Fault.PowerLoss _, Fault.Restart _ -> startAgain(begun);
            case Fault.Pause it -> {
                Machine machine = sim.machine(it.place());
                if (machine.isUp() && machine.isPaused()) {
                    machine.resume();
                }
            }
            case Fault.ClockJump _, Fault.Reset _, Fault.HalfOpen _ -> {}
            case Fault.SlowReader it -> setReading(it.place());
            case Fault.Partition it -> setCuts(it);
            case Fault.OfWay it -> setWay(it);
        }
        sim.vigil().changed(begun.fault, false);
    }

    /// Unless another fault that befell the same life has started the next one already.
    private void startAgain(Active begun) {
        if (begun.fault instanceof Fault.OfPlace it
                && sim.machine(it.place()).incarnation() == begun.incarnation) {
            Machine machine = sim.machine(it.place());
            if (machine.isUp()) {
                machine.kill(); // it was told to end and took too long
            }
            machine.start();
        }
    }

    // ---- what the network is to be, of all faults that are active ----

    private void setReading(String place) {
        network.readAsUsual(place);
        for (Active one : active) {
            if (one.fault instanceof Fault.SlowReader it && it.place().equals(place)) {
                network.readSlowly(place, it.bytes(), it.every());
            }
        }
    }

    private void setWay(Fault.OfWay changed) {
        String from = changed.from();
        String to = changed.to();
        switch (changed) {
            case Fault.OneWay _ -> setCut(from, to);
            case Fault.Slow _ -> {
                network.usualLatency(from, to);
                for (Fault.OfWay one : activeBetween(from, to)) {
                    if (one instanceof Fault.Slow it) {
                        network.slow(from, to, it.latency().dividedBy(2), it.latency());
                    }
                }
            }
            case Fault.Narrow _ -> {
                network.unlimited(from, to);
                for (Fault.OfWay one : activeBetween(from, to)) {
                    if (one instanceof Fault.Narrow it) {
                        network.limit(from, to, it.bytesPerSecond());
                    }
                }
            }
            case Fault.Lossy _ -> {
                network.lose(from, to, 0);
                for (Fault.OfWay one : activeBetween(from, to)) {
                    if (one instanceof Fault.Lossy it) {
                        network.lose(from, to, it.percent());
                    }
                }
            }
        }
    }

    private List<Fault.OfWay> activeBetween(String from, String to) {
        List<Fault.OfWay> between = new ArrayList<>();
        for (Active one : active) {
            if (one.fault instanceof Fault.OfWay it
                    && it.from().equals(from)
                    && it.to().equals(to)) {
                between.add(it);
            }
        }
        return between;
    }

    private void setCuts(Fault.Partition changed) {
        for (String inside : changed.side()) {
            for (String outside : sim.placeNames()) {
                if (!changed.side().contains(outside)) {
                    setCut(inside, outside);
                }
            }
        }
    }

    private void setCut(String a, String b) {
        @Nullable Cut cut = null;
        for (Active one : active) {
            if (one.fault instanceof Fault.Partition it && it.parts(a, b)) {
                cut = cut == Cut.RESET ? cut : it.how();
            }
        }
        network.heal(a, b);
        if (cut != null) {
            network.cut(a, b, cut);
            return;
        }
        if (isCutOneWay(a, b)) {
            network.cutOneWay(a, b);
        }
        if (isCutOneWay(b, a)) {
            network.cutOneWay(b, a);
        }
    }

    private boolean isCutOneWay(String from, String to) {
        return activeBetween(from, to).stream().anyMatch(Fault.OneWay.class::isInstance);
    }

    /// The moment at which a fault placed by hand begins.
    Duration now() {
        return Duration.ofNanos(network.nanoTime());
    }
}
