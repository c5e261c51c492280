package dev.torsion.examples;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import java.math.BigDecimal;

/// Raises an alarm on `alarms.SENSOR` for each reading above a threshold.
///
/// Settings: `above`, the threshold (80).
public final class Alarms implements Component {

    @Override
    public void start(ComponentContext context) {
        BigDecimal above =
                BigDecimal.valueOf(context.settings().decimal("above", 80)).stripTrailingZeros();
        Summary summary = new Summary(context, "ALARM");
        Reading.subscribe(
                context,
                reading -> {
                    if (reading.value().compareTo(above) > 0) {
                        String what =
                                reading.value().toPlainString()
                                        + " is above "
                                        + above.toPlainString();
                        context.publish(reading.about("alarms", what));
                        summary.add(reading.sensor(), what);
                    }
                });
    }
}
