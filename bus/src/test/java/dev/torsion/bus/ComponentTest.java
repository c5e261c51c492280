package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentTest extends BusTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private final Recorder component = new Recorder();

    /// Writes down what is done to it, and whether that ever overlapped.
    private static final class Recorder implements Component {
        final List<String> log = new ArrayList<>();
        Consumer<ComponentContext> starting = _ -> {};
        private boolean busy;

        @Override
        public void start(ComponentContext context) {
            alone(() -> {
                log.add("start " + context.name());
                starting.accept(context);
            });
        }

        EventHandler saying(String what) {
            return event -> alone(() -> log.add(what + " " + event.text()));
        }

        void alone(Runnable action) {
            assertThat(busy).as("called while it is being called").isFalse();
            busy = true;
            action.run();
            busy = false;
        }

        @Override
        public void stop() {
            alone(() -> log.add("stop"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isStartedHandlesWhatItWasGivenAndIsStopped(boolean blocking) {
        component.starting =
                context -> {
                    subscribe(context, "a", component.saying("a"));
                    subscribe(context, "b", component.saying("b"));
                    context.callLater(
                            SECOND, () -> component.alone(() -> component.log.add("tick")));
                };
        ComponentHost host = started(start(blocking));
        publish("a", "1");
        reactor.advance(SECOND);
        publish("b", "2");
        publish("a", "3");
        CompletableFuture<Void> stopped = host.stop().toCompletableFuture();
        assertThat(host.stop().toCompletableFuture()).isNotDone();
        reactor.runUntilIdle();
        publish("a", "4");
        reactor.runUntilIdle();

        assertThat(component.log.subList(0, 3)).containsExactly("start it", "a 1", "tick");
        assertThat(component.log.subList(3, 5)).containsExactlyInAnyOrder("b 2", "a 3");
        assertThat(component.log.subList(5, 6)).containsExactly("stop");
        assertThat(component.log).hasSize(6);
        assertThat(stopped).isCompleted();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thatThrowsWhenStartedIsGivenNothing(boolean blocking) {
        component.starting =
                context -> {
                    subscribe(context, "a", component.saying("a"));
                    publish("a", "1");
                    context.callLater(SECOND, () -> component.log.add("tick"));
                    throw new IllegalStateException("as it were");
                };
        CompletableFuture<ComponentHost> starting = start(blocking);
        reactor.advance(SECOND);

        assertThat(starting.exceptionNow()).hasMessage("as it were");
        assertThat(component.log).containsExactly("start it");
        assertThat(bus.stats().dropped()).containsEntry(DropReason.CLOSED, 1L);
    }

    @Test
    void hearsNoTimerAfterItWasStopped() {
        component.starting = context -> context.callLater(SECOND, () -> component.log.add("tick"));
        started(start(false)).stop();
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();
        reactor.advance(SECOND);

        assertThat(component.log).containsExactly("start it", "stop");
    }

    @Test
    void isToldOfWhenItThrowsWithItsNameAndWhatItDid() {
        List<String> told = new ArrayList<>();
        bus.listenToFailures((where, thrown) -> told.add(where + ": " + thrown.getMessage()));
        component.starting =
                context -> {
                    subscribe(
                            context,
                            "a",
                            event -> {
                                throw new IllegalStateException("no " + event.text());
                            });
                    context.callLater(
                            SECOND,
                            () -> {
                                throw new IllegalStateException("too late");
                            });
                };
        started(start(false));
        String id = bus.publish(Draft.to("a").withText("1")).id();
        reactor.advance(SECOND);

        assertThat(told)
                .containsExactly(
                        "component it: the handler of event " + id + " on a: no 1",
                        "component it: what it calls later: too late");
        assertThat(bus.stats().failed()).isEqualTo(1);
    }

    @Test
    void mayThrowInATimer() {
        component.starting =
                context -> {
                    context.callLater(
                            SECOND,
                            () -> {
                                throw new AssertionError("as it were");
                            });
                    context.callLater(SECOND, () -> component.log.add("tick"));
                    assertThatThrownBy(() -> context.callLater(SECOND.negated(), () -> {}))
                            .isInstanceOf(IllegalArgumentException.class);
                };
        started(start(false));
        reactor.advance(SECOND);

        assertThat(component.log).containsExactly("start it", "tick");
    }

    @Test
    void hasABoundedNumberOfTimers() {
        component.starting =
                context -> {
                    for (int i = 0; i < 100_000; i++) {
                        context.callLater(SECOND, () -> {});
                    }
                    assertThatThrownBy(() -> context.callLater(SECOND, () -> {}))
                            .isInstanceOf(LimitReachedException.class)
                            .hasMessageContaining("100000 calls waiting for their time");
                    context.subscribe(
                            new TopicPattern("again"),
                            _ -> context.callLater(SECOND, () -> component.log.add("tick")),
                            SubscribeOptions.defaults());
                };
        started(start(false));
        reactor.advance(SECOND);
        publish("again", "");
        reactor.advance(SECOND);

        assertThat(component.log).containsExactly("start it", "tick");
    }

    @Test
    void isStoppedThoughItsStopThrows() {
        Component throwing =
                new Component() {
                    @Override
                    public void start(ComponentContext context) {}

                    @Override
                    public void stop() throws Exception {
                        throw new Exception("as it were");
                    }
                };
        var starting = start(throwing, Settings.none(), false);
        reactor.runUntilIdle();
        var stopped = started(starting).stop().toCompletableFuture();
        reactor.runUntilIdle();

        assertThat(stopped).isCompleted();
    }

    @Test
    void maySubscribeNothingNewWhileItStops() {
        List<Throwable> refused = new ArrayList<>();
        component.starting =
                context ->
                        subscribe(
                                context,
                                "a",
                                _ -> {
                                    try {
                                        subscribe(context, "b", component.saying("b"));
                                    } catch (IllegalStateException e) {
                                        refused.add(e);
                                    }
                                });
        ComponentHost host = started(start(false));
        host.stop();
        publish("a", "1");
        reactor.runUntilIdle();

        assertThat(refused).singleElement().asString().endsWith("component it is stopping");
    }

    @Test
    void signsWhatItPublishes() {
        Journal journal = new Journal();
        subscribe("a", journal);
        component.starting =
                context -> {
                    context.publish(Draft.to("a"));
                    context.publish(Draft.to("a").withAttribute("source", "/else"));
                };
        var _ = start(false);
        reactor.runUntilIdle();

        assertThat(journal.events).extracting(Event::source).containsExactly("/edge/it", "/else");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void getsAnswersOnItsLaneAsTheCauseOfWhatFollows(boolean blocking) {
        Journal journal = new Journal();
        subscribe("effect", journal);
        subscribe("ask", question -> bus.publish(Draft.answering(question)));
        component.starting =
                context -> {
                    context.request(Draft.to("ask"), SECOND)
                            .thenAccept(answer ->
                                    component.alone(() ->
                                            context.publish(
                                                    Draft.to("effect").withText(answer.id()))));
                    context.request(Draft.to("nobody"), SECOND)
                            .exceptionally(failure -> {
                                component.alone(() -> component.log.add(failure.getMessage()));
                                return null;
                            });
                };
        var _ = start(blocking);
        reactor.runUntilIdle();

        assertThat(journal.events.getFirst().cause()).isEqualTo(journal.entries.getFirst());
        assertThat(component.log).endsWith("nobody listens on nobody");
    }

    @Test
    void waitsForAnAnswerInBlockingStyle() {
        subscribe("ask", question -> bus.publish(Draft.answering(question).withText("42")));
        component.starting =
                context -> {
                    try {
                        Event answer = context.await(context.request(Draft.to("ask"), SECOND));
                        component.log.add("it is " + answer.text());
                    } catch (Exception failed) {
                        component.log.add(failed.toString());
                    }
                };
        var _ = start(true);
        reactor.runUntilIdle();

        assertThat(component.log).containsExactly("start it", "it is 42");
    }

    @Test
    void isToldThatItMustNotBlockItsLoop() {
        component.starting =
                context -> {
                    var stage = context.request(Draft.to("nobody"), SECOND);
                    assertThatThrownBy(() -> context.await(stage))
                            .isInstanceOf(IllegalStateException.class);
                };

        assertThat(started(start(false)).name()).isEqualTo("it");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void forgetsAQuestionThatItGivesUp(boolean blocking) {
        subscribe("ask", _ -> {});
        component.starting =
                context ->
                        context.request(Draft.to("ask"), SECOND)
                                .thenAccept(answer -> component.log.add(answer.text()))
                                .toCompletableFuture()
                                .cancel(false);
        var _ = start(blocking);
        reactor.runUntilIdle();

        assertThat(reactor.pendingTimers()).isZero();
        assertThat(component.log).containsExactly("start it");
    }

    @Test
    void readsItsSettings() {
        component.starting = context -> component.log.add(context.settings().text("place"));
        var _ = start(component, Settings.of(Map.of("place", "hall")), false);
        reactor.runUntilIdle();

        assertThat(component.log).endsWith("hall");
    }

    private CompletableFuture<ComponentHost> start(boolean blocking) {
        return start(component, Settings.none(), blocking);
    }

    private CompletableFuture<ComponentHost> start(
            Component started, Settings settings, boolean blocking) {
        return ComponentHost.start("it", started, bus, reactor, settings, blocking)
                .toCompletableFuture();
    }

    private ComponentHost started(CompletableFuture<ComponentHost> starting) {
        reactor.runUntilIdle();
        ComponentHost host = starting.join();
        assertThat(host.name()).isEqualTo("it");
        return host;
    }

    private static void subscribe(ComponentContext context, String pattern, EventHandler handler) {
        context.subscribe(new TopicPattern(pattern), handler, SubscribeOptions.defaults());
    }
}
