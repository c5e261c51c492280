package dev.torsion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SensorFeedTest {

    @Test
    void readsEverySensorAsOftenAsItIsTold() {
        TestNode node = new TestNode();
        List<Event> readings = node.watch("readings.*");

        node.start(new SensorFeed(), Map.of("sensors", "2", "per-second", "4"));
        node.reactor.advance(Duration.ofSeconds(1));

        assertThat(readings)
                .hasSize(10)
                .allMatch(event -> event.text().matches("[0-9]+\\.[0-9]"))
                .extracting(event -> event.topic().name())
                .startsWith("readings.sensor-1", "readings.sensor-2", "readings.sensor-1");
    }

    @Test
    void setsOffAnAlarmOnceInAWhileAndNotAllTheTime() {
        TestNode node = new TestNode();
        List<Event> alarms = node.watch("alarms.*");

        node.start(new Alarms(), Map.of());
        node.start(new SensorFeed(), Map.of());
        node.reactor.advance(Duration.ofHours(1));

        assertThat(alarms).hasSizeBetween(100, 300);
    }

    @Test
    void isTheSameForTheSameSeed() {
        assertThat(TestNode.texts(anHour())).isEqualTo(TestNode.texts(anHour()));
    }

    private static List<Event> anHour() {
        TestNode node = new TestNode();
        List<Event> readings = node.watch("readings.*");
        node.start(new SensorFeed(), Map.of());
        node.reactor.advance(Duration.ofHours(1));
        return readings;
    }
}
