package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SubscriptionTest extends BusTest {
    private final Journal journal = new Journal();

    @Test
    void dropsTheOldestAndTellsTheGapBeforeWhatFollows() {
        Subscription subscription = subscribe(2, Overflow.DROP_OLDEST);
        publish(1, 5);
        reactor.runUntilIdle();
        publish(6, 6);
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("-3", "4", "5", "6");
        assertThat(subscription.delivered()).isEqualTo(3);
        assertThat(subscription.dropped()).isEqualTo(3);
        assertThat(bus.stats().dropped()).containsEntry(DropReason.QUEUE_FULL, 3L);
    }

    @Test
    void dropsTheNewestAndTellsTheGapWhereItIs() {
        subscribe(2, Overflow.DROP_NEWEST);
        publish(1, 5);
        reactor.runUntilIdle();
        publish(6, 6);
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("1", "2", "-3", "6");
    }

    @Test
    void keepsGapsApartThatHaveEventsBetweenThem() {
        List<String> told = new ArrayList<>();
        bus.subscribe(
                new TopicPattern("a"),
                new EventHandler() {
                    @Override
                    public void handle(Event event) {
                        told.add(event.text());
                        if (event.text().equals("1")) {
                            SubscriptionTest.this.publish(4, 5);
                        }
                    }

                    @Override
                    public void missed(Gap gap) {
                        told.add("-" + gap.count());
                    }
                },
                options(2, Overflow.DROP_NEWEST));
        publish(1, 3);
        reactor.runUntilIdle();

        assertThat(told).containsExactly("1", "2", "-1", "4", "-1");
    }

    @Test
    void closesAtAnOverflowAfterItWasTold() {
        Subscription subscription = subscribe(2, Overflow.CLOSE);
        publish(1, 4);
        reactor.runUntilIdle();
        publish(5, 5);
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("-3");
        assertThat(subscription.dropped()).isEqualTo(3);
        assertThat(subscription.drain().toCompletableFuture()).isCompleted();
        assertThat(bus.stats().offered()).isEqualTo(3);
        assertThat(bus.stats().unheard()).isEqualTo(2);
    }

    @Test
    void keepsToItsCapacityWhileTheHandlerIsBusy() {
        Subscription subscription = subscribe(3, Overflow.DROP_OLDEST);
        publish(1, 3);

        assertThat(bus.stats().waiting()).isEqualTo(3);
        assertThat(subscription.dropped()).isZero();
    }

    @Test
    void handsOverWhatWaitsWhenItDrains() {
        Subscription subscription = subscribe(1000, Overflow.DROP_OLDEST);
        publish(1, 200);
        CompletableFuture<Void> drained = subscription.drain().toCompletableFuture();
        publish(201, 201);

        assertThat(drained).isNotDone();
        assertThat(bus.stats().waiting()).isEqualTo(200);
        reactor.runUntilIdle();
        assertThat(drained).isCompleted();
        assertThat(journal.entries).hasSize(200).endsWith("200");
        assertThat(subscription.drain().toCompletableFuture()).isCompleted();
    }

    @Test
    void drainsThoughNothingWaits() {
        CompletableFuture<Void> drained =
                subscribe(1, Overflow.DROP_OLDEST).drain().toCompletableFuture();
        assertThat(drained).isNotDone();
        reactor.runUntilIdle();

        assertThat(drained).isCompleted();
    }

    @Test
    void callsBackOnItsLaneWhenItIsDrainedWhoeverAsks() {
        Subscription subscription =
                bus.subscribe(
                        new TopicPattern("a"),
                        journal,
                        SubscribeOptions.defaults().withLane(reactor::callFromThread));
        publish(1, 1);
        subscription.drain().thenRun(() -> journal.entries.add("on the lane " + reactor.inLoop()));
        assertThat(journal.entries).isEmpty();
        reactor.runUntilIdle();
        subscription.drain().thenRun(() -> journal.entries.add("again"));
        assertThat(journal.entries).containsExactly("1", "on the lane true");
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("1", "on the lane true", "again");
    }

    @Test
    void drainsOnWhenAWaitForItIsCancelled() {
        Subscription subscription = subscribe(10, Overflow.DROP_OLDEST);
        publish(1, 2);
        CompletableFuture<Void> drained = subscription.drain().toCompletableFuture();
        subscription.drain().toCompletableFuture().cancel(false);
        reactor.runUntilIdle();

        assertThat(drained).isCompleted();
        assertThat(journal.entries).containsExactly("1", "2");
    }

    @Test
    void drainsTwiceAsOnce() {
        Subscription subscription = subscribe(10, Overflow.DROP_OLDEST);
        publish(1, 2);
        CompletableFuture<Void> first = subscription.drain().toCompletableFuture();
        CompletableFuture<Void> second = subscription.drain().toCompletableFuture();
        reactor.runUntilIdle();

        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(journal.entries).containsExactly("1", "2");
    }

    @Test
    void drainsFromItsOwnHandler() {
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        List<Subscription> self = new ArrayList<>();
        self.add(
                subscribe(
                        "a",
                        event -> {
                            journal.handle(event);
                            drained.add(self.getFirst().drain().toCompletableFuture());
                        }));
        publish(1, 3);
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("1", "2", "3");
        assertThat(drained).hasSize(3).allMatch(CompletableFuture::isDone);
    }

    @Test
    void isNotCalledAgainAfterItClosedInItsHandler() {
        List<Subscription> self = new ArrayList<>();
        self.add(
                subscribe(
                        "a",
                        event -> {
                            journal.handle(event);
                            self.getFirst().close();
                        }));
        publish(1, 3);
        reactor.runUntilIdle();

        assertThat(journal.entries).containsExactly("1");
        assertThat(self.getFirst().delivered()).isEqualTo(1);
        assertThat(self.getFirst().dropped()).isEqualTo(2);
    }

    @Test
    void dropsWhatWaitsWhenItCloses() {
        Subscription subscription = subscribe(2, Overflow.DROP_OLDEST);
        publish(1, 3);
        CompletableFuture<Void> drained = subscription.drain().toCompletableFuture();
        subscription.close();
        subscription.close();
        reactor.runUntilIdle();

        assertThat(journal.entries).isEmpty();
        assertThat(drained).isCompleted();
        assertThat(bus.stats().dropped())
                .containsExactly(
                        Map.entry(DropReason.QUEUE_FULL, 1L), Map.entry(DropReason.CLOSED, 2L));
        assertThat(bus.stats().waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Overflow.class)
    void goesOnAfterTheHandlerThrewAtAGap(Overflow overflow) {
        bus.subscribe(
                new TopicPattern("a"),
                new EventHandler() {
                    @Override
                    public void handle(Event event) {
                        journal.handle(event);
                    }

                    @Override
                    public void missed(Gap gap) {
                        throw new IllegalStateException("as it were");
                    }
                },
                options(1, overflow));
        publish(1, 2);
        reactor.runUntilIdle();
        publish(3, 3);
        reactor.runUntilIdle();

        assertThat(journal.entries)
                .isEqualTo(
                        switch (overflow) {
                            case DROP_OLDEST -> List.of("2", "3");
                            case DROP_NEWEST -> List.of("1", "3");
                            case CLOSE -> List.of();
                        });
        assertThat(bus.stats().failed()).isEqualTo(1);
    }

    @Test
    void letsOthersOnItsLaneHaveATurn() {
        subscribe(1000, Overflow.DROP_OLDEST);
        publish(1, 1000);
        List<Integer> seen = new ArrayList<>();
        reactor.callFromThread(() -> seen.add(journal.entries.size()));
        reactor.runUntilIdle();

        assertThat(seen.getFirst()).isLessThan(1000);
        assertThat(journal.entries).hasSize(1000);
    }

    @Test
    void hasBounds() {
        assertThatThrownBy(() -> SubscribeOptions.defaults().withCapacity(0))
                .hasMessageContaining("1 to 1048576, not 0");
        assertThatThrownBy(() -> SubscribeOptions.defaults().withCapacity(1048577))
                .hasMessageContaining("not 1048577");
        assertThatThrownBy(() -> inGroup("a b")).hasMessageContaining("group name");
        assertThatThrownBy(() -> inGroup("g".repeat(129))).hasMessageContaining("128");
    }

    private Subscription subscribe(int capacity, Overflow overflow) {
        return subscribe("a", journal, options(capacity, overflow));
    }

    private static SubscribeOptions options(int capacity, Overflow overflow) {
        return SubscribeOptions.defaults().withCapacity(capacity).withOverflow(overflow);
    }

    private void publish(int from, int to) {
        for (int i = from; i <= to; i++) {
            publish("a", Integer.toString(i));
        }
    }
}
