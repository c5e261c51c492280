package dev.torsion.sim.guide;

import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;

public final class LedgerSimulationTest {

    @SimulationTest(seeds = 50)
    public void whatIsPaidIsNotOpen(Simulation sim) {
        LedgerScenario.run(sim, Ledger::new);
    }
}
