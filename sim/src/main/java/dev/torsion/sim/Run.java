package dev.torsion.sim;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A scenario was run once.
///
/// @param plan the faults that the seed drew, in their order
/// @param selection which of them happened
/// @param failure what the scenario threw; null if it passed
/// @param fingerprint the same for the same run, in every JVM
/// @param sometimes the conditions that some seed must meet, and whether this one did
/// @param virtualTime how long the run took, in its own time
record Run(
        long seed,
        List<Fault> plan,
        FaultSelection selection,
        @Nullable Throwable failure,
        List<Happening> happenings,
        long fingerprint,
        Map<String, Boolean> sometimes,
        Duration virtualTime) {

    static Run of(Scenario scenario, long seed, FaultSelection selection) {
        Simulation sim = new Simulation(seed, selection);
        Throwable failure = null;
        try {
            scenario.run(sim);
            sim.end();
        } catch (Throwable thrown) {
            failure = thrown;
        }
        return new Run(
                seed,
                sim.plan(),
                selection,
                failure,
                sim.history().happenings(),
                sim.fingerprint(),
                Map.copyOf(sim.sometimes()),
                sim.now());
    }

    /// The same, but for another reason why it failed.
    Run failedFor(Throwable reason) {
        return new Run(
                seed, plan, selection, reason, happenings, fingerprint, sometimes, virtualTime);
    }

    boolean failed() {
        return failure != null;
    }

    /// Names the way of failing: two runs that fail in the same way most likely do for the same
    /// reason.
    String failureKind() {
        return switch (failure) {
            case null -> "none";
            case BrokenClaimError broken -> broken.claim();
            default -> failure.getClass().getName();
        };
    }
}
