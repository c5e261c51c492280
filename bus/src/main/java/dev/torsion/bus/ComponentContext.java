package dev.torsion.bus;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A component's way to its node. What it subscribes ends with it; what it publishes bears its name
/// as source. To be used on the component's lane.
public final class ComponentContext {
    private static final Logger log = LoggerFactory.getLogger(Component.class);

    private final String name;
    private final EventBus bus;
    private final Reactor reactor;
    private final Executor lane;
    private final Settings settings;
    private final String source;
    private final List<Subscription> subscriptions = new ArrayList<>();

    ComponentContext(String name, EventBus bus, Reactor reactor, Executor lane, Settings settings) {
        this.name = name;
        this.bus = bus;
        this.reactor = reactor;
        this.lane = lane;
        this.settings = settings;
        this.source = "/" + bus.options().node() + "/" + name;
    }

    /// The component's name, unique on its node.
    public String name() {
        return name;
    }

    /// What the configuration says about this component.
    public Settings settings() {
        return settings;
    }

    /// Publishes; see [EventBus#publish]. The source is `/node/component` unless the draft names
    /// one.
    public Event publish(Draft draft) {
        return bus.publish(signed(draft));
    }

    /// Subscribes; see [EventBus#subscribe]. The handler runs on the component's lane.
    public Subscription subscribe(
            TopicPattern pattern, EventHandler handler, SubscribeOptions options) {
        Subscription subscription = bus.subscribe(pattern, handler, options.withLane(lane));
        subscriptions.add(subscription);
        return subscription;
    }

    /// Asks; see [EventBus#request].
    ///
    /// @return completes on the component's lane; what is published then is caused by the answer
    public CompletionStage<Event> request(Draft draft, Duration deadline) {
        CompletableFuture<Event> answered = new CompletableFuture<>();
        bus.request(signed(draft), deadline)
                .whenComplete((answer, failure) ->
                        lane.execute(() -> complete(answered, answer, failure)));
        return answered;
    }

    private static void complete(
            CompletableFuture<Event> answered,
            @Nullable Event answer,
            @Nullable Throwable failure) {
        if (answer == null) {
            answered.completeExceptionally(
                    failure == null ? new AssertionError("an answer without an event") : failure);
            return;
        }
        try {
            Causality.callWithin(answer, () -> answered.complete(answer));
        } catch (Exception e) {
            throw new AssertionError("completing a future threw", e);
        }
    }

    /// Runs `action` on the component's lane after `delay`, if the node still runs then. An
    /// exception is logged.
    public void callLater(Duration delay, Runnable action) {
        reactor.callFromThread(
                () -> reactor.callLater(delay, () -> lane.execute(() -> run(action))));
    }

    private void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            log.error("component {}: a timer's action threw", name, e);
        }
    }

    /// The source of chance of the component's reactor. Not for a component that is `blocking`.
    ///
    /// @throws IllegalStateException off the reactor's thread
    public RandomGenerator random() {
        return reactor.random();
    }

    CompletionStage<Void> drain() {
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        for (Subscription subscription : List.copyOf(subscriptions)) {
            CompletionStage<Void> one = subscription.drain();
            all = all.thenCombine(one, (_, _) -> null);
        }
        return all;
    }

    private Draft signed(Draft draft) {
        if (draft.attributes().containsKey("source")) {
            return draft;
        }
        Map<String, String> attributes = new TreeMap<>(draft.attributes());
        attributes.put("source", source);
        return new Draft(draft.topic(), draft.data(), draft.replyTo(), attributes, draft.headers());
    }
}
