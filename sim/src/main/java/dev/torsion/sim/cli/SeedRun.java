package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.sim.Campaign;
import dev.torsion.sim.Failure;
import dev.torsion.sim.UserFrames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Runs scenarios for seed after seed, on some threads; each simulation belongs to one of them.
/// Saves a record of each seed that fails, and how far it has come, so that another run can go on.
final class SeedRun {
    private static final long LIVE_MILLIS = 200;
    private static final long QUIET_MILLIS = 10_000;
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final long SAVE_NANOS = 2_000_000_000L;

    private final List<NamedScenario> scenarios;
    private final Progress progress;
    private final Options options;
    private final Terminal terminal;
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private final AtomicLong nextSeed;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private final long startedAt = System.nanoTime();
    private final long doneBefore;
    private volatile boolean stopping;

    /// How to go about it.
    ///
    /// @param jobs how many seeds run at a time
    /// @param mostFailures after so many failing seeds it stops
    /// @param faults which of the faults that a seed draws are to happen
    /// @param twice whether each seed runs a second time, and must then run the same
    /// @param records where the records of failing seeds go
    /// @param state where the progress is kept; null if it is not
    /// @param patience how long a seed may stand still, in real time, before that is told
    /// @param commands what is printed to go on from here
    /// @param resume the one that goes on with this run
    record Options(
            int jobs,
            int mostFailures,
            String faults,
            boolean twice,
            Path records,
            @Nullable Path state,
            Duration patience,
            Commands commands,
            String resume) {}

    SeedRun(List<NamedScenario> scenarios, Progress progress, Options options, Terminal terminal) {
        this.scenarios = scenarios;
        this.progress = progress;
        this.options = options;
        this.terminal = terminal;
        this.nextSeed = new AtomicLong(progress.next());
        this.doneBefore = progress.done();
    }

    /// Runs them all, or until too many have failed or [#stop] is called.
    ///
    /// @return whether all seeds are done, none failed, and every condition that some seed must
    ///   meet was met, where its scenario had as many seeds as its author asks for
    boolean run() throws InterruptedException {
        terminal.tell(
                String.format(
                        Locale.ROOT,
                        "%s from %d, %d at a time, of %s; stop with Ctrl-C",
                        count(progress.seeds(), "seed"),
                        progress.from(),
                        options.jobs(),
                        count(scenarios.size(), "scenario")));
        save(); // a place that cannot be written is told before hours of work
        for (int i = 0; i < options.jobs(); i++) {
            workers.add(new Worker(i + 1));
        }
        workers.forEach(it -> it.thread.start());
        watch();
        if (broken.get() instanceof WrongUseException e) {
            throw e;
        }
        if (broken.get() != null) {
            throw new IllegalStateException("a seed could not be run", broken.get());
        }
        save();
        summarise();
        return progress.isComplete() && progress.failures().isEmpty() && neverMet().isEmpty();
    }

    /// Lets the seeds that are running end, and no more begin; tells of those that stand still.
    /// Thread-safe.
    void stop() {
        stopping = true;
        for (Worker worker : workers) {
            String still = worker.standsStill;
            if (still != null) {
                terminal.tell(still);
            }
        }
    }

    /// Whether no seed makes headway any more, and [#run] may never return. Thread-safe.
    boolean standsStill() {
        List<Worker> running = workers.stream().filter(it -> it.thread.isAlive()).toList();
        return !running.isEmpty() && running.stream().allMatch(it -> it.standsStill != null);
    }

    /// A thread that runs seeds.
    private final class Worker {
        private final Thread thread;
        private final Standstill standstill = new Standstill(options.patience());
        private volatile String doing = "";
        private volatile long turn;
        private volatile @Nullable String standsStill;

        Worker(int number) {
            thread = new Thread(() -> work(this), "seeds " + number);
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // by this worker only
        void begins(NamedScenario scenario, long seed) {
            doing = scenario.name() + " seed " + seed;
            turn++;
        }

        void look(long now) {
            long looked = turn;
            String what = doing;
            StackTraceElement at = standstill.look(looked, thread.getStackTrace(), now);
            if (at != null && looked == turn) {
                standsStill = what + " stands still at " + at;
                terminal.tell(standsStill);
            } else if (standstill.where() == null) {
                standsStill = null;
            }
        }
    }

    private void work(Worker worker) {
        long end = progress.from() + progress.seeds();
        try {
            while (!stopping) {
                long seed = nextSeed.getAndIncrement();
                if (seed >= end) {
                    return;
                }
                List<Progress.Result> results = new ArrayList<>();
                for (NamedScenario each : scenarios) {
                    worker.begins(each, seed);
                    results.add(run(each, seed));
                }
                progress.done(seed, results);
            }
        } catch (Throwable thrown) {
            broken.compareAndSet(null, thrown);
            stopping = true;
        }
    }

