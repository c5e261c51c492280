package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class MainTest {
    private final TestConsole console = new TestConsole();

    @Test
    void listsItsCommands() {
        assertThat(console.run("--help")).isZero();
        assertThat(console.err()).isEmpty();
        assertThat(String.join("\n", console.out()))
                .contains(
                        "  node ",
                        "  publish ",
                        "  subscribe ",
                        "  request ",
                        "  demo ",
                        "  bench ",
                        "  example ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "publish", "subscribe", "request", "demo", "bench", "example"})
    void helpsWithExamplesOnEachCommand(String command) {
        assertThat(console.run(command, "--help")).isZero();
        assertThat(console.err()).isEmpty();
        assertThat(console.out()).contains("Examples:");
        assertThat(console.out().getFirst()).startsWith("Usage: torsion " + command);
    }

    @Test
    void saysItsVersion() {
        assertThat(console.run("--version")).isZero();
        assertThat(console.out()).hasSize(1).first().asString().matches("torsion [0-9]+\\..*");
    }

    /// Where nothing is built, the launcher refuses what it does not know.
    @ParameterizedTest
    @ValueSource(
            strings = {"", "node", "publish", "subscribe", "request", "demo", "bench", "example"})
    void haveTheOptionsThatTheLauncherKnows(String command) throws Exception {
        CommandLine all = Main.commandLine(Console.system());
        CommandLine line =
                command.isEmpty() ? all : requireNonNull(all.getSubcommands().get(command));
        SortedMap<String, Boolean> known = new TreeMap<>();
        line.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .forEach(option ->
                        List.of(option.names())
                                .forEach(it -> known.put(it, option.arity().max() > 0)));

        String launcher = Files.readString(Path.of("..", "torsion"));
        String lists =
                launcher.substring(
                                launcher.indexOf("options_of() {"),
                                launcher.indexOf("# Says what is wrong"))
                        + "options_of '"
                        + command
                        + "'\nfor f in $flags; do echo $f=false; done"
                        + "\nfor v in $numbers $others; do echo $v=true; done";
        Process bash = new ProcessBuilder("bash", "-c", lists).redirectErrorStream(true).start();
        assertThat(bash.inputReader(UTF_8).lines())
                .containsExactlyInAnyOrderElementsOf(
                        known.entrySet().stream().map(Object::toString).toList());
    }

    @Test
    @Timeout(120)
    void saysInOneLineWhyAnExampleEnded() throws IOException {
        String before = System.getProperty("torsion.home", ".");
        System.setProperty("torsion.home", "..");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertThat(console.run("example", "first-reactor", port)).isEqualTo(1);
            assertThat(console.err())
                    .containsExactly(
                            "torsion: first-reactor: cannot listen on tcp:"
                                    + port
                                    + ": address already in use (./torsion example"
                                    + " first-reactor 0 takes a free port)");
        } finally {
            System.setProperty("torsion.home", before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"first-reactor x", "first-datagrams 65536"})
    void saysInOneLineHowAnExampleIsUsed(String words) {
        String before = System.getProperty("torsion.home", ".");
        System.setProperty("torsion.home", "..");
        try {
            List<String> given = List.of(words.split(" ", 2));
            String[] command = ("example " + words).split(" ");
            assertThat(console.run(command)).isEqualTo(2);
            assertThat(console.err())
                    .containsExactly(
                            "torsion: expected ./torsion example %s [PORT] with a port from 0 to 65535, not \"%s\" (./torsion example --help says more)"
                                    .formatted(given.getFirst(), given.getLast()));
        } finally {
            System.setProperty("torsion.home", before);
        }
    }

    static Stream<Arguments> wrongUses() {
        return Stream.of(
                wrong("which command? (./torsion --help says more)"),
                wrong(
                        "no command \"dance\"; expected one of demo, node, publish, subscribe, request,"
                                + " example, bench (./torsion --help says more)",
                        "dance"),
                wrong(
                        "unknown option \"--nmae\"; expected one of --config, --name, --nats,"
                                + " --link, --seed, --port, --without, --help, --version, --debug"
                                + " (./torsion node --help says more)",
                        "node",
                        "--nmae",
                        "x"),
                wrong(
                        "unknown option \"--nmae\"; expected one of --node, --help, --version,"
                                + " --debug (./torsion publish --help says more)",
                        "publish",
                        "orders",
                        "--nmae=x"),
                wrong(
                        "unknown option \"--hlep\"; expected one of --debug, --help, --version"
                                + " (./torsion --help says more)",
                        "--hlep",
                        "node"),
                wrong(
                        "expected nothing more, not \"c\"; what has spaces in it stands in quotes"
                                + " (./torsion publish --help says more)",
                        "publish",
                        "a",
                        "b",
                        "c"),
                wrong(
                        "--nats: expected an endpoint such as tcp:4222, unix:/run/app.sock or"
                                + " systemd:name=web, not \"4222\" (column 1 of \"4222\"): write"
                                + " tcp:4222",
                        "node",
                        "--nats",
                        "4222"),
                wrong("nowhere.yaml: no such file", "node", "--config", "nowhere.yaml"),
                wrong(
                        "Missing required parameter: 'DATA|-' (./torsion publish --help says more)",
                        "publish",
                        "orders"),
                wrong(
                        "Invalid value for positional parameter at index 0 (TOPIC): not a topic:"
                                + " \"orders eu\" has white space at character 7 (./torsion publish"
                                + " --help says more)",
                        "publish",
                        "orders eu",
                        "x"),
                wrong(
                        "Invalid value for positional parameter at index 0 (PATTERN): not a"
                                + " pattern: \"a.>.b\" has a \">\" that is not the last token"
                                + " (./torsion subscribe --help says more)",
                        "subscribe",
                        "a.>.b"),
                wrong(
                        "Invalid value for option '--count': expected 1 or more, not 0 (./torsion"
                                + " subscribe --help says more)",
                        "subscribe",
                        "a",
                        "--count",
                        "0"),
                wrong(
                        "Invalid value for option '--group': not a group name: \"g h\" has white"
                                + " space at character 2 (./torsion subscribe --help says more)",
                        "subscribe",
                        "a",
                        "--group",
                        "g h"),
                wrong(
                        "Invalid value for option '--timeout': expected a duration such as"
                                + " 250ms, 2s or 5m, not \"soon\" (./torsion request --help says more)",
                        "request",
                        "a",
                        "x",
                        "--timeout",
                        "soon"),
                wrong(
                        "Invalid value for option '--node': expected HOST:PORT, not"
                                + " \"here\" (./torsion publish --help says more)",
                        "publish",
                        "a",
                        "x",
                        "--node",
                        "here"));
    }

    private static Arguments wrong(String message, String... arguments) {
        return Arguments.of(message, arguments);
    }

    @ParameterizedTest
    @MethodSource("wrongUses")
    void answersWrongUseWithOneLineAndTwo(String message, String[] arguments) {
        assertThat(console.run(arguments)).isEqualTo(2);
        assertThat(console.out()).isEmpty();
        assertThat(console.err()).containsExactly("torsion: " + message);
    }

    @Test
    void saysThatNoNodeIsThere() {
        assertThat(console.run("publish", "a", "x", "--node", "127.0.0.1:1")).isEqualTo(1);
        assertThat(console.err())
                .containsExactly(
                        "torsion: cannot reach a node at 127.0.0.1:1: connection refused; is one"
                                + " running? (./torsion node)");
    }

    @Test
    void showsWhereAnErrorComesFromOnlyIfAsked() {
        assertThat(console.run("publish", "a", "x", "--node", "127.0.0.1:1", "--debug"))
                .isEqualTo(1);
        assertThat(console.err()).anyMatch(line -> line.startsWith("\tat "));
    }
}
