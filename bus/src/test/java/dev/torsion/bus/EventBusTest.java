package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventBusTest extends BusTest {

    @Test
    void givesAnEventToEachSubscriptionThatMatches() {
        Journal literal = new Journal();
        Journal star = new Journal();
        Journal rest = new Journal();
        Journal other = new Journal();
        subscribe("orders.eu.placed", literal);
        subscribe("orders.*.placed", star);
        subscribe("orders.>", rest);
        subscribe("orders.us.placed", other);

        publish("orders.eu.placed", "1");
        publish("orders.eu.paid", "2");
        reactor.runUntilIdle();

        assertThat(literal.entries).containsExactly("1");
        assertThat(star.entries).containsExactly("1");
        assertThat(rest.entries).containsExactly("1", "2");
        assertThat(other.entries).isEmpty();
    }

    @Test
    void keepsTheOrderOfOnePublisher() {
        Journal journal = new Journal();
        subscribe("a.*", journal);
        List<String> published = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            publish("a." + i % 7, Integer.toString(i));
            published.add(Integer.toString(i));
        }
        reactor.runUntilIdle();

        assertThat(journal.entries).isEqualTo(published);
    }

    @Test
    void neverCallsAHandlerInsideAPublish() {
        Journal journal = new Journal();
        subscribe("a", journal);
        publish("a", "1");

        assertThat(journal.entries).isEmpty();
        assertThat(bus.stats().waiting()).isEqualTo(1);
    }

    @Test
    void forgetsWhatItKnewOfATopicWhenSomebodyComesOrGoes() {
        Journal first = new Journal();
        Journal second = new Journal();
        Subscription leaving = subscribe("a.b", first);
        publish("a.b", "1");
        subscribe("a.*", second);
        publish("a.b", "2");
        reactor.runUntilIdle();
        leaving.close();
        publish("a.b", "3");
        reactor.runUntilIdle();

        assertThat(first.entries).containsExactly("1", "2");
        assertThat(second.entries).containsExactly("2", "3");
    }

    @Test
    void countsWhatNobodyHeard() {
        publish("a", "1");
        Subscription subscription = subscribe("a", new Journal());
        publish("a", "2");
        subscription.close();
        publish("a", "3");

        BusStats books = bus.stats();
        assertThat(books.published()).isEqualTo(3);
        assertThat(books.unheard()).isEqualTo(2);
        assertThat(books.offered()).isEqualTo(1);
        assertThat(books.dropped()).containsOnlyKeys(DropReason.CLOSED);
    }

    @Test
    void goesOnAfterAHandlerThrewEvenAnError() {
        Journal journal = new Journal();
        subscribe(
                "a",
                event -> {
                    journal.handle(event);
                    if (event.text().equals("1")) {
                        throw new StackOverflowError("as it were");
                    }
                    throw new Exception("as it were");
                });
        publish("a", "1");
        publish("a", "2");
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("1", "2");
        assertThat(bus.stats().failed()).isEqualTo(2);
        assertThat(bus.stats().delivered()).isEqualTo(2);
    }

    @Test
    void allowsABoundedNumberOfSubscriptions() {
        EventBus small = newBus(BusOptions.of("edge", 1).withMaxSubscriptions(1));
        TopicPattern pattern = new TopicPattern("a");
        Subscription only = small.subscribe(pattern, new Journal(), SubscribeOptions.defaults());

        assertThatThrownBy(() -> small.subscribe(pattern, _ -> {}, SubscribeOptions.defaults()))
                .isInstanceOf(LimitReachedException.class)
                .hasMessageContaining("1 subscriptions");

        only.close();
        small.subscribe(pattern, new Journal(), SubscribeOptions.defaults());
    }

    @Test
    void endsEverySubscriptionWhenItCloses() {
        Journal journal = new Journal();
        subscribe("a", journal);
        Subscription draining = subscribe("a", journal);
        publish("a", "1");
        var drained = draining.drain().toCompletableFuture();
        bus.close();
        bus.close();
        publish("a", "2");
        reactor.runUntilIdle();

        assertThat(journal.entries).isEmpty();
        assertThat(drained).isCompleted();
        assertThat(bus.stats().dropped()).containsEntry(DropReason.CLOSED, 2L);
        assertThatThrownBy(() -> subscribe("a", journal))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the bus of node edge is closed");
    }

    @Test
    void routesByMoreTopicsThanItKeepsInMind() {
        Journal journal = new Journal();
        subscribe("a.0", journal);
        for (int i = 0; i < 70_000; i++) {
            publish("a." + i, "x");
        }
        publish("a.0", "y");
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("x", "y");
    }
}
