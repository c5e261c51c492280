package dev.torsion.sim.guide;

import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.sim.Client;
import dev.torsion.sim.Faults;
import dev.torsion.sim.Happening;
import dev.torsion.sim.SimulatedNode;
import dev.torsion.sim.Simulation;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/// A shop, a bank and an office with a ledger, on three nodes.
public final class LedgerScenario {
    private static final Set<Faults.Kind> KINDS =
            Set.of(
                    Faults.Kind.KILL,
                    Faults.Kind.RESTART,
                    Faults.Kind.ONE_WAY,
                    Faults.Kind.SLOW,
                    Faults.Kind.RESET);

    private LedgerScenario() {}

    static void run(Simulation sim, Supplier<? extends OpenOrders> ledger) {
        AtomicReference<OpenOrders> running = new AtomicReference<>();
        SimulatedNode shop = sim.node("shop", _ -> {});
        sim.node("bank", node -> node.component("bank", Bank::new, Map.of()));
        SimulatedNode office =
                sim.node(
                        "office",
                        node ->
                                node.component(
                                                "ledger",
                                                () -> {
                                                    running.set(ledger.get()); // of this life
                                                    return running.get();
                                                },
                                                Map.of())
                                        .watch("orders.*", SubscribeOptions.defaults()));

        Client customer = sim.client("customer", shop);
        AtomicInteger orders = new AtomicInteger();
        customer.every(
                Duration.ofMillis(200),
                () ->
                        customer.publish(
                                Draft.to("orders.placed")
                                        .withText("order " + orders.incrementAndGet())));

        sim.settle(Duration.ofSeconds(30));
        sim.faults(Faults.swarm().withKinds(KINDS));
        sim.runFor(Duration.ofMinutes(1));
        sim.healAndSettle(Duration.ofSeconds(60));
        sim.history().holds();

        Set<String> wrong = new LinkedHashSet<>(running.get().open());
        wrong.retainAll(paid(sim, office));
        sim.claim("what is paid is not open", wrong.isEmpty(), "the ledger has open " + wrong);
    }

    /// What the office was told in its present life.
    private static Set<String> paid(Simulation sim, SimulatedNode office) {
        Set<String> paid = new LinkedHashSet<>();
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Delivered it
                    && it.node().equals(office.name())
                    && it.incarnation() == office.incarnation()
                    && it.event().topic().name().equals("orders.paid")) {
                paid.add(it.event().text());
            }
        }
        return paid;
    }
}
