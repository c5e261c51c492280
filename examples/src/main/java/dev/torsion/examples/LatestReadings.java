package dev.torsion.examples;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The latest readings of the sensors heard of most recently: so many of each, of so many sensors.
final class LatestReadings {
    private static final Logger log = LoggerFactory.getLogger(LatestReadings.class);

    private final int perSensor;
    private final int maxSensors;
    // Ordered by last use: the first has been silent for longest.
    private final SequencedMap<String, Window> windows = new LinkedHashMap<>(16, 0.75f, true);
    private long forgotten;

    LatestReadings(int perSensor, int maxSensors) {
        this.perSensor = perSensor;
        this.maxSensors = maxSensors;
    }

    /// Adds a reading.
    ///
    /// @return the average of its sensor's latest, itself included, to two decimal places at most
    BigDecimal add(Reading reading) {
        Window window = windows.computeIfAbsent(reading.sensor(), _ -> new Window());
        if (windows.size() > maxSensors) {
            forget(windows.firstEntry().getKey());
        }
        return window.add(reading.value());
    }

    /// The average of a sensor's latest, if there are any. To be asked after keeps it remembered.
    Optional<BigDecimal> average(String sensor) {
        return Optional.ofNullable(windows.get(sensor)).map(Window::average);
    }

    private void forget(String sensor) {
        windows.remove(sensor);
        if (forgotten++ == 0) {
            log.warn("more than {} sensors: {} is the first to be forgotten", maxSensors, sensor);
        }
    }

    /// How many times a sensor was forgotten.
    long forgotten() {
        return forgotten;
    }

    private final class Window {
        private final Queue<BigDecimal> values = new ArrayDeque<>();
        private BigDecimal sum = BigDecimal.ZERO;

        BigDecimal add(BigDecimal value) {
            values.add(value);
            sum = sum.add(value);
            if (values.size() > perSensor) {
                sum = sum.subtract(values.remove());
            }
            return average();
        }

        BigDecimal average() {
            BigDecimal count = BigDecimal.valueOf(values.size());
            return sum.divide(count, 2, RoundingMode.HALF_UP).stripTrailingZeros();
        }
    }
}
