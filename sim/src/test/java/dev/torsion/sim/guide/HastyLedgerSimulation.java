package dev.torsion.sim.guide;

import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;

/// Fails: its name keeps it out of the build.
public final class HastyLedgerSimulation {

    @SimulationTest(seeds = 50)
    public void whatIsPaidIsNotOpen(Simulation sim) {
        LedgerScenario.run(sim, HastyLedger::new);
    }
}
