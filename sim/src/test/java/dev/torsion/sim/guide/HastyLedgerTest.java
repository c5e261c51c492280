package dev.torsion.sim.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentHost;
import dev.torsion.bus.Draft;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class HastyLedgerTest {
    private final ManualReactor reactor = new ManualReactor();
    private final EventBus bus = new EventBus(BusOptions.of("office", 1), ReactorGroup.of(reactor));
    private final HastyLedger ledger = new HastyLedger();

    @Test
    void closesWhatIsPaid() {
        start("ledger", ledger);
        bus.publish(Draft.to("orders.placed").withText("order 1"));
        bus.publish(Draft.to("orders.placed").withText("order 2"));
        bus.publish(Draft.to("orders.paid").withText("order 1"));
        reactor.runUntilIdle();

        assertThat(ledger.open()).containsExactly("order 2");
    }

    @Test
    void leavesNothingOpenWhereABankPays() {
        start("ledger", ledger);
        start("bank", new Bank());
        for (int i = 1; i <= 1000; i++) {
            bus.publish(Draft.to("orders.placed").withText("order " + i));
            reactor.advance(Duration.ofMillis(200));
        }
        reactor.advance(Duration.ofSeconds(2));

        assertThat(ledger.open()).isEmpty();
    }

    private void start(String name, Component component) {
        ComponentHost.start(name, component, bus, reactor, Settings.of(Map.of()), false);
        reactor.runUntilIdle();
    }
}
