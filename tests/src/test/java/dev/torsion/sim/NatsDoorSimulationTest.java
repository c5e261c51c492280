package dev.torsion.sim;

/// The NATS door, put through what seeds draw: its clients are programs on machines of their own.
final class NatsDoorSimulationTest {

    @SimulationTest(seeds = 40)
    void losesNothingWhenNothingGoesWrong(Simulation sim) {
        NatsScenarios.calm(sim);
    }

    @SimulationTest(seeds = 25)
    void keepsItsPromisesWhileEverythingGoesWrong(Simulation sim) {
        NatsScenarios.chaos(sim);
    }

    @SimulationTest(seeds = 30)
    void keepsItsPromisesWhileConnectionsComeAndGo(Simulation sim) {
        NatsScenarios.flapping(sim);
    }

    @SimulationTest(seeds = 25)
    void tellsAndCountsWhatItDropsWhenThereIsTooMuch(Simulation sim) {
        NatsScenarios.crowded(sim);
    }
}
