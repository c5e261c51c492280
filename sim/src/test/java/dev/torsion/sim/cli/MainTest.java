package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.SubscribeOptions;
import dev.torsion.sim.Fault;
import dev.torsion.sim.Faults;
import dev.torsion.sim.Happening;
import dev.torsion.sim.RunRecord;
import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {
    private static final String SCENARIOS = Small.class.getName();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /// What the command is tried with; named so that neither the build nor the command finds it by
    /// itself.
    static final class Small {
        @SimulationTest(seeds = 3)
        void passes(Simulation sim) {
            sim.node("n1", node -> node.watch(">", SubscribeOptions.defaults()));
            sim.runFor(Duration.ofMillis(sim.seed() % 7));
            sim.note("seed " + sim.seed());
        }

        @SimulationTest(seeds = 3)
        void failsForThree(Simulation sim) {
            passes(sim);
            sim.claim("not three", sim.seed() % 10 != 3, "it is " + sim.seed());
        }

        @SimulationTest(seeds = 3)
        void neverMeets(Simulation sim) {
            sim.sometimes("the moon is full", false);
        }

        @SimulationTest
        void mindsTheDeathOfANode(Simulation sim) {
            sim.nodes(3, node -> node.watch(">", SubscribeOptions.defaults()));
            sim.faults(Faults.swarm().withBetween(Duration.ofSeconds(1)));
            sim.runFor(Duration.ofSeconds(30));
            for (Happening happening : sim.history().happenings()) {
                boolean killed =
                        happening instanceof Happening.Faulted it
                                && it.fault() instanceof Fault.Kill;
                sim.claim("nobody dies", !killed, happening.describe());
            }
        }
    }

    private TestTerminal seeds(String... arguments) {
        String[] here = {"--records", folder.toString(), "--state", state().toString()};
        return with(here, arguments);
    }

    private static TestTerminal with(String[] places, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(places));
        return TestTerminal.of(all.toArray(String[]::new));
    }

    private Path state() {
        return folder.resolve("progress");
    }

    private static String line(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElse("");
    }

    @Test
    void runsAsManySeedsAsAskedFor() {
        TestTerminal run = seeds("--scenario", SCENARIOS + "#passes", "--seeds", "20", "--jobs=2");

        assertThat(run.code()).isZero();
        assertThat(run.out()).first().asString().startsWith("20 of 20 seeds from 1 done, 0 failed");
        assertThat(line(run.out(), "fingerprint ")).isNotEmpty();
    }

    @Test
    void runsTheSameOnOneThreadAndOnThree() {
        TestTerminal one = seeds("--scenario", SCENARIOS + ".passes", "--jobs", "1");
        TestTerminal three = seeds("--scenario", SCENARIOS + ".passes", "--jobs", "3");

        assertThat(line(one.out(), "fingerprint ")).isEqualTo(line(three.out(), "fingerprint "));
    }

    @Test
    void findsThatEachSeedRunsTheSameTwice() {
        assertThat(seeds("--scenario", SCENARIOS + "#passes", "--twice").code()).isZero();
    }

    @Test
    void savesAFailingSeedWithTheCommandThatRepeatsIt() throws IOException {
        TestTerminal run =
                seeds("--scenario", SCENARIOS + "#mindsTheDeathOfANode", "--failures", "1");
        assertThat(run.code()).isEqualTo(1);
        List<Path> records;
        try (var files = Files.list(folder)) {
            records = files.filter(file -> file.toString().endsWith(".txt")).toList();
        }
        assertThat(records).isNotEmpty();
        RunRecord record = RunRecord.parse(Files.readAllLines(records.getFirst()));
        assertThat(record.failure()).contains("nobody dies");
        assertThat(record.faults()).hasSize(1);
        assertThat(run.err()).anyMatch(line -> line.contains(record.repeat()));

        List<String> command =
                new ArrayList<>(List.of(record.repeat().replace("'", "").split(" ", -1)));
        assertThat(command.subList(0, 2)).containsExactly("./torsion", "sim");
        Path again = folder.resolve("again");
        command.addAll(List.of("--record", again.toString()));
        TestTerminal repeated = seeds(command.subList(2, command.size()).toArray(String[]::new));

        assertThat(repeated.code()).isEqualTo(1);
        assertThat(RunRecord.parse(Files.readAllLines(again)).timeline())
                .isEqualTo(record.timeline());
    }

    @Test
    void goesOnWhereItWasStopped() {
        TestTerminal stopped =
                seeds("--scenario", SCENARIOS + "#failsForThree", "--failures=1", "--jobs=1");
        assertThat(stopped.code()).isEqualTo(1);
        assertThat(stopped.out()).first().asString().startsWith("3 of 100 seeds");
        assertThat(stopped.out()).last().asString().contains("./torsion sim --resume");

        TestTerminal resumed = seeds("--resume", "--failures", "100");
        TestTerminal atOnce =
                seeds("--scenario", SCENARIOS + "#failsForThree", "--failures", "100");

        assertThat(resumed.out()).first().asString().startsWith("100 of 100 seeds");
        assertThat(line(resumed.out(), "fingerprint "))
                .isEqualTo(line(atOnce.out(), "fingerprint "));
        assertThat(resumed.out().stream().filter(line -> line.startsWith("FAILED"))).hasSize(10);
        assertThat(seeds("--resume").code()).isEqualTo(2);
    }

    @Test
    void saysHowToGoOnWhereItsStateIsElsewhere() {
        String state = folder.resolve("my state").toString();
        String[] elsewhere = {"--records", folder.toString(), "--state", state};
        TestTerminal stopped =
                with(elsewhere, "--scenario", SCENARIOS + "#failsForThree", "--failures=1");
        assertThat(stopped.out())
                .last()
                .asString()
                .endsWith(": ./torsion sim --resume --state '" + state + "' --records " + folder);

        TestTerminal resumed = with(elsewhere, "--resume", "--failures", "100");
        assertThat(resumed.out()).first().asString().startsWith("100 of 100 seeds");
    }

    @Test
    void failsWhenNoSeedMetACondition() {
        TestTerminal enough = seeds("--scenario", SCENARIOS + "#neverMeets", "--seeds", "3");
        assertThat(enough.code()).isEqualTo(1);
        assertThat(enough.out()).anyMatch(line -> line.contains("the moon is full"));

        assertThat(seeds("--scenario", SCENARIOS + "#neverMeets", "--seeds", "2").code()).isZero();
    }

    @Test
    void endsTheSeedsThatRunWhenItIsToldToStop() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                                "-Dtorsion.home=" + folder,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "--scenario=" + SCENARIOS + "#passes",
                                "--seeds=1000000000")
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            assertThat(lines.readLine()).startsWith("1,000,000,000 seeds");
            process.toHandle().destroy(); // as Ctrl-C does, on a terminal
            assertThat(lines.lines()).last().asString().contains("./torsion sim --resume");
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
        assertThat(Progress.read(folder.resolve(".torsion/sim/progress")).isComplete()).isFalse();
    }

    @Test
    void tellsWrongUseInOneLineAndWithTwo() {
        for (TestTerminal wrong :
                List.of(
                        seeds("--seeds", "x"),
                        seeds("--seeds"),
                        seeds("--sead", "1"),
                        seeds("--scenario", "no.such.Test"),
                        seeds("--scenario", SCENARIOS, "--faults", "none"),
                        seeds("--resume"),
                        TestTerminal.of("shew"),
                        TestTerminal.of("show"),
                        TestTerminal.of("show", "record", "--seeds", "3"),
                        TestTerminal.of("list", "--seeds", "3"),
                        seeds("--seeds", "-1"),
                        seeds("--seeds", "99999999999999999999"),
                        seeds("--scenario", ""),
                        seeds("--scenario", "java.lang.String"),
                        seeds("--scenario", SCENARIOS + "#passes", "--seeds=1", "--faults=a"))) {
            assertThat(wrong.code()).isEqualTo(2);
            assertThat(wrong.out()).isEmpty();
            assertThat(wrong.err()).singleElement().asString().startsWith("torsion: ");
        }
    }

    @Test
    void saysWhatIsNoRecord() throws IOException {
        List<String> head =
                List.of(
                        "torsion simulation record 1",
                        "scenario: a",
                        "seed: 1",
                        "faults: all",
                        "failure: none",
                        "repeat: b");
        List<String> whole = new ArrayList<>(head);
        whole.addAll(
                List.of("timeline:", "    1.000000 n1       start   incarnation 1 starts", "end"));
        assertThat(show(whole).code()).isZero();
        assertThat(TestTerminal.of("show", folder.resolve("none").toString()).err())
                .singleElement()
                .asString()
                .contains("none: there is no such file");
        tells(show(List.of()), "this is not the record of a simulation");
        tells(show(head), "this record was cut off");
        tells(show(whole.subList(0, 8)), "this record was cut off");
        whole.set(2, "seed: x");
        tells(show(whole), "its seed is no number: \"x\"");
        whole.remove(2);
        tells(show(whole), "it has no line \"seed: \"");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {-1, -2, 0});
        tells(TestTerminal.of("show", binary.toString()), "it is not text in UTF-8");
    }

    private TestTerminal show(List<String> lines) throws IOException {
        Path file = Files.write(folder.resolve("record"), lines);
        return TestTerminal.of("show", file.toString());
    }

    private static void tells(TestTerminal command, String what) {
        assertThat(command.code()).isEqualTo(1);
        assertThat(command.err()).singleElement().asString().startsWith("torsion: ").contains(what);
    }

    @Test
    void tellsBeforeTheFirstSeedWhereItCannotWrite() throws IOException {
        String file = Files.writeString(folder.resolve("file"), "").toString();
        String passes = SCENARIOS + "#passes";
        tells(
                TestTerminal.of("--scenario", passes, "--seeds", "1", "--records", file),
                "cannot write into " + file);
        TestTerminal state =
                TestTerminal.of(
                        "--scenario",
                        passes,
                        "--seeds",
                        "2",
                        "--records",
                        folder.toString(),
                        "--state",
                        file + "/progress");
        assertThat(state.code()).isEqualTo(1);
        assertThat(state.out()).isEmpty();
        assertThat(state.err()).last().asString().contains("cannot write " + file + "/progress");
        tells(
                seeds("--scenario", passes, "--seeds", "1", "--record", file + "/record"),
                "cannot write " + file + "/record");
    }

    @Test
    void helps() {
        TestTerminal help = TestTerminal.of("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).allMatch(line -> line.length() <= 100);
        assertThat(help.out()).anyMatch(line -> line.contains("--resume"));
    }
}
