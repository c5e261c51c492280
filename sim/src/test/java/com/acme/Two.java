package com.acme;

import dev.torsion.bus.SubscribeOptions;
import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;
import java.time.Duration;

/// Passes, or fails in this class.
public final class Two {
    @SimulationTest(seeds = 1)
    public void passes(Simulation sim) {
        sim.node("n1", node -> node.watch(">", SubscribeOptions.defaults()));
        sim.runFor(Duration.ofMillis(10));
        sim.sometimes("met", true);
    }

    @SimulationTest(seeds = 1)
    public void fails(Simulation sim) {
        passes(sim);
        throw new IllegalStateException("it is " + sim.seed());
    }
}
