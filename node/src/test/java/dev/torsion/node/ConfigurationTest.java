package dev.torsion.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torsion.node.Configuration.ComponentPart;
import dev.torsion.node.Configuration.Flags;
import dev.torsion.node.Configuration.GatewayPart;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigurationTest {
    private static final String KEYS =
            "expected one of name, nats, link, seeds, insecure, gateways, components";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void hasDefaultsForAll() {
        assertThat(ConfigurationReader.read(null, Flags.NONE))
                .isEqualTo(
                        new Configuration(
                                "a",
                                Endpoint.tcp(4222),
                                Endpoint.tcp(7400),
                                List.of(),
                                List.of(),
                                List.of()));
    }

    @Test
    void readsAllThatAFileMaySay() throws IOException {
        Configuration read =
                read(
                        """
                        name: edge
                        nats: off
                        link: tcp:7401
                        seeds: [127.0.0.1:7400, "[::1]:7402"]
                        insecure: false
                        gateways:
                          - name: sensors
                            listen: tcp:8888
                            class: org.example.SensorGateway
                            settings: {topic: readings}
                        components:
                          - name: averages
                            class: org.example.Averages
                            blocking: true
                        """);

        assertThat(read.name()).isEqualTo("edge");
        assertThat(read.nats()).isNull();
        assertThat(read.link()).isEqualTo(Endpoint.tcp(7401));
        assertThat(read.seeds())
                .containsExactly(Address.of("127.0.0.1", 7400), Address.of("::1", 7402));
        GatewayPart gateway = read.gateways().getFirst();
        assertThat(gateway.name()).isEqualTo("sensors");
        assertThat(gateway.listen()).isEqualTo(Endpoint.tcp(8888));
        assertThat(gateway.type().name()).isEqualTo("org.example.SensorGateway");
        assertThat(gateway.settings().text("topic")).isEqualTo("readings");
        ComponentPart component = read.components().getFirst();
        assertThat(component.name()).isEqualTo("averages");
        assertThat(component.blocking()).isTrue();
        assertThat(component.settings().unread()).isEmpty();
    }

    @Test
    void givesFlagsTheLastWord() throws IOException {
        Path file = write("name: edge\nnats: tcp:1\nlink: tcp:2\nseeds: ['a:1', 'b:2']\n");

        Configuration read =
                ConfigurationReader.read(file, new Flags("b", "off", "tcp:3", List.of("c:4")));

        assertThat(read.name()).isEqualTo("b");
        assertThat(read.nats()).isNull();
        assertThat(read.link()).isEqualTo(Endpoint.tcp(3));
        assertThat(read.seeds()).containsExactly(Address.of("c", 4));
    }

    @Test
    void opensToOtherMachinesOnlyWhereTheUserSaysSo() throws IOException {
        Path file = write("insecure: true\nnats: tcp:4222:interface=0.0.0.0\n");

        Configuration read = ConfigurationReader.read(file, Flags.NONE);

        assertThat(read.nats()).isEqualTo(Endpoint.parse("tcp:4222:interface=0.0.0.0"));
    }

    static Stream<Arguments> badFiles() {
        return Stream.of(
                bad("name: a\nsedes: []", "torsion.yaml:2: unknown key \"sedes\"; " + KEYS),
                bad(
                        "name: a b",
                        "torsion.yaml:1: name: expected 1 to 64 letters, digits, \"-\" and \"_\","
                                + " not \"a b\""),
                bad("name: [a]", "torsion.yaml:1: name: expected a single value, not a list"),
                bad(
                        "name: a\nname: b",
                        "torsion.yaml:2: the key \"name\" stands here a second time"),
                bad(
                        "nats: 4222",
                        "torsion.yaml:1: nats: expected an endpoint such as tcp:4222,"
                                + " unix:/run/app.sock or systemd:name=web, not \"4222\" (column 1"
                                + " of \"4222\"): write tcp:4222"),
                bad(
                        "link: unix:/run/link.sock",
                        "torsion.yaml:1: link: expected an endpoint such as tcp:4222, not \"unix\""
                                + " (column 1 of \"unix:/run/link.sock\")"),
                bad(
                        "\nlink: tcp:70000",
                        "torsion.yaml:2: link: expected a port from 0 to 65535, not \"70000\""
                                + " (column 5 of \"tcp:70000\")"),
                bad(
                        "nats: tcp:1:interface=0.0.0.0",
                        "torsion.yaml:1: nats: tcp:1:interface=0.0.0.0 can be reached from other"
                                + " machines, and nothing protects it yet; write \"insecure: true\""
                                + " in torsion.yaml to open it anyway"),
                bad(
                        "insecure: true\nlink: tcp:1:interface=0.0.0.0",
                        "torsion.yaml:2: link: tcp:1:interface=0.0.0.0 is every interface; name"
                                + " the one address that other nodes dial"),
                bad(
                        "insecure: yes",
                        "torsion.yaml:1: insecure: expected true or false, not \"yes\""),
                bad("seeds: a:1", "torsion.yaml:1: seeds: expected a list, not \"a:1\""),
                bad(
                        "seeds:\n  - a:1\n  - b",
                        "torsion.yaml:3: seeds: expected HOST:PORT, not \"b\""),
                bad(
                        "link: off\nseeds: ['a:1']",
                        "torsion.yaml:2: seeds need a link, and link is off"),
                bad("sedes:\n  - a:1\nname: a", "torsion.yaml:1: unknown key \"sedes\"; " + KEYS),
                bad(
                        "name:\n  - a\nseeds:\n  a: 1",
                        "torsion.yaml:1: name: expected a single value, not a list",
                        "torsion.yaml:3: seeds: expected a list, not keys with values"),
                bad(
                        "components:\n  - name: x\n    class: C\n    settings:\n      - y",
                        "torsion.yaml:4: expected settings: keys with values, not a list"),
                bad(
                        "name: a\nnats tcp:1\nlink: off",
                        "torsion.yaml:2: not valid YAML: while scanning a simple key: could not"
                                + " find expected ':', at line 3"),
                bad(
                        "name: 'a\nnats: off\nlink: off\n",
                        "torsion.yaml:1: not valid YAML: while scanning a quoted scalar: found"
                                + " unexpected end of stream, at line 4"),
                bad(
                        "seeds: ['a:1'\nname: b\n",
                        "torsion.yaml:1: not valid YAML: while parsing a flow sequence: expected"
                                + " ',' or ']', but got <scalar>, at line 2"),
                bad(
                        "name: a\n  nats: off\nlink: off\n",
                        "torsion.yaml:2: not valid YAML: mapping values are not allowed here"),
                bad(
                        "gateways:\n  - name: x",
                        "torsion.yaml:2: a gateway needs the key \"listen\"",
                        "torsion.yaml:2: a gateway needs the key \"class\""),
                bad(
                        "gateways: [{name: nats, listen: 'tcp:1', class: C}]",
                        "torsion.yaml:1: name: \"nats\" means something else here"),
                bad(
                        "gateways: [{name: x, listen: 'tcp:1:interface=10.0.0.1', class: C}]",
                        "torsion.yaml:1: listen: tcp:1:interface=10.0.0.1 can be reached from other"
                                + " machines, and nothing protects it yet; write \"insecure: true\""
                                + " in torsion.yaml to open it anyway"),
                bad("components: x", "torsion.yaml:1: components: expected a list, not \"x\""),
                bad(
                        "components:\n  - x",
                        "torsion.yaml:2: expected a component: keys with values, not \"x\"",
                        "torsion.yaml:2: a component needs the key \"name\"",
                        "torsion.yaml:2: a component needs the key \"class\""),
                bad(
                        "components:\n  - {name: x, class: C}\n  - {name: x, class: C}",
                        "torsion.yaml:3: name: \"x\" is taken"),
                bad(
                        "components:\n  - name: x\n    class: C\n    settings:\n      y: [1]",
                        "torsion.yaml:5: y: expected a single value, not a list"),
                bad(
                        "components:\n  - {name: x, class: C, setings: {}}",
                        "torsion.yaml:2: unknown key \"setings\"; expected one of name, class,"
                                + " blocking, settings"),
                bad(
                        "- a",
                        "torsion.yaml:1: expected a configuration: keys with values, not a list"),
                bad(
                        "name: a\nnats: 'tcp",
                        "torsion.yaml:2: not valid YAML: while scanning a quoted scalar: found"
                                + " unexpected end of stream"),
                bad("name: *x", "torsion.yaml:1: not valid YAML: found undefined alias x"),
                bad(
                        "%YAML 2.0\n---\nname: a",
                        "torsion.yaml: not valid YAML: this reads version 1.2, not what %YAML"
                                + " says"),
                bad(
                        "components:\n  - {name: x, class: \"\"}",
                        "torsion.yaml:2: class: expected the name of a class, not \"\""),
                bad("? [x]\n: 1", "torsion.yaml:1: expected a key, not a list"),
                bad("[".repeat(1000), "torsion.yaml:1: nested deeper than 16 levels"),
                bad("#".repeat(300_000), "torsion.yaml: larger than 262144 bytes"));
    }

    private static Arguments bad(String text, String... problems) {
        return Arguments.of(text, List.of(problems));
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void namesEachProblemWithItsPlace(String text, List<String> problems) throws IOException {
        assertThat(problems(write(text), Flags.NONE)).containsExactlyElementsOf(problems);
    }

    @Test
    void namesTheFlagThatIsWrong() {
        Flags flags = new Flags("a b", "tcp:1:interface=10.0.0.1", "x", List.of("y"));

        assertThat(problems(null, flags))
                .containsExactly(
                        "--name: expected 1 to 64 letters, digits, \"-\" and \"_\", not \"a b\"",
                        "--nats: tcp:1:interface=10.0.0.1 can be reached from other machines, and"
                                + " nothing protects it yet; write \"insecure: true\" in"
                                + " torsion.yaml to open it anyway",
                        "--link: expected an endpoint such as tcp:4222, not \"x\" (column 1 of"
                                + " \"x\")",
                        "--seed: expected HOST:PORT, not \"y\"");
    }

    @Test
    void saysThatAFileIsNotThere() {
        assertThat(problems(folder.resolve("torsion.yaml"), Flags.NONE))
                .containsExactly("torsion.yaml: no such file");
    }

    @Test
    void refusesWhatIsNotText() throws IOException {
        Path file = folder.resolve("torsion.yaml");
        Files.write(file, new byte[] {'n', (byte) 0xff});

        assertThat(problems(file, Flags.NONE))
                .containsExactly("torsion.yaml: expected text in UTF-8");
    }

    private Configuration read(String text) throws IOException {
        return ConfigurationReader.read(write(text), Flags.NONE);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("torsion.yaml"), text);
    }

    private List<String> problems(@Nullable Path file, Flags flags) {
        ConfigurationException wrong =
                catchThrowableOfType(
                        ConfigurationException.class, () -> ConfigurationReader.read(file, flags));
        return wrong.problems().stream().map(problem -> problem.replace(folder + "/", "")).toList();
    }
}
