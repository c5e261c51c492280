package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The seam that links stand behind.
class RemoteNodeTest extends BusTest {
    private final FakeNode work = new FakeNode("work");
    private final RemoteInterest wanted = bus.addNode(work);
    private final Journal here = new Journal();

    @Test
    void isSentEachEventOnceHoweverManyInterestsMatch() {
        wanted.set(interest("a.*", null), 2);
        wanted.set(interest("a.b", null), 1);
        publish("a.b", "1");
        publish("b", "2");

        assertThat(work.sent).containsExactly("1 plain []");
        assertThat(bus.stats().unheard()).isEqualTo(1);
    }

    @Test
    void isSentNothingMoreWhenItWantsNothingMore() {
        wanted.set(interest("a", null), 1);
        publish("a", "1");
        wanted.set(interest("a", null), 0);
        publish("a", "2");

        assertThat(work.sent).containsExactly("1 plain []");
    }

    @Test
    void isForgottenWhenItsLinkCloses() {
        wanted.set(interest("a", null), 1);
        wanted.set(interest(">", "g"), 3);
        wanted.close();
        wanted.close();
        wanted.set(interest("a", null), 1);
        publish("a", "1");

        assertThat(work.sent).isEmpty();
    }

    @Test
    void sharesAGroupsEventsByItsNumberOfMembers() {
        subscribe("a", here, inGroup("g"));
        wanted.set(interest("a", "g"), 3);
        for (int i = 0; i < 8; i++) {
            publish("a", Integer.toString(i));
        }
        reactor.runUntilIdle();

        assertThat(here.entries).hasSize(2);
        assertThat(work.sent).hasSize(6).first().asString().endsWith(" [g]");
    }

    @Test
    void isToldWhichGroupsItWasChosenForInOneSending() {
        wanted.set(interest("a", null), 1);
        wanted.set(interest("a", "g"), 1);
        wanted.set(interest(">", "h"), 1);
        publish("a", "1");

        assertThat(work.sent).hasSize(1);
        assertThat(work.sent.getFirst()).startsWith("1 plain [").contains("g", "h");
    }

    @Test
    void getsAsOfAGroupOnlyWhatItIsChosenFor() {
        FakeNode watch = new FakeNode("watch");
        bus.addNode(watch).set(interest("a", "g"), 1);
        wanted.set(interest("a", "g"), 1);
        publish("a", "1");
        publish("a", "2");

        assertThat(work.sent).hasSize(1);
        assertThat(watch.sent).hasSize(1);
    }

    @Test
    void deliversToWhomTheSenderMeant() {
        Journal member = new Journal();
        Journal other = new Journal();
        subscribe("a", here);
        subscribe("a", member, inGroup("g"));
        subscribe("a", other, inGroup("h"));
        receive("1", true, List.of());
        receive("2", false, List.of("g"));
        receive("3", true, List.of("g", "h"));

        assertThat(here.entries).containsExactly("1", "3");
        assertThat(member.entries).containsExactly("2", "3");
        assertThat(other.entries).containsExactly("3");
        assertThat(work.sent).isEmpty();
    }

    @Test
    void countsWhatCameForSomebodyWhoHasLeft() {
        subscribe("a", here);
        receive("1", true, List.of("g"));
        receive("2", false, List.of("g", "h"));

        assertThat(here.entries).containsExactly("1");
        assertThat(bus.stats().offered()).isEqualTo(4);
        assertThat(bus.stats().dropped()).containsEntry(DropReason.NO_SUBSCRIBER, 3L);
        assertThat(bus.stats().published()).isZero();
    }

    @Test
    void isToldThisNodesInterestInFullAndThenEachChange() throws Exception {
        List<String> told = new ArrayList<>();
        Subscription early = subscribe("b", here);
        subscribe("a", here, inGroup("g"));
        AutoCloseable listening =
                bus.listenToInterest((interest, count) ->
                        told.add(interest.pattern() + " " + interest.group() + " " + count));
        subscribe("b", here);
        early.drain();
        Subscription late = subscribe("c.>", here);
        late.close();
        listening.close();
        subscribe("d", here);

        assertThat(told)
                .containsExactly(
                        "a g 1", "b null 1", "b null 2", "b null 1", "c.> null 1", "c.> null 0");
    }

    @Test
    void mayStopListeningWhileItIsTold() {
        List<AutoCloseable> listening = new ArrayList<>();
        List<String> told = new ArrayList<>();
        listening.add(
                bus.listenToInterest((interest, _) -> {
                    told.add(interest.pattern().text());
                    close(listening.getFirst());
                }));
        bus.listenToInterest((interest, _) -> told.add("other " + interest.pattern()));
        subscribe("a", here);
        subscribe("b", here);

        assertThat(told).containsExactly("a", "other a", "other b");
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void receive(String text, boolean plain, List<String> groups) {
        EventBus sender = newBus(BusOptions.of("work", 1));
        bus.receive(sender.publish(Draft.to("a").withText(text)), plain, groups, true);
        reactor.runUntilIdle();
    }

    private static Interest interest(String pattern, @Nullable String group) {
        return new Interest(new TopicPattern(pattern), group);
    }
}
