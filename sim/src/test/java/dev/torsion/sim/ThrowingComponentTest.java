package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.EventHandler;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What a component throws where the bus catches it, and what it leaves unread.
final class ThrowingComponentTest {

    /// @param start what it does
    private record Does(Consumer<ComponentContext> start) implements Component {
        @Override
        public void start(ComponentContext context) {
            start.accept(context);
        }
    }

    private static void subscribe(ComponentContext context, EventHandler handler) {
        context.subscribe(new TopicPattern("orders"), handler, SubscribeOptions.defaults());
    }

    private static void throwsInItsHandler(ComponentContext context) {
        subscribe(
                context,
                order -> {
                    throw new IllegalStateException("no room for " + order.text());
                });
    }

    private static Run run(Consumer<SimulatedNode> makeUp) {
        return Run.of(
                sim -> {
                    SimulatedNode node = sim.node("n1", makeUp);
                    sim.settle(Duration.ofSeconds(10));
                    Client shop = sim.client("shop", node);
                    sim.at(Duration.ofSeconds(11), () -> shop.publish(order()));
                    sim.runFor(Duration.ofSeconds(12));
                    sim.healAndSettle(Duration.ofSeconds(10));
                    sim.history().holds();
                },
                1,
                FaultSelection.all());
    }

    private static Draft order() {
        return Draft.to("orders").withText("order 1");
    }

    private static Run run(Consumer<ComponentContext> start, Map<String, String> settings) {
        return run(node -> node.component("ledger", () -> new Does(start), settings));
    }

    private static String told(Run run) {
        return String.valueOf(Objects.requireNonNull(run.failure()).getMessage());
    }

    @Test
    void failsTheRunWhenItsHandlerThrows() {
        Run run = run(ThrowingComponentTest::throwsInItsHandler, Map.of());

        assertThat(told(run))
                .startsWith(
                        "no handler throws: n1, component ledger: the handler of event n1-1-1 on"
                                + " orders threw java.lang.IllegalStateException: no room for order"
                                + " 1");
        assertThat(run.failure()).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(run.happenings())
                .filteredOn(Happening.Noted.class::isInstance)
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.node()).isEqualTo("n1");
                    assertThat(it.line()).contains("component ledger: the handler of event n1-1-1");
                });
    }

    @Test
    void failsTheRunWhenWhatItCallsLaterThrows() {
        Run run =
                run(
                        context ->
                                context.callLater(
                                        Duration.ofMillis(20),
                                        () -> {
                                            throw new IllegalStateException("too late");
                                        }),
                        Map.of());

        assertThat(told(run))
                .startsWith(
                        "no handler throws: n1, component ledger: what it calls later threw"
                                + " java.lang.IllegalStateException: too late");
    }

    @Test
    void failsTheRunWhenAHandlerOfTheBusThrows() {
        Run run =
                run(node ->
                        node.atStart(bus ->
                                bus.subscribe(
                                        new TopicPattern("orders"),
                                        _ -> {
                                            throw new AssertionError("not this one");
                                        },
                                        SubscribeOptions.defaults())));

        assertThat(told(run))
                .startsWith("no handler throws: n1, subscription orders: the handler of event");
    }

    @Test
    void mayThrowOnANodeThatAllowsIt() {
        Run run =
                run(node ->
                        node.component(
                                        "ledger",
                                        () -> new Does(ThrowingComponentTest::throwsInItsHandler),
                                        Map.of())
                                .handlersMayThrow());

        assertThat(run.failure()).isNull();
        assertThat(run.happenings())
                .anySatisfy(it -> assertThat(it.line()).contains("no room for order 1"));
    }

    @Test
    void failsTheRunWhenItLeavesASettingUnread() {
        Run run = run(context -> context.settings().integer("above", 0, 0, 9), Map.of("abov", "3"));

        assertThat(told(run))
                .isEqualTo(
                        "components start: ledger on n1: settings: unknown setting \"abov\";"
                                + " expected one of above");
    }
}
