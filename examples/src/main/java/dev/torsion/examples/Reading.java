package dev.torsion.examples;

import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.math.BigDecimal;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a sensor measured: `sensor-7 21.5` as a line, `21.5` on the topic `readings.sensor-7` as an
/// event.
record Reading(String sensor, BigDecimal value) {
    private static final Logger log = LoggerFactory.getLogger(Reading.class);
    private static final TopicPattern ALL = new TopicPattern("readings.*");
    private static final String NUMBER = "[+-]?[0-9]{1,9}(?:\\.[0-9]{1,9})?";
    private static final Pattern LINE =
            Pattern.compile("([A-Za-z0-9_-]{1,64})\\s+(" + NUMBER + ")");

    /// Reads a line; null if it is not a reading.
    static @Nullable Reading parse(String line) {
        Matcher fields = LINE.matcher(line.strip());
        return fields.matches()
                ? new Reading(fields.group(1), new BigDecimal(fields.group(2)))
                : null;
    }

    /// Calls `action` with every reading of the cluster, on the component's lane. Anybody may
    /// publish on a topic: what is not a reading is logged and left out.
    static void subscribe(ComponentContext context, Consumer<Reading> action) {
        context.subscribe(
                ALL,
                event -> {
                    Reading reading = of(event);
                    if (reading == null) {
                        log.warn("{} on {}: expected a number", event.id(), event.topic());
                    } else {
                        action.accept(reading);
                    }
                },
                SubscribeOptions.defaults());
    }

    private static @Nullable Reading of(Event event) {
        String text = event.text().strip();
        return text.matches(NUMBER)
                ? new Reading(event.topic().tokens().getLast(), new BigDecimal(text))
                : null;
    }

    Draft draft() {
        return about("readings", value.toPlainString());
    }

    /// An event about this reading's sensor: `alarms.sensor-7`, say.
    Draft about(String what, String text) {
        return Draft.to(what + "." + sensor).withText(text).withAttribute("subject", sensor);
    }
}
