package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher where nothing is built yet, and a build only says that it was begun.
@Timeout(120)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a script for bash")
final class LauncherTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern OPTION = Pattern.compile("\"(--[a-z-]+)\"");

    private static final Path USAGE =
            Path.of("sim", "src", "main", "resources", "dev", "torsion", "sim", "cli", "usage.txt");

    @TempDir private Path home;

    private record Said(int exit, String text) {}

    @BeforeEach
    void copyWhatIsNeeded() throws IOException {
        Files.copy(ROOT.resolve("torsion"), home.resolve("torsion"));
        Files.createDirectories(home.resolve(USAGE).getParent());
        Files.copy(ROOT.resolve(USAGE), home.resolve(USAGE));
        Files.createDirectories(home.resolve("examples"));
        try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                Files.copy(file, home.resolve("examples").resolve(file.getFileName()));
            }
        }
        Files.createDirectories(home.resolve("bin"));
        program("mvn", "#!/bin/sh\necho begun\nexit 1\n");
    }

    /// Puts a program on the launcher's path.
    private void program(String name, String script) throws IOException {
        Path program = home.resolve("bin").resolve(name);
        Files.writeString(program, script);
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private Said say(String arguments) throws Exception {
        Process process = start(arguments);
        String text = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Said(process.waitFor(), text.strip());
    }

    private Process start(String arguments) throws IOException {
        ProcessBuilder launcher =
                new ProcessBuilder("bash", "-c", "exec bash ./torsion " + arguments)
                        .directory(home.toFile())
                        .redirectErrorStream(true);
        Map<String, String> environment = launcher.environment();
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("PATH", home.resolve("bin") + ":" + environment.get("PATH"));
        Process process = launcher.start();
        process.getOutputStream().close();
        return process;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sim --seeds x         | --seeds: expected a whole number, not "x" (./torsion sim --help says more)
                    sim --seeds=          | --seeds: expected a whole number, not "" (./torsion sim --help says more)
                    sim --jobs            | --jobs needs a value (./torsion sim --help says more)
                    sim --sees 4          | unknown option "--sees" (did you mean --seeds?); expected one of --scenario, --records, --state, --faults, --record, --place, --since, --until, --seeds, --from, --jobs, --failures, --width, --help, --twice, --resume, --discard (./torsion sim --help says more)
                    bench --size big      | --size: expected a whole number, not "big" (./torsion bench --help says more)
                    bench -n 5            | unknown option "-n"; expected one of --events, --size, --rate, --duration, --help, --version, --debug (./torsion bench --help says more)
                    node --nmae=x         | unknown option "--nmae" (did you mean --name?); expected one of --config, --name, --nats, --link, --seed, --port, --without, --help, --version, --debug (./torsion node --help says more)
                    node --name           | --name needs a value (./torsion node --help says more)
                    demo --nofeed         | unknown option "--nofeed" (did you mean --no-feed?); expected one of --help, --version, --debug, --no-feed, --any-ports (./torsion demo --help says more)
                    --debug publish a -x  | unknown option "-x"; expected one of --node, --help, --version, --debug (./torsion publish --help says more)
                    subscribe a --count x | --count: expected a whole number, not "x" (./torsion subscribe --help says more)
                    example --prot 5      | unknown option "--prot"; expected one of --help, --version, --debug (./torsion example --help says more)
                    --hlep node           | unknown option "--hlep" (did you mean --help?); expected one of --help, --version, --debug (./torsion --help says more)
                    example guess x       | expected ./torsion example guess [PORT] with a port from 0 to 65535, not "x" (./torsion example --help says more)
                    example guess 70000   | expected ./torsion example guess [PORT] with a port from 0 to 65535, not "70000" (./torsion example --help says more)
                    example first         | no example "first" (did you mean first-datagrams?); expected one of first-datagrams, first-reactor, guess (./torsion example --help says more)
                    nod --port a=1        | no command "nod" (did you mean node?); expected one of demo, node, publish, subscribe, request, example, bench, sim (./torsion --help says more)
                    node -port a=1        | unknown option "-port" (did you mean --port?); expected one of --config, --name, --nats, --link, --seed, --port, --without, --help, --version, --debug (./torsion node --help says more)
                    node --posrt=a=1      | unknown option "--posrt" (did you mean --port?); expected one of --config, --name, --nats, --link, --seed, --port, --without, --help, --version, --debug (./torsion node --help says more)
                    bench --rote 5        | unknown option "--rote" (did you mean --rate?); expected one of --events, --size, --rate, --duration, --help, --version, --debug (./torsion bench --help says more)
                    dance                 | no command "dance"; expected one of demo, node, publish, subscribe, request, example, bench, sim (./torsion --help says more)
                    """)
    void saysWhatIsWrongBeforeItBuilds(String arguments, String problem) throws Exception {
        assertThat(say(arguments)).isEqualTo(new Said(2, "torsion: " + problem));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "node --name b",
                "example",
                "example --help",
                "example guess",
                "example guess 08080",
                "example guess --help",
                "sim",
                "sim list",
                "sim show FILE --since 2.5",
                "bench --debug",
                "demo",
                "--debug node",
                "publish a -",
                "publish a -5.5 --node=b:1",
                "publish a -- --text",
            })
    void buildsForWhatMayBeRight(String arguments) throws Exception {
        assertThat(say(arguments).text()).contains("begun", "torsion: the build failed");
    }

    @Test
    void saysSoTooWhereAllIsBuilt() throws Exception {
        Files.createDirectories(home.resolve("node").resolve("target").resolve("lib"));
        Files.createDirectories(home.resolve(".torsion"));
        Files.createFile(home.resolve(".torsion").resolve("built"));

        assertThat(say("demo --no-fed").text())
                .startsWith("torsion: unknown option \"--no-fed\" (did you mean --no-feed?);");
    }

    /// Here `sleep` takes no time, and the build ends when it was called a hundred times.
    @Test
    void saysNowAndThenHowFarASlowBuildIs() throws Exception {
        program(
                "mvn",
                """
                #!/bin/sh
                until test -e slept && test "$(wc -l <slept)" -ge 100; do
                    mkdir -p reactor/target/classes && touch reactor/target/classes
                done
                exit 1
                """);
        program("sleep", "#!/bin/sh\necho again >>slept\n");

        assertThat(say("demo").text())
                .containsPattern("(?m)^building Torsion, \\d+ s: reactor$")
                .contains("torsion: the build failed");
    }

    /// The build goes on until it is let end, through a pipe with a name.
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "a lock is taken by flock")
    void waitsForTheBuildOfAnotherTerminalAndBuildsNothingItself() throws Exception {
        program(
                "mvn",
                """
                #!/bin/sh
                echo again >>builds
                read -r _ <end
                mkdir -p node/target/lib
                """);
        Path end = home.resolve("end");
        assertThat(new ProcessBuilder("mkfifo", end.toString()).start().waitFor()).isZero();

        Process first = start("demo");
        Process second = null;
        try (BufferedReader builds = first.inputReader(UTF_8)) {
            assertThat(builds.readLine()).startsWith("building Torsion");
            second = start("demo");
            try (BufferedReader waits = second.inputReader(UTF_8)) {
                assertThat(waits.readLine())
                        .isEqualTo("another terminal builds Torsion already: waiting for it");
                Files.writeString(end, "now\n");
                assertThat(builds.readLine()).startsWith("built Torsion in");
                assertThat(waits.lines().anyMatch(line -> line.startsWith("building"))).isFalse();
            }
        } finally {
            first.destroy();
            if (second != null) {
                second.destroy();
            }
        }
        assertThat(home.resolve("builds")).hasContent("again\n");
    }

    @Test
    void helpsWithTheSimulationBeforeItBuilds() throws Exception {
        Said help = new Said(0, Files.readString(ROOT.resolve(USAGE)).strip());
        assertThat(say("sim --help")).isEqualTo(help);
        assertThat(say("sim show -h")).isEqualTo(help);
    }

    /// A new option must be told to the launcher too, or it would be refused where nothing is
    /// built. For the node's commands its own tests look.
    @Test
    void knowsEveryOptionOfTheSimulation() throws Exception {
        String source =
                Files.readString(ROOT.resolve("sim/src/main/java/dev/torsion/sim/cli/Main.java"));
        Set<String> options = new TreeSet<>();
        OPTION.matcher(source).results().map(it -> it.group(1)).forEach(options::add);
        options.remove("--help"); // answered before anything is checked
        assertThat(options).hasSizeGreaterThan(3);
        assertThat(say("sim " + String.join(" 1 ", options) + " 1").text()).contains("begun");
    }
}
