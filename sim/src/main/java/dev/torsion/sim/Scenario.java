package dev.torsion.sim;

/// What is tried for each seed: builds a world, lets it run, and claims something about it by
/// throwing if it does not hold. It must do the same whenever it is run: nothing from outside the
/// simulation, no state kept from one run to the next.
@FunctionalInterface
public interface Scenario {
    void run(Simulation sim) throws Exception;
}
