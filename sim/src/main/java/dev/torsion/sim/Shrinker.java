package dev.torsion.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Makes the fault plan of a failing run small: leaves out faults, ever smaller parts of the plan
/// at a time, then shortens those left, as long as the scenario fails in the same way.
final class Shrinker {
    private static final long SHORTEST_MILLIS = 10;

    private final Scenario scenario;
    private final Patience patience;
    private int runsLeft;
    private Run smallest;

    private Shrinker(Scenario scenario, Run failing, int runs, Patience patience) {
        this.scenario = scenario;
        this.patience = patience;
        this.smallest = failing;
        this.runsLeft = runs;
    }

    /// The smallest plan found, within so many runs and while there is patience.
    static Run shrink(Scenario scenario, Run failing, int runs, Patience patience) {
        Shrinker shrinker = new Shrinker(scenario, failing, runs, patience);
        shrinker.leaveOut();
        shrinker.shorten();
        return shrinker.smallest;
    }

    private void leaveOut() {
        int part = chosen().size();
        while (part > 0) {
            int from = 0;
            while (from < chosen().size()) {
                Map<Integer, Duration> fewer = new TreeMap<>(chosen());
                List<Integer> numbers = new ArrayList<>(fewer.keySet());
                int to = Math.min(from + part, numbers.size());
                numbers.subList(from, to).forEach(fewer::remove);
                if (!failsWith(fewer)) {
                    from = to;
                }
            }
            part = part == 1 ? 0 : (part + 1) / 2;
        }
    }

    private void shorten() {
        for (Integer number : chosen().keySet()) {
            Fault drawn = smallest.plan().get(number);
            for (long millis = drawn.lasting().toMillis() / 2;
                    millis >= SHORTEST_MILLIS;
                    millis /= 2) {
                Map<Integer, Duration> shorter = new TreeMap<>(chosen());
                shorter.put(number, Duration.ofMillis(millis));
                if (!failsWith(shorter)) {
                    break;
                }
            }
        }
    }

    private Map<Integer, Duration> chosen() {
        Map<Integer, Duration> chosen = smallest.selection().chosen();
        if (chosen == null) {
            chosen = FaultSelection.first(smallest.plan().size()).chosen();
        }
        return chosen == null ? Map.of() : chosen;
    }

    private boolean failsWith(Map<Integer, Duration> chosen) {
        if (runsLeft == 0 || patience.isOver()) {
            return false;
        }
        runsLeft--;
        Run run = Run.of(scenario, smallest.seed(), new FaultSelection(chosen));
        boolean same = run.failureKind().equals(smallest.failureKind());
        if (same) {
            smallest = run;
        }
        return same;
    }
}
