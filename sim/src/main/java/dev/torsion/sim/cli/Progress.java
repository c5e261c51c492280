package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How far a run over many seeds has come: kept in a small file, so that it can go on later.
/// Thread-safe.
final class Progress {
    private static final String TITLE = "torsion simulation progress 1";

    private final List<String> scenarios;
    private final long from;
    private final long seeds;
    private final Map<String, Long> met = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final Map<Long, List<Result>> ahead = new TreeMap<>();
    private long next;
    private long fingerprint;
    private double virtualSeconds;

    /// Nothing is done yet.
    Progress(List<String> scenarios, long from, long seeds) {
        this.scenarios = List.copyOf(scenarios);
        this.from = from;
        this.seeds = seeds;
        this.next = from;
    }

    List<String> scenarios() {
        return scenarios;
    }

    long from() {
        return from;
    }

    long seeds() {
        return seeds;
    }

    /// All seeds before this are done.
    synchronized long next() {
        return next;
    }

    synchronized boolean isComplete() {
        return next == from + seeds;
    }

    synchronized long done() {
        return next - from + ahead.size();
    }

    synchronized double virtualSeconds() {
        return virtualSeconds;
    }

    /// The same for the same runs, in whatever order they were done, in every JVM.
    synchronized long fingerprint() {
        return fingerprint;
    }

    /// How many seeds met each condition that some seed must meet.
    synchronized Map<String, Long> met() {
        return new LinkedHashMap<>(met);
    }

    /// What failed, a line each.
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /// What one scenario did for one seed.
    ///
    /// @param met the conditions, and whether this seed met them
    /// @param failure what to say of it; empty if it passed
    record Result(
            String scenario,
            Map<String, Integer> met,
            long fingerprint,
            double virtualSeconds,
            String failure) {}

    /// A seed is done, by all scenarios. It counts once all before it are done, too.
    synchronized void done(long seed, List<Result> results) {
        ahead.put(seed, results);
        for (List<Result> counted; (counted = ahead.remove(next)) != null; next++) {
            for (Result result : counted) {
                count(result);
            }
        }
    }

    private void count(Result result) {
        result.met.forEach((condition, times) ->
                met.merge(result.scenario + ": " + condition, (long) times, Long::sum));
        fingerprint += (result.fingerprint ^ next) * 0x9e3779b97f4a7c15L;
        virtualSeconds += result.virtualSeconds;
        if (!result.failure.isEmpty()) {
            failures.add(result.failure);
        }
    }

    /// Writes the file, the old one being whole until the new one is. What was done ahead of
    /// [#next] is done again when it is read.
    ///
    /// @throws IOException if it cannot be written
    void save(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        synchronized (this) {
            lines.add(TITLE);
            lines.add("scenarios: " + String.join(",", scenarios));
            lines.add("from: " + from);
            lines.add("seeds: " + seeds);
            lines.add("next: " + next);
            lines.add("fingerprint: " + Long.toHexString(fingerprint));
            lines.add("virtual-seconds: " + virtualSeconds);
            met.forEach((condition, count) -> lines.add("met: " + count + " " + condition));
            failures.forEach(failure -> lines.add("failed: " + failure));
        }
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.write(fresh, lines, UTF_8);
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Whether it is of the same seeds and scenarios.
    boolean isOfTheSameRunAs(Progress other) {
        return scenarios.equals(other.scenarios) && from == other.from && seeds == other.seeds;
    }

    /// Which run it is of, and how far that has come.
    String describe() {
        return "seed %d to %d of %s, %d done"
                .formatted(
                        from,
                        from + seeds - 1,
                        scenarios.size() == 1
                                ? scenarios.getFirst()
                                : scenarios.size() + " scenarios",
                        done());
    }

    /// Reads what [#save] wrote.
    ///
    /// @throws WrongUseException if it is something else, or cannot be read
    static Progress read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, UTF_8);
        } catch (IOException e) {
            throw new WrongUseException("--state: cannot read " + file + ": " + Main.why(e), e);
        }
        try {
            return parse(lines);
        } catch (RuntimeException e) {
            throw new WrongUseException(
                    "--state: " + file + " is not the progress of a simulation: " + e.getMessage(),
                    e);
        }
    }

    private static Progress parse(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE)) {
            throw new IllegalArgumentException("its first line is not \"" + TITLE + "\"");
        }
        Progress read =
                new Progress(
                        List.of(value(lines, "scenarios").split(",", -1)),
                        Long.parseLong(value(lines, "from")),
                        Long.parseLong(value(lines, "seeds")));
        read.next = Long.parseLong(value(lines, "next"));
        read.fingerprint = Long.parseUnsignedLong(value(lines, "fingerprint"), 16);
        read.virtualSeconds = Double.parseDouble(value(lines, "virtual-seconds"));
        for (String met : values(lines, "met")) {
            int space = met.indexOf(' ');
            read.met.put(met.substring(space + 1), Long.valueOf(met.substring(0, space)));
        }
        read.failures.addAll(values(lines, "failed"));
        return read;
    }

    private static String value(List<String> lines, String name) {
        List<String> values = values(lines, name);
        if (values.size() != 1) {
            throw new IllegalArgumentException("it has not one line \"" + name + ":\"");
        }
        return values.getFirst();
    }

    private static List<String> values(List<String> lines, String name) {
        String start = name + ": ";
        return lines.stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .toList();
    }
}
