package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.ComponentHost;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.examples.Alarms;
import dev.torsion.examples.SensorGateway;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.reactor.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A client of Twisted's own at the demo's door.
@Timeout(120)
final class TwistedDoorTest {
    private static final String CLOSED = "connection lost: Connection was closed cleanly.";

    private Path python = Path.of("");
    private final NettyReactorGroup reactors = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
    private final EventBus bus = new EventBus(BusOptions.of("edge", 1), reactors);
    private int port;

    @BeforeEach
    void start() {
        python = Interop.pythonWith("twisted", "on Debian: apt-get install python3-twisted");
        ComponentHost.start("alarms", new Alarms(), bus, reactors.next(), Settings.none(), false)
                .toCompletableFuture()
                .join();
        GatewayContext context = new GatewayContext("sensors", bus, Settings.none());
        port = reactors.listen(Endpoint.tcp(0), new SensorGateway().open(context)).port();
    }

    @AfterEach
    void stop() throws Exception {
        bus.close();
        reactors.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void twistedSendsReadingsAndGetsTheAlarmsTheyCaused() throws Exception {
        assertThat(talk(2, List.of("sensor-7 21.5", "tea, please", "sensor-7 93.1")))
                .containsExactly(
                        "expected a sensor and a number, such as: sensor-7 21.5",
                        "ALARM sensor-7 93.1 is above 80",
                        CLOSED);
    }

    @Test
    void twistedGetsEveryAlarmInOrder() throws Exception {
        List<String> readings =
                IntStream.range(0, 500).mapToObj(i -> "sensor-7 " + (100 + i)).toList();
        List<String> expected = new ArrayList<>();
        readings.forEach(reading -> expected.add("ALARM " + reading + " is above 80"));
        expected.add(CLOSED);

        assertThat(talk(500, readings)).isEqualTo(expected);
    }

    private List<String> talk(int expected, List<String> lines) throws Exception {
        String script =
                Path.of(System.getProperty("basedir", "tests"), "src/test/python/line_client.py")
                        .toString();
        Process client =
                new ProcessBuilder(
                                python.toString(),
                                script,
                                String.valueOf(port),
                                String.valueOf(expected))
                        .redirectErrorStream(true)
                        .start();
        try {
            try (var input = client.getOutputStream()) {
                input.write(String.join("\n", lines).getBytes(UTF_8));
            }
            return client.inputReader(UTF_8).readAllLines();
        } finally {
            client.destroyForcibly();
        }
    }
}
