package com.acme.other;

import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;

/// Has the name of another class, and fails where that one passes.
public final class Two {
    @SimulationTest(seeds = 1)
    public void passes(Simulation sim) {
        sim.sometimes("met", false);
        sim.claim("the other one passes", sim.seed() != 1, "this is not it");
    }
}
