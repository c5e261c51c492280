package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.Gateway;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.node.Configuration.Flags;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.ProtocolFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
final class NodeTest {
    private static final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private static volatile CountDownLatch gate = new CountDownLatch(0);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // each test starts one
    private Node node;

    @BeforeEach
    void forget() {
        heard.clear();
        gate = new CountDownLatch(0);
    }

    @AfterEach
    void stop() {
        gate.countDown();
        node.stop();
    }

    /// Hears all on `heard.>`, and answers.
    public static final class Listener implements Component {
        @Override
        public void start(ComponentContext context) {
            context.subscribe(
                    new TopicPattern("heard.>"),
                    event -> {
                        gate.await();
                        heard.add(event.text());
                        if (event.replyTo() != null) {
                            context.publish(Draft.answering(event).withText("yes"));
                        }
                    },
                    SubscribeOptions.defaults());
        }

        @Override
        public void stop() {
            heard.add("stopped");
        }
    }

    /// Says hello until somebody answers, and publishes its last words when it stops.
    public static final class Talker implements Component {
        private @Nullable ComponentContext context;

        @Override
        public void start(ComponentContext given) {
            context = given;
            sayHello(given);
        }

        private static void sayHello(ComponentContext context) {
            context.request(Draft.to("heard.hello").withText("hello"), Duration.ofSeconds(30))
                    .whenComplete((_, failure) -> {
                        if (failure != null) {
                            context.callLater(Duration.ofMillis(10), () -> sayHello(context));
                        }
                    });
        }

        @Override
        public void stop() {
            requireNonNull(context).publish(Draft.to("heard.last").withText("last words"));
        }
    }

    public static final class Stubborn implements Component {
        @Override
        public void start(ComponentContext context) {
            throw new IllegalStateException("on purpose");
        }
    }

    public static final class Choosy implements Component {
        @Override
        public void start(ComponentContext context) {
            context.settings().integer("size", 1, 1, 10);
        }
    }

    static final class Hidden implements Component {
        @Override
        public void start(ComponentContext context) {}
    }

    public static final class Needy implements Component {
        public Needy(String what) {
            heard.add(what);
        }

        @Override
        public void start(ComponentContext context) {}
    }

    public static final class ClosedGateway implements Gateway {
        @Override
        public ProtocolFactory open(GatewayContext context) {
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void saysWhereEachPortIs() throws Exception {
        Ready ready = start("name: edge\nnats: tcp:0\nlink: tcp:0\n" + LINES);

        assertThat(ready.toString())
                .matches(
                        "ready name=edge nats=127\\.0\\.0\\.1:[0-9]+ link=127\\.0\\.0\\.1:[0-9]+"
                                + " lines=127\\.0\\.0\\.1:[0-9]+");
        for (String port : List.of("nats", "link", "lines")) {
            connect(ready.port(port)).close();
        }
    }

    @Test
    void doesWithoutWhatIsOff() throws Exception {
        assertThat(start("nats: off\nlink: off\n").toString())
                .isEqualTo("ready name=a nats=off link=off");
    }

    @Test
    void takesWhatAGatewayHearsToAComponent() throws Exception {
        Ready ready = start("nats: off\nlink: off\n" + LINES + LISTENER);

        try (Socket peer = connect(ready.port("lines"))) {
            peer.getOutputStream().write("21.5\r\n".getBytes(UTF_8));

            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("21.5");
        }
    }

    @Test
    void handlesAllThatItTookBeforeItStops() throws Exception {
        gate = new CountDownLatch(1);
        Ready ready = start("nats: tcp:0\nlink: off\n" + LISTENER);
        for (int i = 0; i < 100; i++) {
            assertThat(cli("publish", "heard.x", "" + i, ready)).isZero();
        }

        CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(node::stop);
        gate.countDown();

        assertThat(stopped.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).hasSize(101).last().isEqualTo("stopped");
    }

    @Test
    void isHeardByOtherNodesUntilItsLastComponentHasStopped() throws Exception {
        Ready ready = start("nats: off\nlink: tcp:0\n" + LISTENER);
        Files.writeString(
                folder.resolve("talker.yaml"),
                """
                name: talker
                nats: off
                link: tcp:0
                seeds: ["%s"]
                components:
                  - name: talker
                    class: dev.torsion.node.NodeTest$Talker
                """
                        .formatted(ready.port("link")));
        Node talker = new Node(ConfigurationReader.read(folder.resolve("talker.yaml"), Flags.NONE));
        try {
            talker.start();
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("hello");
        } finally {
            assertThat(talker.stop()).isTrue();
        }

        assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("last words");
    }

    @Test
    void closesItsPortsWhenItStops() throws Exception {
        Ready ready = start("nats: tcp:0\nlink: tcp:0\n" + LINES);

        assertThat(node.stop()).isTrue();

        for (String port : List.of("nats", "link", "lines")) {
            Address.Inet address = (Address.Inet) ready.port(port);
            new ServerSocket(address.port(), 1, InetAddress.getByName(address.host())).close();
        }
    }

    @Test
    void namesThePortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String endpoint = "tcp:" + taken.getLocalPort();
            prepare("nats: off\nlink: " + endpoint + "\n" + LISTENER);

            assertThat(catchThrowableOfType(CommandFailedException.class, node::start))
                    .hasMessage("link: cannot listen on " + endpoint + ": address already in use");
            assertThat(heard).containsExactly("stopped");
        }
    }

