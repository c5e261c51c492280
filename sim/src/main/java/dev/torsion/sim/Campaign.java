package dev.torsion.sim;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a scenario for one seed after the other, until one fails, and makes the faults of that one
/// few and short.
///
/// @param firstSeed the first seed; the others follow
/// @param seeds how many, at least 1
/// @param faults which of the faults that a seed draws are to happen: `all`, `none`, or what
///   [Failure#selection] says
/// @param shrinkingRuns how many runs may be spent to make a failing plan small
/// @param shrinkingTime how much real time may be
public record Campaign(
        long firstSeed, int seeds, String faults, int shrinkingRuns, Duration shrinkingTime) {
    private static final int SHRINKING_RUNS = 150;
    private static final Duration SHRINKING_TIME = Duration.ofSeconds(45);

    /// @throws IllegalArgumentException if a number or a time cannot be, or the faults cannot be
    ///   read
    public Campaign {
        Checked.between("the seeds of a campaign", seeds, 1, Integer.MAX_VALUE);
        Checked.between("the runs to make a plan small", shrinkingRuns, 0, Integer.MAX_VALUE);
        Checked.notNegative("the time to make a plan small", shrinkingTime);
        FaultSelection.parse(faults);
    }

    /// All faults; 150 runs and 45 seconds to make a failing plan small.
    public static Campaign of(long firstSeed, int seeds) {
        return new Campaign(
                firstSeed, seeds, FaultSelection.all().toString(), SHRINKING_RUNS, SHRINKING_TIME);
    }

    /// With some of the faults only.
    public Campaign withFaults(String newFaults) {
        return new Campaign(firstSeed, seeds, newFaults, shrinkingRuns, shrinkingTime);
    }

    /// With so many runs to make a failing plan small.
    public Campaign withShrinkingRuns(int newShrinkingRuns) {
        return new Campaign(firstSeed, seeds, faults, newShrinkingRuns, shrinkingTime);
    }

    /// With so much real time to make a failing plan small.
    public Campaign withShrinkingTime(Duration newShrinkingTime) {
        return new Campaign(firstSeed, seeds, faults, shrinkingRuns, newShrinkingTime);
    }

    /// What came of it.
    ///
    /// @param seedsRun how many seeds were run, the failing one included
    /// @param failure of the first seed that failed; null if none did
    /// @param sometimes for each condition that some seed must meet, how many did
    /// @param virtualSeconds how much virtual time went by in the runs
    /// @param fingerprint of all runs together: the same for the same runs, in every JVM
    public record Outcome(
            int seedsRun,
            @Nullable Failure failure,
            Map<String, Integer> sometimes,
            double virtualSeconds,
            long fingerprint) {
        public Outcome {
            sometimes = Collections.unmodifiableMap(new LinkedHashMap<>(sometimes));
        }
    }

    /// Runs the first seed, and gives the record of the run whatever came of it.
    ///
    /// @param name the scenario's, for the record
    /// @param repeat a command that repeats the run, for the record
    /// @throws IllegalArgumentException as [#run]
    public RunRecord record(Scenario scenario, String name, String repeat) {
        return RunRecord.of(run(scenario, firstSeed, FaultSelection.parse(faults)), name, repeat);
    }

    /// Runs it, on this thread.
    ///
    /// @throws IllegalArgumentException if a seed passes that draws no fault of a number that is
    ///   selected
    public Outcome run(Scenario scenario) {
        return run(scenario, false);
    }

    /// Runs each seed a second time, which must go as the first did.
    ///
    /// @throws IllegalArgumentException as [#run]
    public Outcome runTwice(Scenario scenario) {
        return run(scenario, true);
    }

    private Outcome run(Scenario scenario, boolean twice) {
        FaultSelection selection = FaultSelection.parse(faults);
        Map<String, Integer> sometimes = new LinkedHashMap<>();
        Fingerprint fingerprint = new Fingerprint();
        double virtualSeconds = 0;
        for (int i = 0; i < seeds; i++) {
            Run run = run(scenario, firstSeed + i, selection);
            fingerprint.add(run.fingerprint());
            virtualSeconds += run.virtualTime().toNanos() / 1e9;
            run.sometimes()
                    .forEach((condition, met) ->
                            sometimes.merge(condition, met ? 1 : 0, Integer::sum));
            Failure failure = failure(scenario, run, twice);
            if (failure != null) {
                return new Outcome(i + 1, failure, sometimes, virtualSeconds, fingerprint.value());
            }
        }
        return new Outcome(seeds, null, sometimes, virtualSeconds, fingerprint.value());
    }

    private static Run run(Scenario scenario, long seed, FaultSelection selection) {
        Run run = Run.of(scenario, seed, selection);
        if (!run.failed()) { // who fails may not have come to draw them all
            selection.requireDrawn(seed, run.plan().size());
        }
        return run;
    }

    /// Of a run, made small; null if there is none.
    private @Nullable Failure failure(Scenario scenario, Run run, boolean twice) {
        if (run.failed()) {
            Patience patience = new Patience(shrinkingTime);
            Run small = Shrinker.shrink(scenario, run, shrinkingRuns, patience);
            return Failure.of(small, again(scenario, small));
        }
        if (twice) {
            Run again = again(scenario, run);
            if (!Difference.between(run, again).isEmpty()) {
                return Failure.of(run.failedFor(differently()), again);
            }
        }
        return null;
    }

    private static BrokenClaimError differently() {
        return new BrokenClaimError("a seed gives one run", "it ran differently the second time");
    }

    private static Run again(Scenario scenario, Run run) {
        return Run.of(scenario, run.seed(), run.selection());
    }
}
