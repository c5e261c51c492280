package dev.torsion.sim;

import dev.torsion.reactor.testing.ManualReactor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A program that is no node, on a machine of its own: it reaches the nodes through connections, as
/// a sensor, a browser or a NATS client does. Faults befall it as they befall a node; what it keeps
/// in its `main` is gone with each life.
///
/// ```java
/// sim.program("sensor", reactor ->
///         reactor.connect(Address.of("n1", 8888), peer -> new Sensor(), Duration.ofSeconds(5)));
/// ```
public final class SimulatedProgram implements Place {
    private final Machine machine;

    SimulatedProgram(Simulation sim, String name, Consumer<ManualReactor> main) {
        this.machine =
                new Machine(
                        sim, name, main, _ -> CompletableFuture.completedFuture(null), () -> {});
    }

    @Override
    public String name() {
        return machine.name();
    }

    /// Which life it is in, or was last: the first is 1.
    public long incarnation() {
        return machine.incarnation();
    }

    public boolean isUp() {
        return machine.isUp();
    }

    public boolean isPaused() {
        return machine.isPaused();
    }

    /// Its reactor in this life.
    ///
    /// @throws IllegalStateException if it is down
    public ManualReactor reactor() {
        return machine.reactor();
    }

    Machine machine() {
        return machine;
    }

    @Override
    public String toString() {
        return name();
    }
}
