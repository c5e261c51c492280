package dev.torsion.sim.guide;

import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.util.LinkedHashSet;
import java.util.Set;

/// Knows which orders are placed and not paid. It has a bug.
final class HastyLedger implements OpenOrders {
    private final Set<String> open = new LinkedHashSet<>();

    @Override
    public void start(ComponentContext context) {
        context.subscribe(
                new TopicPattern("orders.placed"),
                order -> open.add(order.text()),
                SubscribeOptions.defaults());
        context.subscribe(
                new TopicPattern("orders.paid"),
                order -> open.remove(order.text()),
                SubscribeOptions.defaults());
    }

    @Override
    public Set<String> open() {
        return open;
    }
}
