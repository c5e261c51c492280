package dev.torsion.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// A run as a text file, to be kept and looked at (`./torsion sim show FILE`): head lines (`name:
/// value`), the faults that happened, then the time line.
///
/// @param scenario what was run
/// @param selection which of the faults that the seed draws happened
/// @param failure the first line of what it threw, and where in the user's code; `none` if it
///   passed
/// @param repeat a command that repeats it
/// @param timeline a line each: seconds, place (`-` for the whole world), kind, what
public record RunRecord(
        String scenario,
        long seed,
        String selection,
        String failure,
        String repeat,
        List<String> faults,
        List<String> timeline) {
    private static final String TITLE = "torsion simulation record 1";
    private static final String TIMELINE = "timeline:";
    private static final String FAULT = "fault: ";
    private static final String END = "end";

    private static final String NO_FAILURE = "none";

    public RunRecord {
        Objects.requireNonNull(scenario, "scenario");
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(repeat, "repeat");
        faults = List.copyOf(faults);
        timeline = List.copyOf(timeline);
    }

    static RunRecord of(Run run, String scenario, String repeat) {
        return new RunRecord(
                scenario,
                run.seed(),
                run.selection().toString(),
                run.failure() == null ? NO_FAILURE : UserFrames.firstLine(run.failure()),
                repeat,
                planned(run.selection().of(run.plan())),
                run.happenings().stream().map(Happening::line).toList());
    }

    /// Each with the moment it begins.
    static List<String> planned(List<Fault> faults) {
        return faults.stream()
                .map(it ->
                        String.format(
                                Locale.ROOT, "%.6f s: %s", it.at().toNanos() / 1e9, it.describe()))
                .toList();
    }

    /// Whether the run failed.
    public boolean failed() {
        return !failure.equals(NO_FAILURE);
    }

    /// As it is written.
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(TITLE);
        lines.add("scenario: " + scenario);
        lines.add("seed: " + seed);
        lines.add("faults: " + selection);
        lines.add("failure: " + failure);
        lines.add("repeat: " + repeat);
        faults.forEach(fault -> lines.add(FAULT + fault));
        lines.add(TIMELINE);
        lines.addAll(timeline);
        lines.add(END);
        return lines;
    }

    /// Reads what [#lines] wrote.
    ///
    /// @throws IllegalArgumentException if it is something else
    public static RunRecord parse(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw new IllegalArgumentException(
                    "this is not the record of a simulation: its first line is not \""
                            + TITLE
                            + "\"");
        }
        int timeline = lines.indexOf(TIMELINE);
        if (timeline < 0 || !lines.getLast().equals(END)) {
            throw new IllegalArgumentException(
                    "this record was cut off: its last line is not \"" + END + "\"");
        }
        List<String> head = lines.subList(1, timeline);
        List<String> faults = new ArrayList<>();
        for (String line : head) {
            if (line.startsWith(FAULT)) {
                faults.add(line.substring(FAULT.length()));
            }
        }
        return new RunRecord(
                value(head, "scenario"),
                seed(value(head, "seed")),
                value(head, "faults"),
                value(head, "failure"),
                value(head, "repeat"),
                faults,
                lines.subList(timeline + 1, lines.size() - 1));
    }

    private static long seed(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("its seed is no number: \"" + text + "\"", e);
        }
    }

    private static String value(List<String> head, String name) {
        String start = name + ": ";
        for (String line : head) {
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
        }
        throw new IllegalArgumentException(
                "this record was changed: it has no line \"" + start + "\"");
    }
}
