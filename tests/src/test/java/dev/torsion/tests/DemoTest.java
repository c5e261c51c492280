package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Subscription;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The demo, as a person sees it. What waits for a link, which takes its time to come up, tries
/// again until it does.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DemoTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int ATTEMPTS = 60;

    private final List<DemoProcess> processes = new ArrayList<>();

    @AfterEach
    void endAll() {
        processes.forEach(DemoProcess::close);
    }

    @Test
    void goesOnWithoutWorkAndIsWholeAgainWhenWorkIsBack() throws Exception {
        DemoProcess demo = start(ROOT, "demo", "--any-ports", "--no-feed");
        var ready = demo.await("ready name=edge nats=(\\S+) .*sensors=127.0.0.1:(\\d+)");
        String workPid = demo.await("^  work +pid (\\d+)").group(1);
        demo.await("Ctrl-C ends it all");

        Connection user = Nats.connect("nats://" + ready.group(1));
        try (Sensor sensor = new Sensor(Integer.parseInt(ready.group(2)))) {
            sensor.raiseAlarm();
            Subscription averages = user.subscribe("averages.sensor-7");
            sensor.readUntilAveraged(averages);

            DemoProcess.handle(workPid).destroyForcibly();
            String command = demo.await("Start it again.*: +\\./torsion (.*)").group(1);
            sensor.raiseAlarm();

            DemoProcess again = start(ROOT, command.split(" "));
            again.await("^ready name=work ");
            Subscription averagesAgain = user.subscribe("averages.sensor-7");
            sensor.readUntilAveraged(averagesAgain);
            sensor.raiseAlarm();
        } finally {
            user.close();
        }
    }

    @Test
    void endsItsNodesAndSucceedsOnCtrlC() throws Exception {
        DemoProcess demo = start(ROOT, "demo", "--any-ports");
        List<ProcessHandle> nodes = nodes(demo);

        demo.terminate();

        assertThat(demo.exitCode()).isZero();
        assertThat(nodes).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void itsNodesDoNotOutliveItEvenIfItIsKilled() throws Exception {
        DemoProcess demo = start(ROOT, "demo", "--any-ports");
        List<ProcessHandle> nodes = nodes(demo);

        demo.kill();

        for (ProcessHandle node : nodes) {
            node.onExit().get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void saysWhyANodeDoesNotStartAndEndsTheOthers(@TempDir Path home) throws Exception {
        Path files = Files.createDirectories(home.resolve("examples/demo"));
        for (String name : List.of("edge", "work", "watch")) {
            Files.copy(
                    ROOT.resolve("examples/demo/" + name + ".yaml"), files.resolve(name + ".yaml"));
        }
        Files.writeString(files.resolve("watch.yaml"), "name: watch\ncolour: red\n");

        DemoProcess demo = start(home, "demo", "--any-ports");

        demo.await("^torsion: watch did not start: .*watch.yaml:2: unknown key \"colour\"");
        assertThat(demo.exitCode()).isEqualTo(1);
    }

    private DemoProcess start(Path home, String... arguments) throws IOException {
        DemoProcess process = DemoProcess.start(home, List.of(arguments));
        processes.add(process);
        return process;
    }

    private static List<ProcessHandle> nodes(DemoProcess demo) throws Exception {
        List<ProcessHandle> nodes = new ArrayList<>();
        for (String name : List.of("edge", "work", "watch")) {
            nodes.add(DemoProcess.handle(demo.await("^  " + name + " +pid (\\d+)").group(1)));
        }
        return nodes;
    }

    /// Somebody with a plain TCP connection.
    private static final class Sensor implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader answers;
        private int lastValue = 80;

        Sensor(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(1000);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        private void type(String line) throws IOException {
            socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
        }

        /// Types a value that was not typed before until its alarm is back.
        void raiseAlarm() throws IOException {
            for (int i = 0; i < ATTEMPTS; i++) {
                int value = ++lastValue;
                type("sensor-7 " + value);
                try {
                    String expected = "ALARM sensor-7 " + value + " is above 80";
                    String answer = answers.readLine();
                    while (!expected.equals(answer)) {
                        assertThat(answer).startsWith("ALARM sensor-7 ");
                        answer = answers.readLine();
                    }
                    return;
                } catch (SocketTimeoutException _) {
                    // Not linked yet.
                }
            }
            fail("no alarm");
        }

        void readUntilAveraged(Subscription averages) throws Exception {
            for (int i = 0; i < ATTEMPTS; i++) {
                type("sensor-7 20");
                Message average = averages.nextMessage(Duration.ofSeconds(1));
                if (average != null) {
                    assertThat(new String(average.getData(), UTF_8)).matches("[0-9.]+");
                    return;
                }
            }
            fail("no average");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
