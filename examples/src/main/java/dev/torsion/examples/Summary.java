package dev.torsion.examples;

import dev.torsion.bus.ComponentContext;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells a person, on the log, what a component does, however much it does: at once after a time of
/// quiet, then one line every five seconds with the latest of each sensor.
final class Summary {
    private static final Logger log = LoggerFactory.getLogger(Summary.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int MAX_SENSORS = 6;

    private final ComponentContext context;
    private final String what;
    private final Map<String, String> latest = new TreeMap<>();
    private long leftOut;
    private boolean waiting;

    Summary(ComponentContext context, String what) {
        this.context = context;
        this.what = what;
    }

    void add(String sensor, String value) {
        if (latest.size() < MAX_SENSORS || latest.containsKey(sensor)) {
            latest.put(sensor, value);
        } else {
            leftOut++;
        }
        if (!waiting) {
            tell();
        }
    }

    private void tell() {
        waiting = !latest.isEmpty();
        if (waiting) {
            log.info("{}  {}", what, line());
            latest.clear();
            leftOut = 0;
            context.callLater(INTERVAL, this::tell);
        }
    }

    private String line() {
        String line =
                latest.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
        return leftOut == 0 ? line : line + " and " + leftOut + " more";
    }
}
