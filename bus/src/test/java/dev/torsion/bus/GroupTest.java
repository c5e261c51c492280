package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GroupTest extends BusTest {
    private final Journal first = new Journal();
    private final Journal second = new Journal();

    @Test
    void sharesTheEventsInTurn() {
        subscribe("a", first, inGroup("g"));
        subscribe("a", second, inGroup("g"));
        publish("a", 1, 4);

        assertThat(first.entries).containsExactly("1", "3");
        assertThat(second.entries).containsExactly("2", "4");
    }

    @Test
    void sharesTopicsThatAreEachSeenOnce() {
        subscribe("orders.*", first, inGroup("g"));
        subscribe("orders.*", second, inGroup("g"));
        for (int i = 0; i < 10; i++) {
            publish("orders." + i, "x");
        }
        reactor.runUntilIdle();

        assertThat(first.entries).hasSize(5);
        assertThat(second.entries).hasSize(5);
    }

    @Test
    void keepsTurnsWhileOthersComeAndGo() {
        subscribe("a", first, inGroup("g"));
        subscribe("a", second, inGroup("g"));
        for (int i = 0; i < 10; i++) {
            publish("a", "x");
            subscribe("*", new Journal()).close();
        }
        reactor.runUntilIdle();

        assertThat(first.entries).hasSize(5);
        assertThat(second.entries).hasSize(5);
    }

    @Test
    void leavesOtherGroupsAndEverybodyTheirOwn() {
        Journal everyone = new Journal();
        subscribe("a", first, inGroup("g"));
        subscribe(">", second, inGroup("h"));
        subscribe("a", everyone);
        publish("a", 1, 2);

        assertThat(first.entries).containsExactly("1", "2");
        assertThat(second.entries).containsExactly("1", "2");
        assertThat(everyone.entries).containsExactly("1", "2");
    }

    @Test
    void isOneGroupWhateverItsMembersPatterns() {
        subscribe("a.b", first, inGroup("g"));
        subscribe("a.>", second, inGroup("g"));
        publish("a.b", 1, 2);

        assertThat(first.entries.size() + second.entries.size()).isEqualTo(2);
    }

    @Test
    void passesOverAMemberThatIsFull() {
        SubscribeOptions one = inGroup("g").withCapacity(1);
        subscribe("a", first, one);
        subscribe("a", second, inGroup("g"));
        publish("a", 1, 6);

        assertThat(first.entries).containsExactly("1");
        assertThat(second.entries).containsExactly("2", "3", "4", "5", "6");
        assertThat(bus.stats().droppedTotal()).isZero();
    }

    /// The publisher has looked up the route when it wakes the lane of the first subscription; then
    /// the member whose turn it is leaves.
    @Test
    void losesNothingWhenAMemberLeavesBetweenRoutingAndDelivery() {
        Subscription leaving = subscribe("a", first, inGroup("g"));
        subscribe("a", second, inGroup("g"));
        subscribe(
                "a",
                new Journal(),
                SubscribeOptions.defaults()
                        .withLane(action -> {
                            leaving.drain();
                            reactor.callFromThread(action);
                        }));
        publish("a", 1, 2);

        assertThat(first.entries).isEmpty();
        assertThat(second.entries).containsExactly("1", "2");
    }

    @Test
    void isUnheardWhenItsLastMemberLeavesBetweenRoutingAndDelivery() {
        Subscription leaving = subscribe("a", first, inGroup("g"));
        subscribe(
                "a",
                new Journal(),
                SubscribeOptions.defaults()
                        .withLane(action -> {
                            leaving.close();
                            reactor.callFromThread(action);
                        }));
        publish("a", 1, 1);

        assertThat(first.entries).isEmpty();
        assertThat(bus.stats().offered()).isEqualTo(1);
    }

    private void publish(String topic, int from, int to) {
        for (int i = from; i <= to; i++) {
            publish(topic, Integer.toString(i));
        }
        reactor.runUntilIdle();
    }
}
