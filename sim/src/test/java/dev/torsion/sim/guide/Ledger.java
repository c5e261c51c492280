package dev.torsion.sim.guide;

import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;

/// Knows which orders are placed and not paid, whichever it hears of first.
final class Ledger implements OpenOrders {
    private static final int EARLY_KEPT = 10_000;

    private final Set<String> open = new LinkedHashSet<>();
    private final SequencedSet<String> paidEarly = new LinkedHashSet<>();

    @Override
    public void start(ComponentContext context) {
        context.subscribe(
                new TopicPattern("orders.placed"),
                order -> placed(order.text()),
                SubscribeOptions.defaults());
        context.subscribe(
                new TopicPattern("orders.paid"),
                order -> paid(order.text()),
                SubscribeOptions.defaults());
    }

    private void placed(String order) {
        if (!paidEarly.remove(order)) {
            open.add(order);
        }
    }

    private void paid(String order) {
        if (!open.remove(order)) {
            if (paidEarly.size() == EARLY_KEPT) {
                paidEarly.removeFirst();
            }
            paidEarly.add(order);
        }
    }

    @Override
    public Set<String> open() {
        return open;
    }
}
