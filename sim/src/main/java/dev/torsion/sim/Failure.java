package dev.torsion.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A seed for which a scenario fails, with the smallest fault plan that was found to do it.
///
/// @param seed the seed
/// @param cause what the scenario threw
/// @param drawn how many faults the seed draws
/// @param faults those of them that are needed
/// @param selection the same in short, for [Campaign#withFaults]
/// @param happenings what happened in the run with these faults only
/// @param difference how another such run differed, in lines; empty if it was the same
public record Failure(
        long seed,
        Throwable cause,
        int drawn,
        List<Fault> faults,
        String selection,
        List<Happening> happenings,
        List<String> difference) {
    private static final int LAST_OF_PLACE = 8;

    public Failure {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(selection, "selection");
        Checked.between("the faults that were drawn", drawn, faults.size(), Integer.MAX_VALUE);
        faults = List.copyOf(faults);
        happenings = List.copyOf(happenings);
        difference = List.copyOf(difference);
    }

    /// @param again another run of the same
    static Failure of(Run run, Run again) {
        if (run.failure() == null) {
            throw new IllegalArgumentException("seed " + run.seed() + " has not failed");
        }
        return new Failure(
                run.seed(),
                run.failure(),
                run.plan().size(),
                run.selection().of(run.plan()),
                run.selection().toString(),
                run.happenings(),
                Difference.between(run, again));
    }

    /// Whether the seed and these faults give the same run again.
    public boolean repeats() {
        return difference.isEmpty();
    }

    /// The failure in words: what makes it hard to repeat, if anything does, the faults that are
    /// needed, and the end of each place's time line.
    public String describe() {
        StringBuilder text = new StringBuilder();
        difference.forEach(line -> text.append(line).append('\n'));
        text.append("seed ").append(seed).append(": ").append(cause).append('\n');
        text.append(needed()).append('\n');
        RunRecord.planned(faults).forEach(fault -> text.append("  ").append(fault).append('\n'));
        text.append("what happened last, at each place:\n");
        byPlace()
                .forEach((place, lines) -> {
                    int before = Math.max(0, lines.size() - LAST_OF_PLACE);
                    text.append("  ").append(place.isEmpty() ? "everywhere" : place);
                    text.append(before == 0 ? ":\n" : " (" + before + " lines before these):\n");
                    lines.subList(before, lines.size())
                            .forEach(line -> text.append("  ").append(line).append('\n'));
                });
        return text.toString();
    }

    private String needed() {
        if (!faults.isEmpty()) {
            return "faults needed, of " + drawn + " drawn:";
        }
        return switch (drawn) {
            case 0 -> "no faults were drawn";
            case 1 -> "fails without the one fault that was drawn";
            default -> "fails with none of the " + drawn + " faults that were drawn";
        };
    }

    private Map<String, List<String>> byPlace() {
        Map<String, List<String>> lines = new LinkedHashMap<>();
        for (Happening happening : happenings) {
            lines.computeIfAbsent(happening.node(), _ -> new ArrayList<>()).add(happening.line());
        }
        return lines;
    }

    /// What happened, a line each: seconds, place, kind, what.
    public List<String> timeline() {
        return happenings.stream().map(Happening::line).toList();
    }

    /// All there is to say, as the lines of a file: see [RunRecord].
    public List<String> toRecord(String scenario, String repeat) {
        return new RunRecord(
                        scenario,
                        seed,
                        selection,
                        UserFrames.firstLine(cause),
                        repeat,
                        RunRecord.planned(faults),
                        timeline())
                .lines();
    }
}
