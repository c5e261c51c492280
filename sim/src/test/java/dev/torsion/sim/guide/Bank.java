package dev.torsion.sim.guide;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.time.Duration;

/// Pays every order, a second after it is placed.
final class Bank implements Component {
    private static final Duration THOUGHT = Duration.ofSeconds(1);

    @Override
    public void start(ComponentContext context) {
        context.subscribe(
                new TopicPattern("orders.placed"),
                order -> context.callLater(THOUGHT, () -> pay(context, order)),
                SubscribeOptions.defaults());
    }

    private static void pay(ComponentContext context, Event order) {
        context.publish(Draft.to("orders.paid").withText(order.text()));
    }
}
