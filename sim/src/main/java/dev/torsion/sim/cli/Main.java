package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.sim.Campaign;
import dev.torsion.sim.RunRecord;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The command `torsion sim`. Exit codes: 0 done, 1 failed or not finished, 2 wrong use; an error
/// is one line on standard error.
public final class Main {
    /// The launcher prints it too, where nothing is built yet.
    private static final String USAGE = "usage.txt";

    private static final Set<String> FLAGS =
            Set.of("--help", "-h", "--twice", "--resume", "--discard");
    private static final Set<String> VALUED =
            Set.of(
                    "--seeds",
                    "--from",
                    "--scenario",
                    "--jobs",
                    "--failures",
                    "--records",
                    "--state",
                    "--faults",
                    "--record",
                    "--place",
                    "--since",
                    "--until",
                    "--width");
    private static final Set<String> FOR_SHOW = Set.of("--place", "--since", "--until", "--width");
    private static final int SECONDS_TO_END = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final Commands commands = Commands.ofEnvironment();
    private final Path home = Path.of(System.getProperty("torsion.home", "."));

    private Main(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments));
    }

    /// Runs the command.
    ///
    /// @return its exit code
    static int run(Terminal terminal, String... arguments) {
        Main main = new Main(terminal);
        try {
            return main.run(List.of(arguments));
        } catch (WrongUseException e) {
            terminal.tell("torsion: " + e.getMessage() + " (./torsion sim --help says more)");
            return 2;
        } catch (IOException e) {
            terminal.tell("torsion: " + e.getMessage());
            return 1;
        } catch (UncheckedIOException e) {
            terminal.tell(
                    "torsion: "
                            + e.getMessage()
                            + ": "
                            + why(Objects.requireNonNull(e.getCause())));
            return 1;
        } catch (InterruptedException _) {
            terminal.tell("torsion: interrupted");
            return 1;
        }
    }

    private int run(List<String> words) throws IOException, InterruptedException {
        Arguments given = new Arguments(words, FLAGS, VALUED);
        if (given.has("--help") || given.has("-h")) {
            terminal.out().print(usage());
            return 0;
        }
        if (given.words().isEmpty()) {
            refuse(given, FOR_SHOW, "is for show");
            return seeds(given);
        }
        return switch (given.words().getFirst()) {
            case "list" -> list(given);
            case "show" -> show(given);
            default ->
                    throw new WrongUseException(
                            "expected list, show or nothing, not \""
                                    + given.words().getFirst()
                                    + "\"");
        };
    }

    private static String usage() throws IOException {
        try (InputStream text = Main.class.getResourceAsStream(USAGE)) {
            return new String(Objects.requireNonNull(text, USAGE).readAllBytes(), UTF_8);
        }
    }

    private static void refuse(Arguments given, Set<String> options, String why) {
        for (String option : options) {
            if (given.has(option)) {
                throw new WrongUseException(option + " " + why);
            }
        }
    }

    private static void allow(Arguments given, Set<String> options, String command) {
        for (String option : given.names()) {
            if (!options.contains(option)) {
                throw new WrongUseException(option + " is not for " + command);
            }
        }
    }

    /// In words that say more than the class of an exception.
    static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "that is not permitted";
            case FileAlreadyExistsException _ -> "there is a file where a folder should be";
            case CharacterCodingException _ -> "it is not text in UTF-8";
            case FileSystemException it when it.getReason() != null -> it.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    // ---- list, show ----

    private int list(Arguments given) {
        expectWords(given, 1, "list takes no more words");
        allow(given, Set.of(), "list");
        for (NamedScenario each : ours()) {
            terminal.print(each.name() + "  (" + each.seeds() + " seeds in every build)");
        }
        return 0;
    }

    private int show(Arguments given) throws IOException {
        expectWords(given, 2, "show takes one file");
        allow(given, FOR_SHOW, "show");
        Path file = Path.of(given.words().get(1));
        List<String> lines;
        try {
            lines = Files.readAllLines(file, UTF_8);
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + why(e), e);
        }
        RunRecord record;
        try {
            record = RunRecord.parse(lines);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        TimeLine timeLine =
                new TimeLine(
                        record, (int) given.number("--width", width(), 60, 1000), terminal.live());
        timeLine.only(
                given.all("--place"),
                given.seconds("--since", 0),
                given.seconds("--until", Double.MAX_VALUE));
        for (String line : timeLine.lines()) {
            if (!terminal.print(line)) {
                break; // as when piped to head
            }
        }
        return 0;
    }

    private static long width() {
        String columns = System.getenv("COLUMNS");
        return columns != null && columns.matches("[0-9]{2,3}")
                ? Math.max(60, Long.parseLong(columns))
                : 100;
    }

    private static void expectWords(Arguments given, int count, String otherwise) {
        if (given.words().size() != count) {
            throw new WrongUseException(otherwise);
        }
    }

    // ---- seeds ----

    private int seeds(Arguments given) throws IOException, InterruptedException {
        Path folder = home.resolve(".torsion").resolve("sim");
        Path state = path(given, "--state", folder.resolve("progress"));
        boolean resumed = given.has("--resume");
        Progress progress = resumed ? stopped(given, state) : asked(given);
        List<NamedScenario> scenarios = choose(progress.scenarios());
        boolean one = progress.seeds() == 1 && scenarios.size() == 1;
        if (!one) {
            refuse(given, Set.of("--faults", "--record"), "is for one seed of one scenario");
        }
        if (one && !resumed) {
            return run(given, scenarios, progress, null, folder);
        }
        try (StateLock _ = StateLock.of(state)) {
            if (resumed) {
                terminal.tell("goes on at seed " + progress.next());
            } else if (!given.has("--discard")) {
                refuseToLose(state, progress);
            }
            return run(given, scenarios, progress, state, folder);
        }
    }

    private static Progress stopped(Arguments given, Path state) {
        refuse(
                given,
                Set.of("--seeds", "--from", "--scenario", "--discard"),
                "is not for a run that goes on (--resume)");
        if (!Files.exists(state)) {
            throw new WrongUseException(
                    "--resume: there is nothing to go on with: no file " + state);
        }
        Progress progress = Progress.read(state);
        if (progress.isComplete()) {
            throw new WrongUseException("--resume: that run is done");
        }
        return progress;
    }

    private static Progress asked(Arguments given) {
        List<String> names = given.all("--scenario");
        List<NamedScenario> chosen = names.isEmpty() ? ours() : choose(names);
        return new Progress(
                chosen.stream().map(NamedScenario::fullName).toList(),
                given.number("--from", 1, Long.MIN_VALUE / 2, Long.MAX_VALUE / 2),
                given.number("--seeds", 100, 1, 1_000_000_000_000L));
    }

    /// What is to be run again from its start may overwrite itself.
    private static void refuseToLose(Path state, Progress asked) {
        if (!Files.exists(state)) {
            return;
        }
        Progress kept = Progress.read(state);
        if (kept.done() > 0 && !kept.isComplete() && !kept.isOfTheSameRunAs(asked)) {
            throw new WrongUseException(
                    state
                            + " keeps another run, "
                            + kept.describe()
                            + "; --resume goes on with it, --discard gives it up, --state FILE keeps"
                            + " this one's progress elsewhere");
        }
    }

    private int run(
            Arguments given,
            List<NamedScenario> scenarios,
            Progress progress,
            @Nullable Path state,
            Path folder)
            throws IOException, InterruptedException {
        String faults = faults(given);
        String record = given.text("--record");
        if (record != null) {
            write(Path.of(record), scenarios.getFirst(), progress.from(), faults);
        }
        Path records = path(given, "--records", folder);
        try {
            Files.createDirectories(records);
        } catch (IOException e) {
            throw new IOException("cannot write into " + records + ": " + why(e), e);
        }
        SeedRun.Options options =
                new SeedRun.Options(
                        (int) given.number("--jobs", cores(progress.seeds()), 1, 1024),
                        (int) given.number("--failures", 10, 1, 1_000_000),
                        faults,
                        given.has("--twice"),
                        records,
                        state,
                        PATIENCE,
                        commands,
                        commands.resume(given));
        return run(new SeedRun(scenarios, progress, options, terminal));
    }

    private String faults(Arguments given) {
        String faults = given.text("--faults");
        try {
            return Campaign.of(1, 1).withFaults(faults == null ? "all" : faults).faults();
        } catch (IllegalArgumentException e) {
            throw new WrongUseException("--faults: " + e.getMessage());
        }
    }

    private static long cores(long seeds) {
        return Math.min(Runtime.getRuntime().availableProcessors(), seeds);
    }

    private void write(Path file, NamedScenario scenario, long seed, String faults)
            throws IOException {
        Campaign campaign = Campaign.of(seed, 1).withFaults(faults);
        String repeat = commands.repeat(scenario, seed, faults);
        RunRecord record;
        try {
            record = campaign.record(scenario.scenario(), scenario.name(), repeat);
        } catch (IllegalArgumentException e) {
            throw new WrongUseException("--faults: " + e.getMessage(), e);
        }
        try {
            Files.write(file, record.lines());
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": " + why(e), e);
        }
        terminal.tell("recorded in " + file);
    }

    private static int run(SeedRun seeds) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook =
                new Thread(
                        () -> {
                            seeds.stop();
                            awaitEnd(seeds, ended);
                        },
                        "signal");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return seeds.run() ? 0 : 1;
        } finally {
            ended.countDown();
            removeHook(hook);
        }
    }

    /// Who stands still is not waited for.
    private static void awaitEnd(SeedRun seeds, CountDownLatch ended) {
        try {
            for (int second = 0; second < SECONDS_TO_END && !seeds.standsStill(); second++) {
                if (ended.await(1, TimeUnit.SECONDS)) {
                    Runtime.getRuntime().halt(1);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The signal has come, and the hook ends the JVM.
        }
    }

    private static Path path(Arguments given, String option, Path otherwise) {
        String path = given.text(option);
        return path == null ? otherwise : Path.of(path);
    }

    // ---- scenarios ----

    /// The launcher says in which folders they are.
    private static List<NamedScenario> ours() {
        return NamedScenario.below(
                Arrays.stream(
                                System.getProperty("torsion.sim.scenarios", "")
                                        .split(File.pathSeparator, -1))
                        .filter(folder -> !folder.isEmpty())
                        .map(Path::of)
                        .toList());
    }

    private static List<NamedScenario> choose(List<String> names) {
        return NamedScenario.choose(ours(), names);
    }
}
