package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/// Components in blocking style, on virtual threads that take turns.
final class BlockingComponentTest {

    /// Waits, in the handler of a question, for what a timer brings a second later.
    private static final class Patient implements Component {
        private final BlockingQueue<String> brought = new LinkedBlockingQueue<>();

        @Override
        public void start(ComponentContext context) {
            context.subscribe(
                    new TopicPattern("ask"),
                    _ -> context.publish(Draft.to("told").withText(brought.take())),
                    SubscribeOptions.defaults());
        }

        void bring(String what) {
            brought.add(what);
        }
    }

    /// Sleeps in real time.
    private static final class Sleeper implements Component {
        @Override
        public void start(ComponentContext context) {
            context.subscribe(
                    new TopicPattern("ask"),
                    _ -> Thread.sleep(Duration.ofHours(1)),
                    SubscribeOptions.defaults());
        }
    }

    private static void waits(Simulation sim) {
        Patient patient = new Patient();
        SimulatedNode node =
                sim.node(
                        "n",
                        it -> {
                            it.watch("told", SubscribeOptions.defaults());
                            it.blockingComponent("patient", () -> patient, Map.of());
                        });
        Client asker = sim.client("asker", node);
        sim.at(Duration.ofSeconds(1), () -> asker.publish(Draft.to("ask")));
        sim.at(Duration.ofSeconds(5), () -> patient.bring("at last"));
        sim.runFor(Duration.ofSeconds(10));
        sim.claim(
                "told",
                sim.history().happenings().stream()
                        .anyMatch(happening ->
                                happening instanceof Happening.Delivered it
                                        && it.event().topic().equals(Topic.of("told"))),
                "nothing was told");
    }

    private static void sleeps(Simulation sim) {
        SimulatedNode node =
                sim.node("n", it -> it.blockingComponent("sleeper", Sleeper::new, Map.of()));
        Client asker = sim.client("asker", node);
        sim.at(Duration.ofSeconds(1), () -> asker.publish(Draft.to("ask")));
        sim.runFor(Duration.ofSeconds(10));
    }

    @Test
    void mayWaitForWhatAnotherTurnBrings() {
        assertThat(Campaign.of(1, 5).run(BlockingComponentTest::waits).failure()).isNull();
    }

    @Test
    void thatSleepsFailsTheRunWhichNamesIt() {
        Failure failure =
                Objects.requireNonNull(
                        Campaign.of(1, 1)
                                .withShrinkingRuns(0)
                                .run(BlockingComponentTest::sleeps)
                                .failure());

        assertThat(failure.describe()).contains("Sleeper").contains("sleeps");
    }
}
