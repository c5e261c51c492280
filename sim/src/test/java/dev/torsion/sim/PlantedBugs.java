package dev.torsion.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Looks for the planted bugs, and says how soon each is found.
final class PlantedBugs {
    /// What the product itself broke, scenario by scenario, for the seeds from 1 on.
    private static final Map<String, List<String>> PRODUCT = new HashMap<>();

    private PlantedBugs() {}

    /// @param claim which claim was broken at the first seed that fails
    /// @param seed the first seed that fails, counted from 1
    /// @param millis from the first seed to the end of that one, in a product that was just loaded
    /// @param failing how many of all seeds that were run fail
    record Found(PlantedBug bug, String claim, long seed, long millis, int failing) {
        Found oneMore() {
            return new Found(bug, claim, seed, millis, failing + 1);
        }
    }

    /// Runs the scenario of a planted bug for seed 1 and those that follow.
    ///
    /// @param all whether to go on after the first seed that fails
    /// @return null if no seed fails
    static @Nullable Found find(PlantedBug bug, int seeds, boolean all)
            throws ReflectiveOperationException {
        LongFunction<?> run = load(bug);
        long start = System.nanoTime();
        Found found = null;
        for (int seed = 1; seed <= seeds && (all || found == null); seed++) {
            String broken = String.valueOf(run.apply(seed));
            if (!broken.isEmpty()) {
                long millis = (System.nanoTime() - start) / 1_000_000;
                found = found == null ? new Found(bug, broken, seed, millis, 1) : found.oneMore();
            }
        }
        return found;
    }

    /// What the product itself breaks for the seeds that a bug was looked for with; empty texts, if
    /// it passes. Each seed is run once for all bugs of its scenario: it does the same every time.
    static List<String> brokenWithout(Found found) {
        String scenario = found.bug().scenario();
        synchronized (PRODUCT) {
            List<String> broken = PRODUCT.computeIfAbsent(scenario, _ -> new ArrayList<>());
            PlantedRun product = new PlantedRun(scenario);
            for (long seed = broken.size() + 1L; seed <= found.seed(); seed++) {
                broken.add(product.apply(seed));
            }
            return List.copyOf(broken);
        }
    }

    private static LongFunction<?> load(PlantedBug bug) throws ReflectiveOperationException {
        Class<?> run = PatchedProduct.with(bug.changes()).loadClass(PlantedRun.class.getName());
        return (LongFunction<?>) run.getConstructor(String.class).newInstance(bug.scenario());
    }

    /// The table of the documentation, in the order of the bugs.
    static List<String> table(List<PlantedBug> bugs, List<Found> all, int seeds) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| planted bug | where | scenario | claim that it breaks | first at seed | after"
                        + " | seeds of "
                        + seeds
                        + " |");
        lines.add("| --- | --- | --- | --- | --- | --- | --- |");
        all.stream()
                .sorted(Comparator.comparingInt(found -> bugs.indexOf(found.bug())))
                .forEach(found -> lines.add(row(found)));
        return lines;
    }

    private static String row(Found found) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | `%s` | %s | %d | %.1f s | %d |",
                found.bug,
                found.bug.place(),
                found.bug.scenario(),
                found.claim,
                found.seed,
                found.millis / 1000.0,
                found.failing);
    }
}
