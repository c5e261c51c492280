package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import org.junit.jupiter.api.AfterEach;

/// A bus on a reactor moved by hand, whose books have to balance when the test is over.
abstract class BusTest {
    final ManualReactor reactor = new ManualReactor();
    final EventBus bus = newBus(BusOptions.of("edge", 1));

    final EventBus newBus(BusOptions options) {
        return new EventBus(options, ReactorGroup.of(reactor));
    }

    final Subscription subscribe(String pattern, EventHandler handler) {
        return subscribe(pattern, handler, SubscribeOptions.defaults());
    }

    final Subscription subscribe(String pattern, EventHandler handler, SubscribeOptions how) {
        return bus.subscribe(new TopicPattern(pattern), handler, how);
    }

    final Event publish(String topic, String text) {
        return bus.publish(Draft.to(topic).withText(text));
    }

    static SubscribeOptions inGroup(String group) {
        return SubscribeOptions.defaults().withGroup(group);
    }

    @AfterEach
    final void theBooksBalance() {
        assertBalanced(bus.stats());
        assertThat(reactor.failures()).isEmpty();
    }

    static void assertBalanced(BusStats books) {
        assertThat(books.delivered() + books.droppedTotal() + books.waiting())
                .as("delivered, dropped and waiting, of %s", books)
                .isEqualTo(books.offered());
    }
}
