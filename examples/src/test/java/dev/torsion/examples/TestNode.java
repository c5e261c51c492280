package dev.torsion.examples;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentHost;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A node without sockets, whose time the test moves.
final class TestNode {
    final ManualReactor reactor = new ManualReactor();
    final EventBus bus = new EventBus(BusOptions.of("test", 1), ReactorGroup.of(reactor));

    void start(Component component, Map<String, String> settings) {
        var started =
                ComponentHost.start("part", component, bus, reactor, Settings.of(settings), false);
        reactor.runUntilIdle();
        started.toCompletableFuture().join();
    }

    Event publish(String topic, String text) {
        Event event = bus.publish(Draft.to(topic).withText(text));
        reactor.runUntilIdle();
        return event;
    }

    /// Asks, and gives the answer's text.
    String ask(String topic, String text) {
        var answer = bus.request(Draft.to(topic).withText(text), Duration.ofSeconds(1));
        reactor.runUntilIdle();
        return answer.toCompletableFuture().resultNow().text();
    }

    /// Collects what is published from now on.
    List<Event> watch(String pattern) {
        List<Event> seen = new ArrayList<>();
        bus.subscribe(new TopicPattern(pattern), seen::add, SubscribeOptions.defaults());
        return seen;
    }

    static List<String> texts(List<Event> events) {
        return events.stream().map(event -> event.topic() + " " + event.text()).toList();
    }
}
