package com.acme;

import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;

/// What is no scenario, though it may look like one.
public final class Wrong {
    private Wrong() {}

    /// Cannot be made without knowing a name.
    public static final class WithParameter {
        private final String name;

        WithParameter(String name) {
            this.name = name;
        }

        @SimulationTest
        void passes(Simulation sim) {
            sim.note(name);
        }
    }

    /// Cannot be made at all.
    public static final class Throwing {
        Throwing() {
            throw new IllegalStateException("no database");
        }

        @SimulationTest
        void passes(Simulation sim) {
            sim.note("never");
        }
    }

    /// Cannot even be initialised.
    public static final class ThrowingAtOnce {
        private static final int NUMBER = Integer.parseInt("seven");

        @SimulationTest
        void passes(Simulation sim) {
            sim.note("never " + NUMBER);
        }
    }

    /// Does not take the simulation.
    public static final class WithoutSimulation {
        @SimulationTest
        void passes() {}
    }

    /// Has no scenario.
    public static final class Empty {
        void passes(Simulation sim) {
            sim.note("never");
        }
    }
}
