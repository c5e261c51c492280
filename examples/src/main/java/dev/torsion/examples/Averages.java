package dev.torsion.examples;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.math.BigDecimal;

/// The running average of each sensor's latest readings, on `averages.SENSOR`; and, to who asks for
/// a sensor on `ask.average`, what it is now.
///
/// Settings: `last`, how many readings the average is of (10); `sensors`, how many sensors are
/// remembered (1,000): with more, the one silent for longest is forgotten, and its average begins
/// anew when it speaks again.
public final class Averages implements Component {

    @Override
    public void start(ComponentContext context) {
        int last = (int) context.settings().integer("last", 10, 1, 10_000);
        int sensors = (int) context.settings().integer("sensors", 1000, 1, 100_000);
        LatestReadings readings = new LatestReadings(last, sensors);
        Summary summary = new Summary(context, "averages");
        Reading.subscribe(
                context,
                reading -> {
                    String average = readings.add(reading).toPlainString();
                    context.publish(reading.about("averages", average));
                    summary.add(reading.sensor(), average);
                });
        context.subscribe(
                new TopicPattern("ask.average"),
                question -> context.publish(answer(question, readings)),
                SubscribeOptions.defaults());
    }

    private static Draft answer(Event question, LatestReadings readings) {
        String sensor = question.text();
        String average =
                readings.average(sensor)
                        .map(BigDecimal::toPlainString)
                        .orElse("no readings of " + sensor + " yet");
        return Draft.answering(question).withText(average);
    }
}