    static Stream<Arguments> badParts() {
        return Stream.of(
                wrong(
                        "Absent",
                        "class dev.torsion.node.NodeTest$Absent is not on the class path"
                                + " (your own belong on TORSION_CLASSPATH)"),
                wrong(
                        "ClosedGateway",
                        "class dev.torsion.node.NodeTest$ClosedGateway is not a"
                                + " dev.torsion.bus.Component"),
                wrong(
                        "Hidden",
                        "class dev.torsion.node.NodeTest$Hidden needs a public constructor"
                                + " without parameters"),
                wrong(
                        "Needy",
                        "class dev.torsion.node.NodeTest$Needy needs a public constructor"
                                + " without parameters"),
                wrong(
                        "Choosy, settings: {size: 11}",
                        "size: expected a whole number from 1 to 10," + " not \"11\""),
                wrong(
                        "Choosy, settings: {sise: 5}",
                        "unknown setting \"sise\"; expected one of" + " size"));
    }

    private static Arguments wrong(String part, String problem) {
        return Arguments.of(part, problem);
    }

    @ParameterizedTest
    @MethodSource("badParts")
    void saysWhatIsWrongWithAPartAndWhere(String part, String problem) throws IOException {
        prepare(
                "nats: off\nlink: off\ncomponents:\n"
                        + "  - {name: x, class: dev.torsion.node.NodeTest$"
                        + part
                        + "}\n");

        assertThat(catchThrowableOfType(ConfigurationException.class, node::start).problems())
                .singleElement()
                .isEqualTo(folder.resolve("torsion.yaml") + ":4: " + problem);
    }

    @Test
    void saysWhyAComponentDidNotStart() throws IOException {
        prepare(
                """
                nats: off
                link: off
                components:
                  - name: x
                    class: dev.torsion.node.NodeTest$Stubborn
                """);

        assertThat(catchThrowableOfType(CommandFailedException.class, node::start))
                .hasMessage(
                        folder.resolve("torsion.yaml")
                                + ":5: component x did not start:"
                                + " java.lang.IllegalStateException: on purpose");
    }

    @Test
    void saysWhyAGatewayDidNotOpen() throws IOException {
        prepare(
                """
                nats: off
                link: off
                gateways:
                  - name: x
                    class: dev.torsion.node.NodeTest$ClosedGateway
                    listen: tcp:0
                """);

        assertThat(catchThrowableOfType(CommandFailedException.class, node::start))
                .hasMessage(
                        folder.resolve("torsion.yaml")
                                + ":5: gateway x did not start:"
                                + " java.lang.IllegalStateException: on purpose");
    }

    @Test
    void answersTheCommandLine() throws Exception {
        Ready ready = start("nats: tcp:0\nlink: off\n" + LISTENER);

        TestConsole console = new TestConsole();
        assertThat(console.run("request", "heard.x", "well?", "--node", nats(ready))).isZero();
        assertThat(console.out()).containsExactly("yes");

        TestConsole unheard = new TestConsole();
        assertThat(unheard.run("request", "nobody", "well?", "--node", nats(ready))).isEqualTo(1);
        assertThat(unheard.err()).containsExactly("torsion: nobody listens on nobody");
    }

