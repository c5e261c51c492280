package dev.torsion.examples;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;

/// Sensors for those who have none: `sensor-1` and so on measure a temperature that wanders about
/// 20, and once in a while something is on fire.
///
/// Settings: `sensors`, how many (3); `per-second`, how many readings each takes in a second (1).
public final class SensorFeed implements Component {
    private static final int START = 200; // tenths of a degree
    private static final int ODDS_OF_FIRE = 60;

    @Override
    public void start(ComponentContext context) {
        int sensors = (int) context.settings().integer("sensors", 3, 1, 1000);
        long perSecond = context.settings().integer("per-second", 1, 1, 1000);
        new Feed(context, sensors, Duration.ofSeconds(1).dividedBy(perSecond)).measure();
    }

    private static final class Feed {
        private final ComponentContext context;
        private final Summary summary;
        private final int[] tenths;
        private final Duration pause;

        Feed(ComponentContext context, int sensors, Duration pause) {
            this.context = context;
            this.summary = new Summary(context, "readings");
            this.tenths = new int[sensors];
            this.pause = pause;
            Arrays.fill(tenths, START);
        }

        void measure() {
            for (int sensor = 0; sensor < tenths.length; sensor++) {
                Reading reading = new Reading("sensor-" + (sensor + 1), next(sensor));
                context.publish(reading.draft());
                summary.add(reading.sensor(), reading.value().toPlainString());
            }
            context.callLater(pause, this::measure);
        }

        private BigDecimal next(int sensor) {
            int homeward = (START - tenths[sensor]) / 10;
            tenths[sensor] += homeward + context.random().nextInt(-5, 6);
            boolean fire = context.random().nextInt(ODDS_OF_FIRE) == 0;
            return BigDecimal.valueOf(fire ? tenths[sensor] + 700 : tenths[sensor], 1);
        }
    }
}
