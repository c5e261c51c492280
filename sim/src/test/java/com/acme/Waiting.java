package com.acme;

import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// Waits in real time for what nobody in the simulation brings.
public final class Waiting {
    public static final CountDownLatch FOR = new CountDownLatch(1);

    @SimulationTest
    public void waits(Simulation sim) {
        sim.at(Duration.ofSeconds(1), Waiting::hear);
        sim.runFor(Duration.ofSeconds(2));
    }

    private static void hear() {
        try {
            FOR.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