    @Test
    void saysThatNoAnswerCame() throws Exception {
        gate = new CountDownLatch(1);
        Ready ready = start("nats: tcp:0\nlink: off\n" + LISTENER);

        TestConsole console = new TestConsole();
        assertThat(
                        console.run(
                                "request",
                                "heard.x",
                                "?",
                                "--timeout",
                                "50ms",
                                "--node",
                                nats(ready)))
                .isEqualTo(1);
        assertThat(console.err()).containsExactly("torsion: no answer on heard.x within 50ms");
    }

    @Test
    void printsEventsForPeopleAndPrograms() throws Exception {
        Ready ready = start("nats: tcp:0\nlink: off\n");
        TestConsole people = new TestConsole();
        TestConsole programs = new TestConsole();
        CompletableFuture<Integer> first = subscribe(people, ready);
        CompletableFuture<Integer> second = subscribe(programs, ready, "--json");

        assertThat(cli("publish", "hall.light", "grün\n\u001b[2J", ready)).isZero();
        byte[] binary = {(byte) 0xff, 0};
        assertThat(
                        new TestConsole()
                                .withInput(binary)
                                .run("publish", "hall.photo", "-", "--node", nats(ready)))
                .isZero();

        assertThat(first.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(people.out())
                .containsExactly("hall.light  grün\\n\\u001b[2J", "hall.photo  <2 bytes: ff 00>");
        assertThat(second.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(programs.nextOut())
                .startsWith("{\"specversion\":\"1.0\",\"id\":\"a-")
                .contains("\"type\":\"dev.torsion.event\"", "\"topic\":\"hall.light\"")
                .endsWith("\"data\":\"grün\\n\\u001B[2J\"}");
        assertThat(programs.nextOut()).endsWith("\"data_base64\":\"/wA=\"}");
    }

    @Test
    void tellsASubscriberThatItIsGone() throws Exception {
        Ready ready = start("nats: tcp:0\nlink: off\n");
        TestConsole console = new TestConsole();
        CompletableFuture<Integer> subscriber = subscribe(console, ready);

        node.stop();

        assertThat(subscriber.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(console.err())
                .containsExactly("torsion: lost the connection to the node at " + nats(ready));
    }

    @Test
    void takesNoMoreDataThanTheNodeDoes() throws Exception {
        Ready ready = start("nats: tcp:0\nlink: off\n");
        TestConsole console = new TestConsole().withInput(new byte[(1 << 20) + 1]);

        assertThat(console.run("publish", "x", "-", "--node", nats(ready))).isEqualTo(1);
        assertThat(console.err())
                .containsExactly("torsion: an event's data is at most 1048576 bytes at this node");
    }

    private static final String LINES =
            """
            gateways:
              - name: lines
                listen: tcp:0
                class: dev.torsion.gateways.lines.LinesGateway
                settings: {topic: heard.lines}
            """;

    private static final String LISTENER =
            """
            components:
              - name: listener
                class: dev.torsion.node.NodeTest$Listener
                blocking: true
            """;

    private void prepare(String configuration) throws IOException {
        Path file = Files.writeString(folder.resolve("torsion.yaml"), configuration);
        node = new Node(ConfigurationReader.read(file, Flags.NONE));
    }

    private Ready start(String configuration) throws Exception {
        prepare(configuration);
        return node.start();
    }

    private static String nats(Ready ready) {
        return ready.port("nats").toString();
    }

    private static int cli(String command, String topic, String data, Ready ready) {
        return new TestConsole().run(command, topic, data, "--node", nats(ready));
    }

    /// A subscriber of two events that is known to listen.
    private static CompletableFuture<Integer> subscribe(
            TestConsole console, Ready ready, String... more) throws InterruptedException {
        String[] usual = {"subscribe", "hall.>", "--count", "2", "--node", nats(ready)};
        String[] all = Stream.of(usual, more).flatMap(Stream::of).toArray(String[]::new);
        CompletableFuture<Integer> code =
                CompletableFuture.supplyAsync(
                        () -> console.run(all), task -> Thread.ofVirtual().start(task));
        assertThat(console.nextErr()).isEqualTo("listening on hall.> at " + nats(ready));
        return code;
    }

    private static Socket connect(Address address) throws IOException {
        Address.Inet inet = (Address.Inet) address;
        return new Socket(inet.host(), inet.port());
    }
}