    private Progress.Result run(NamedScenario each, long seed) throws IOException {
        Campaign campaign = Campaign.of(seed, 1).withFaults(options.faults());
        Campaign.Outcome outcome;
        try {
            outcome =
                    options.twice()
                            ? campaign.runTwice(each.scenario())
                            : campaign.run(each.scenario());
        } catch (IllegalArgumentException e) {
            throw new WrongUseException("--faults: " + e.getMessage(), e);
        }
        String failure = outcome.failure() == null ? "" : tell(each, outcome.failure());
        return new Progress.Result(
                each.fullName(),
                outcome.sometimes(),
                outcome.fingerprint(),
                outcome.virtualSeconds(),
                failure);
    }

    private String tell(NamedScenario each, Failure failure) throws IOException {
        String repeat = options.commands().repeat(each, failure.seed(), failure.selection());
        Path file = options.records().resolve(each.fullName() + "-" + failure.seed() + ".txt");
        Files.createDirectories(options.records());
        Files.write(file, failure.toRecord(each.name(), repeat), UTF_8);
        String line =
                each.name()
                        + " seed "
                        + failure.seed()
                        + ": "
                        + UserFrames.firstLine(failure.cause())
                        + " -> "
                        + file;
        StringBuilder told = new StringBuilder(line);
        failure.difference().forEach(it -> told.append("\n  ").append(it));
        told.append("\n  look:   ").append(Commands.show(file));
        told.append(failure.repeats() ? "\n  repeat: " : "\n  may fail again: ").append(repeat);
        failed(told.toString());
        return line;
    }

    private void failed(String told) {
        terminal.tell("FAILED " + told);
        if (failures.incrementAndGet() >= options.mostFailures()) {
            stopping = true;
        }
    }

    private void watch() throws InterruptedException {
        long tellEvery = (terminal.live() ? LIVE_MILLIS : QUIET_MILLIS) * 1_000_000;
        long toldAt = System.nanoTime();
        long savedAt = toldAt;
        long lookedAt = toldAt;
        for (Worker worker : workers) {
            while (worker.thread.isAlive()) {
                worker.thread.join(LIVE_MILLIS);
                long now = System.nanoTime();
                if (now - lookedAt >= LOOK_NANOS) {
                    lookedAt = now;
                    workers.forEach(it -> it.look(now));
                }
                if (now - toldAt >= tellEvery) {
                    toldAt = now;
                    tellProgress();
                }
                if (now - savedAt >= SAVE_NANOS) {
                    savedAt = now;
                    save();
                }
            }
        }
        if (terminal.live()) {
            terminal.err().print("\r\033[K");
        }
    }

    private void save() {
        Path state = options.state();
        if (state == null) {
            return;
        }
        try {
            progress.save(state);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + state, e);
        }
    }

    private void tellProgress() {
        long done = progress.done();
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        double speed = (done - doneBefore) / seconds;
        String left = speed == 0 ? "?" : duration((long) ((progress.seeds() - done) / speed));
        String line =
                String.format(
                        Locale.ROOT,
                        "%,d of %s (%d %%), %s a second, %s left, %d failed",
                        done,
                        count(progress.seeds(), "seed"),
                        100 * done / progress.seeds(),
                        rate(speed),
                        left,
                        progress.failures().size());
        if (terminal.live()) {
            terminal.err().print("\r" + line + (stopping ? ", ending" : "") + "\033[K");
        } else {
            terminal.err().println(line);
        }
    }

    /// The conditions that no seed met, of scenarios that had seeds enough for it.
    private List<String> neverMet() {
        List<String> never = new ArrayList<>();
        progress.met()
                .forEach((condition, count) -> {
                    if (count == 0 && hadSeedsEnough(condition)) {
                        never.add(condition);
                    }
                });
        return never;
    }

    private boolean hadSeedsEnough(String condition) {
        return scenarios.stream()
                .anyMatch(it ->
                        condition.startsWith(it.fullName() + ": ")
                                && progress.done() >= it.seeds());
    }

    private static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }

    /// One that is small is told more exactly.
    private static String rate(double number) {
        return String.format(Locale.ROOT, number < 1 ? "%.2f" : "%.1f", number);
    }

    private static String duration(long seconds) {
        return seconds < 60
                ? seconds + " s"
                : String.format(
                        Locale.ROOT,
                        "%d:%02d:%02d",
                        seconds / 3600,
                        seconds / 60 % 60,
                        seconds % 60);
    }

    private void summarise() {
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        long done = progress.done();
        terminal.print(
                String.format(
                        Locale.ROOT,
                        "%,d of %s from %d done, %d failed; %,.0f s of virtual time; now %s in"
                                + " %.1f s, %s a second",
                        done,
                        count(progress.seeds(), "seed"),
                        progress.from(),
                        progress.failures().size(),
                        progress.virtualSeconds(),
                        count(done - doneBefore, "seed"),
                        seconds,
                        rate((done - doneBefore) / seconds)));
        terminal.print("fingerprint " + Long.toHexString(progress.fingerprint()));
        progress.failures().forEach(failure -> terminal.print("FAILED " + failure));
        neverMet().forEach(it -> terminal.print("FAILED never met, by " + done + " seeds: " + it));
        if (!progress.isComplete()) {
            terminal.print(
                    options.state() == null
                            ? "it is not done"
                            : "not all are done; go on with: " + options.resume());
        }
    }
}
