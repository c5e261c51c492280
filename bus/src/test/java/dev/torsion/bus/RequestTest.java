package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RequestTest extends BusTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void isAnswered() {
        subscribe("double", question -> answer(question, question.text() + question.text()));
        CompletableFuture<Event> answer = ask("double", "ab");
        reactor.runUntilIdle();

        assertThat(answer.getNow(null).text()).isEqualTo("abab");
        assertNothingIsLeft();
    }

    @Test
    void takesTheFirstOfTwoAnswers() {
        subscribe("ask", question -> answer(question, "1"));
        subscribe("ask", question -> answer(question, "2"));
        CompletableFuture<Event> answer = ask("ask", "");
        reactor.runUntilIdle();

        assertThat(answer.getNow(null).text()).isEqualTo("1");
        assertNothingIsLeft();
    }

    @Test
    void failsAtOnceIfNobodyListens() {
        List<Throwable> failures = new ArrayList<>();
        var _ = ask("ask", "").whenComplete((_, failure) -> failures.add(failure));

        assertThat(failures)
                .singleElement()
                .isInstanceOf(NoListenersException.class)
                .asString()
                .endsWith("nobody listens on ask");
        reactor.runUntilIdle();
        assertNothingIsLeft();
    }

    @Test
    void failsAtItsDeadlineAndIgnoresTheAnswerAfterIt() {
        Journal unanswered = new Journal();
        subscribe("ask", unanswered);
        CompletableFuture<Event> answer = ask("ask", "");
        reactor.advance(SECOND.minusMillis(1));
        assertThat(answer).isNotDone();
        reactor.advance(Duration.ofMillis(1));

        assertThat(failure(answer))
                .isInstanceOf(RequestTimedOutException.class)
                .hasMessage("no answer on ask within 1s");
        answer(unanswered.events.getFirst(), "late");
        reactor.runUntilIdle();
        assertThat(failure(answer)).isInstanceOf(RequestTimedOutException.class);
        assertNothingIsLeft();
    }

    @Test
    void isForgottenWhenItsStageIsCancelled() {
        Journal unanswered = new Journal();
        subscribe("ask", unanswered);
        ask("ask", "").thenApply(Event::text).cancel(false);
        reactor.runUntilIdle();
        assertNothingIsLeft();

        answer(unanswered.events.getFirst(), "late");
        reactor.runUntilIdle();
        assertNothingIsLeft();
    }

    @Test
    void needsADeadlineAhead() {
        assertThatThrownBy(() -> bus.request(Draft.to("ask"), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bus.request(Draft.to("ask"), Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mayWaitForEver() {
        subscribe("ask", question -> answer(question, "42"));
        var answer = bus.request(Draft.to("ask"), Duration.ofSeconds(Long.MAX_VALUE));
        reactor.runUntilIdle();

        assertThat(answer.toCompletableFuture()).isCompleted();
    }

    @Test
    void failsIfTheBusHasNoRoomForItsInbox() {
        EventBus full = newBus(BusOptions.of("edge", 1).withMaxSubscriptions(1));
        full.subscribe(new TopicPattern("ask"), new Journal(), SubscribeOptions.defaults());
        var answer = full.request(Draft.to("ask"), SECOND).toCompletableFuture();

        assertThat(failure(answer)).isInstanceOf(LimitReachedException.class);
    }

    @Test
    void isOneOfABoundedNumber() {
        EventBus small = newBus(BusOptions.of("edge", 1).withMaxRequests(1));
        small.subscribe(new TopicPattern("ask"), new Journal(), SubscribeOptions.defaults());
        var first = small.request(Draft.to("ask"), SECOND).toCompletableFuture();
        var second = small.request(Draft.to("ask"), SECOND).toCompletableFuture();

        assertThat(first).isNotDone();
        assertThat(failure(second)).isInstanceOf(LimitReachedException.class);
        reactor.advance(SECOND);
        assertThat(small.request(Draft.to("ask"), SECOND).toCompletableFuture()).isNotDone();
    }

    @Test
    void worksWithTheLargestBounds() {
        EventBus large = newBus(BusOptions.of("edge", 1).withMaxRequests(Integer.MAX_VALUE));

        assertThat(failure(large.request(Draft.to("ask"), SECOND).toCompletableFuture()))
                .isInstanceOf(NoListenersException.class);
    }

    @Test
    void failsWhenTheBusCloses() {
        subscribe("ask", new Journal());
        CompletableFuture<Event> before = ask("ask", "");
        bus.close();
        CompletableFuture<Event> after = ask("ask", "");
        reactor.runUntilIdle();

        assertThat(failure(before)).hasMessage("node edge stopped before the answer came");
        assertThat(failure(after)).hasMessage("node edge stopped before the answer came");
        assertNothingIsLeft();
    }

    @Test
    void thatIsNotValidLeavesNothingBehind() {
        Draft tooLarge = Draft.to("ask").withText("x".repeat((1 << 20) + 1));

        assertThatThrownBy(() -> bus.request(tooLarge, SECOND))
                .isInstanceOf(IllegalArgumentException.class);
        reactor.runUntilIdle();
        assertNothingIsLeft();
    }

    @Test
    void failsWhenTheLastNodeAskedHasNobodyThere() {
        FakeNode work = nodeThatWants("ask");
        FakeNode watch = nodeThatWants("ask");
        CompletableFuture<Event> answer = ask("ask", "");
        nobodyAt(work);
        reactor.runUntilIdle();
        assertThat(answer).isNotDone();
        nobodyAt(watch);
        reactor.runUntilIdle();

        assertThat(failure(answer)).isInstanceOf(NoListenersException.class);
        assertNothingIsLeft();
    }

    @Test
    void ofAnotherNodeIsToldThatTheSubscriberHasLeft() {
        Journal inbox = new Journal();
        subscribe("inbox", inbox);
        EventBus other = newBus(BusOptions.of("other", 1));
        Event question = other.publish(Draft.to("ask").withReplyTo(Topic.of("inbox")));
        bus.receive(question, true, List.of(), true);
        bus.receive(question, false, List.of("g"), true);
        reactor.runUntilIdle();

        assertThat(inbox.events)
                .extracting(Event::type)
                .containsExactly(EventBus.NO_LISTENERS_TYPE, EventBus.NO_LISTENERS_TYPE);
        assertThat(inbox.events.getFirst().cause()).isEqualTo(question.id());
    }

    @Test
    void thatMayBeAnsweredElsewhereIsNotToldThatNobodyIsHere() {
        Journal inbox = new Journal();
        subscribe("inbox", inbox);
        EventBus other = newBus(BusOptions.of("other", 1));
        Event question = other.publish(Draft.to("ask").withReplyTo(Topic.of("inbox")));
        bus.receive(question, true, List.of("g"), false);
        reactor.runUntilIdle();

        assertThat(inbox.events).isEmpty();
    }

    @Test
    void thatIsPublishedIsToldThatNobodyIsThereOnlyIfNobodyElseGotIt() {
        Draft question = Draft.to("ask").withReplyTo(Topic.of("inbox"));
        FakeNode work = nodeThatWants("ask");
        bus.publish(question);
        FakeNode watch = nodeThatWants("ask");
        bus.publish(question);
        subscribe("ask", new Journal());
        bus.publish(question);
        var _ = ask("ask", "");

        assertThat(work.nobodyMatters).containsExactly(true, false, false, true);
        assertThat(watch.nobodyMatters).containsExactly(false, false, true);
    }

    @Test
    void thatIsPublishedToAGroupIsToldThatNobodyIsThereOnlyIfNobodyElseGotIt() {
        Draft question = Draft.to("ask").withReplyTo(Topic.of("inbox"));
        FakeNode work = new FakeNode("work");
        bus.addNode(work).set(new Interest(new TopicPattern("ask"), "g"), 1);
        bus.publish(question);
        FakeNode watch = nodeThatWants("ask");
        bus.publish(question);

        assertThat(work.nobodyMatters).containsExactly(true, false);
        assertThat(watch.nobodyMatters).containsExactly(false);
    }

    @Test
    void isAnsweredOnANodeThatHasWithdrawnItsInterest() {
        List<String> told = new ArrayList<>();
        var _ =
                bus.listenToInterest(
                        (interest, count) -> told.add(interest.pattern() + " " + count));
        subscribe("ask", new Journal());
        bus.withdrawInterest();
        subscribe("later", new Journal());
        var _ = ask("ask", "");

        assertThat(told.subList(0, 2)).containsExactly("ask 1", "ask 0");
        assertThat(told.subList(2, told.size())).singleElement().asString().startsWith("_INBOX.");
    }

    @Test
    void thatIsPublishedAndThatNobodyWantsIsAnsweredToo() {
        Journal inbox = new Journal();
        subscribe("inbox", inbox);
        bus.publish(Draft.to("ask").withReplyTo(Topic.of("inbox")));
        bus.publish(Draft.to("ask").withReplyTo(Topic.of("nowhere")));
        reactor.runUntilIdle();

        assertThat(inbox.events)
                .extracting(Event::type)
                .containsExactly(EventBus.NO_LISTENERS_TYPE);
    }

    @Test
    void failsAtOnceIfNoLinkTakesIt() {
        FakeNode node = nodeThatWants("ask");
        node.full = true;

        assertThat(failure(ask("ask", ""))).isInstanceOf(NoListenersException.class);
    }

    private FakeNode nodeThatWants(String pattern) {
        FakeNode node = new FakeNode("other");
        bus.addNode(node).set(new Interest(new TopicPattern(pattern), null), 1);
        return node;
    }

    private void nobodyAt(FakeNode node) {
        bus.receive(
                newBus(BusOptions.of("other", 1))
                        .publish(
                                Draft.answering(node.events.getLast())
                                        .withAttribute("type", EventBus.NO_LISTENERS_TYPE)),
                true,
                List.of(),
                true);
    }

    private CompletableFuture<Event> ask(String topic, String text) {
        return bus.request(Draft.to(topic).withText(text), SECOND).toCompletableFuture();
    }

    private void answer(Event question, String text) {
        bus.publish(Draft.answering(question).withText(text));
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return future.exceptionNow();
    }

    private void assertNothingIsLeft() {
        assertThat(reactor.pendingTimers()).isZero();
    }
}
