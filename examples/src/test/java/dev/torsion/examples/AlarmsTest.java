package dev.torsion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AlarmsTest {
    private final TestNode node = new TestNode();
    private final List<Event> alarms = node.watch("alarms.>");

    @Test
    void raisesOneAboveTheThresholdAndNoneAtIt() {
        node.start(new Alarms(), Map.of("above", "80"));

        node.publish("readings.sensor-7", "80");
        Event tooMuch = node.publish("readings.sensor-7", "93.1");

        assertThat(TestNode.texts(alarms)).containsExactly("alarms.sensor-7 93.1 is above 80");
        assertThat(alarms.getFirst().cause()).isEqualTo(tooMuch.id());
        assertThat(alarms.getFirst().source()).isEqualTo("/test/part");
    }

    @Test
    void leavesOutWhatIsNotANumberAndGoesOn() {
        node.start(new Alarms(), Map.of("above", "0.5"));

        for (String text : List.of("", "hot", "NaN", "1e9", "1".repeat(100_000))) {
            node.publish("readings.sensor-7", text);
        }
        node.publish("readings.sensor-7", "1");

        assertThat(TestNode.texts(alarms)).containsExactly("alarms.sensor-7 1 is above 0.5");
        assertThat(node.bus.stats().failed()).isZero();
    }
}
