package dev.torsion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class SensorGatewayTest {
    private static final String EXPECTED =
            "expected a sensor and a number, such as: sensor-7 21.5\r\n";

    private final TestNode node = new TestNode();
    private final List<Event> readings = node.watch("readings.>");

    @Test
    void publishesALineAsAReading() {
        MemoryTransport sensor = connect(Map.of());

        sensor.receiveOneByOne(Bytes.utf8("sensor-7 21.5\r\n hall\t-3\n"));
        node.reactor.runUntilIdle();

        assertThat(TestNode.texts(readings))
                .containsExactly("readings.sensor-7 21.5", "readings.hall -3");
        assertThat(readings.getFirst().source()).isEqualTo("/test/sensors");
        assertThat(sensor.takeWrittenText()).isEmpty();
    }

    @Test
    void saysWhatItExpectedAndStaysOpen() {
        MemoryTransport sensor = connect(Map.of());

        for (String line : List.of("", "hello", "sensor-7", "a.b 1", "a > 1", "a NaN", "a 1 2")) {
            sensor.receiveOneByOne(Bytes.utf8(line + "\n"));
            assertThat(sensor.takeWrittenText()).as(line).isEqualTo(EXPECTED);
        }
        sensor.receive(Bytes.wrap(new byte[] {(byte) 0xff, 0, (byte) 0x80, '\n'}));
        assertThat(sensor.takeWrittenText()).isEqualTo(EXPECTED);
        sensor.receive(Bytes.utf8("x".repeat(1000)));
        assertThat(sensor.takeWrittenText()).startsWith("expected a line of at most 256 bytes");
        sensor.receive(Bytes.utf8("x\nsensor-7 21.5\n"));
        node.reactor.runUntilIdle();

        assertThat(TestNode.texts(readings)).containsExactly("readings.sensor-7 21.5");
        assertThat(sensor.isClosing()).isFalse();
    }

    @Test
    void writesAnAlarmToTheConnectionWhoseReadingCausedIt() {
        node.start(new Alarms(), Map.of());
        MemoryTransport cold = connect(Map.of());
        MemoryTransport hot = connect(Map.of());

        cold.receive(Bytes.utf8("sensor-7 21.5\n"));
        hot.receive(Bytes.utf8("sensor-7 93.1\n"));
        node.reactor.runUntilIdle();

        assertThat(hot.takeWrittenText()).isEqualTo("ALARM sensor-7 93.1 is above 80\r\n");
        assertThat(cold.takeWrittenText()).isEmpty();
    }

    @Test
    void remembersNoMoreReadingsThanItIsTold() {
        MemoryTransport sensor = connect(Map.of("remember", "2"));
        sensor.receive(Bytes.utf8("a 1\nb 2\nc 3\n"));
        node.reactor.runUntilIdle();

        for (Event reading : readings) {
            node.bus.publish(
                    Draft.to("alarms.x")
                            .withText(reading.text())
                            .withAttribute(Event.CAUSE, reading.id()));
        }
        node.reactor.runUntilIdle();

        assertThat(sensor.takeWrittenText()).isEqualTo("ALARM x 2\r\nALARM x 3\r\n");
    }

    @Test
    void readsNoMoreFromAPeerThatDoesNotReadItsAnswers() {
        MemoryTransport sensor = connect(Map.of());
        sensor.writable(false);

        sensor.receive(Bytes.utf8("hello\nsensor-7 21.5\n"));
        node.reactor.runUntilIdle();
        assertThat(readings).isEmpty();

        sensor.writable(true);
        node.reactor.runUntilIdle();
        assertThat(TestNode.texts(readings)).containsExactly("readings.sensor-7 21.5");
    }

    @Test
    void listensNoMoreWhenTheConnectionIsGone() {
        node.start(new Alarms(), Map.of());
        MemoryTransport sensor = connect(Map.of());
        sensor.receive(Bytes.utf8("sensor-7 93.1\n"));
        sensor.peerReset();
        node.reactor.runUntilIdle();
        long offered = node.bus.stats().offered();

        node.publish("alarms.sensor-7", "to nobody");

        assertThat(node.bus.stats().offered()).isEqualTo(offered);
        assertThat(node.reactor.failures()).isEmpty();
    }

    @Test
    void turnsAConnectionAwayWhenTheNodeHasNoRoomForItsSubscription() {
        EventBus full =
                new EventBus(
                        BusOptions.of("full", 1).withMaxSubscriptions(1),
                        ReactorGroup.of(node.reactor));
        MemoryTransport.connect(node.reactor, protocol(full, Map.of()));

        MemoryTransport second = MemoryTransport.connect(node.reactor, protocol(full, Map.of()));

        assertThat(second.takeWrittenText()).startsWith("try again later: this node allows 1");
        assertThat(second.isClosing()).isTrue();
    }

    private MemoryTransport connect(Map<String, String> settings) {
        return MemoryTransport.connect(node.reactor, protocol(node.bus, settings));
    }

    private static Protocol protocol(EventBus bus, Map<String, String> settings) {
        GatewayContext context = new GatewayContext("sensors", bus, Settings.of(settings));
        return Objects.requireNonNull(
                new SensorGateway().open(context).buildProtocol(Address.of("127.0.0.1", 5000)));
    }
}
