package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CausalityTest extends BusTest {
    private final Journal effects = new Journal();

    CausalityTest() {
        subscribe("effect", effects);
    }

    @Test
    void namesTheEventBeingHandledAsTheCause() {
        subscribe("cause", _ -> publish("effect", ""));
        Event cause = publish("cause", "");
        reactor.runUntilIdle();

        assertThat(effects.events.getFirst().cause()).isEqualTo(cause.id());
        assertThat(cause.cause()).isNull();
    }

    @Test
    void leavesACauseThatThePublisherNamed() {
        subscribe(
                "cause",
                _ -> bus.publish(Draft.to("effect").withAttribute(Event.CAUSE, "another")));
        publish("cause", "");
        reactor.runUntilIdle();

        assertThat(effects.events.getFirst().cause()).isEqualTo("another");
    }

    @Test
    void endsWithTheHandler() {
        subscribe(
                "cause",
                _ -> {
                    reactor.callFromThread(() -> publish("effect", "after"));
                    throw new Exception("as it were");
                });
        publish("cause", "");
        reactor.runUntilIdle();

        assertThat(effects.events.getFirst().cause()).isNull();
    }

    @Test
    void runsThroughAQuestionToItsAnswer() {
        Journal questions = new Journal();
        subscribe(
                "ask",
                question -> {
                    questions.handle(question);
                    bus.publish(Draft.answering(question).withText("42"));
                });
        subscribe(
                "cause",
                _ ->
                        bus.request(Draft.to("ask"), Duration.ofSeconds(1))
                                .thenAccept(answer -> publish("effect", answer.id())));
        Event cause = publish("cause", "");
        reactor.runUntilIdle();

        Event effect = effects.events.getFirst();
        assertThat(questions.events.getFirst().cause()).isEqualTo(cause.id());
        assertThat(effect.cause()).isEqualTo(effect.text());
    }
}
