package dev.torsion.sim;

/// The product's buses, links, membership and interest, put through what seeds draw.
final class ClusterSimulationTest {

    @SimulationTest(seeds = 60)
    void losesNothingWhenNothingGoesWrong(Simulation sim) {
        Scenarios.calm(sim);
    }

    @SimulationTest(seeds = 30)
    void keepsItsPromisesWhileEverythingGoesWrong(Simulation sim) {
        Scenarios.chaos(sim);
    }

    @SimulationTest(seeds = 80)
    void keepsItsPromisesWhileConnectionsComeAndGo(Simulation sim) {
        Scenarios.flapping(sim);
    }

    @SimulationTest(seeds = 60)
    void findsTheOthersAgainAfterLongSilence(Simulation sim) {
        Scenarios.parted(sim);
    }

    @SimulationTest(seeds = 40)
    void takesNothingThatANewerLifeHasOvertaken(Simulation sim) {
        Scenarios.overtaken(sim);
    }

    @SimulationTest(seeds = 30)
    void forgetsWhoSaidGoodbye(Simulation sim) {
        Scenarios.goodbyes(sim);
    }

    @SimulationTest(seeds = 30)
    void countsWhatItDropsWhenThereIsTooMuch(Simulation sim) {
        Scenarios.crowded(sim);
    }
}
