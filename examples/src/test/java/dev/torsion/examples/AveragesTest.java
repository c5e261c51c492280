package dev.torsion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Event;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AveragesTest {
    private final TestNode node = new TestNode();
    private final List<Event> averages = node.watch("averages.>");

    @Test
    void averagesTheLatestReadingsOfEachSensorOnItsOwn() {
        node.start(new Averages(), Map.of("last", "2"));

        node.publish("readings.hall", "10");
        node.publish("readings.roof", "-5");
        node.publish("readings.hall", "20");
        node.publish("readings.hall", "20.01");

        assertThat(TestNode.texts(averages))
                .containsExactly(
                        "averages.hall 10",
                        "averages.roof -5",
                        "averages.hall 15",
                        "averages.hall 20.01");
    }

    @Test
    void saysWhatASensorsAverageIsToWhoAsks() {
        node.start(new Averages(), Map.of());
        node.publish("readings.hall", "10");
        node.publish("readings.hall", "15");

        assertThat(node.ask("ask.average", "hall")).isEqualTo("12.5");
        assertThat(node.ask("ask.average", "roof")).isEqualTo("no readings of roof yet");
    }

    @Test
    void namesTheReadingAsTheCause() {
        node.start(new Averages(), Map.of());

        Event reading = node.publish("readings.hall", "10");

        assertThat(averages.getFirst().cause()).isEqualTo(reading.id());
        assertThat(averages.getFirst().attributes()).containsEntry("subject", "hall");
    }

    @Test
    void forgetsTheSensorThatWasSilentForLongest() {
        LatestReadings readings = new LatestReadings(10, 2);
        for (String sensor : List.of("a", "b", "a", "c")) {
            readings.add(new Reading(sensor, BigDecimal.ONE));
        }

        assertThat(readings.forgotten()).isEqualTo(1);
        assertThat(readings.add(new Reading("a", new BigDecimal("4")))).isEqualByComparingTo("2");
        assertThat(readings.add(new Reading("b", new BigDecimal("4")))).isEqualByComparingTo("4");
        assertThat(readings.forgotten()).isEqualTo(2);
    }
}
