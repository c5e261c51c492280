package dev.torsion.bus;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A component's way to its node. What it subscribes ends with it; what it publishes bears its name
/// as source. To be used on the component's lane.
public final class ComponentContext {
    private static final int MAX_TIMERS = 100_000;

    private final String name;
    private final EventBus bus;
    private final Reactor reactor;
    private final Executor lane;
    private final Settings settings;
    private final String source;
    private final String title;
    private final Set<LocalSubscription> subscriptions =
            Collections.synchronizedSet(new LinkedHashSet<>());
    private final Set<Due> pending = new LinkedHashSet<>(); // on the reactor alone
    private final AtomicInteger timers = new AtomicInteger();
    private volatile boolean stopping;
    private volatile boolean stopped;

    ComponentContext(String name, EventBus bus, Reactor reactor, Executor lane, Settings settings) {
        this.name = name;
        this.bus = bus;
        this.reactor = reactor;
        this.lane = lane;
        this.settings = settings;
        this.title = "component " + name;
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
    ///
    /// @throws IllegalStateException if the component is being stopped
    public Subscription subscribe(
            TopicPattern pattern, EventHandler handler, SubscribeOptions options) {
        if (stopping) {
            throw new IllegalStateException("component " + name + " is stopping");
        }
        LocalSubscription subscription = bus.open(title, pattern, handler, options.withLane(lane));
        subscriptions.add(subscription);
        subscription.ended().thenRun(() -> subscriptions.remove(subscription));
        return subscription;
    }

    /// Asks; see [EventBus#request].
    ///
    /// @return its callbacks run on the component's lane, and what they publish is caused by the
    ///   answer
    public CompletionStage<Event> request(Draft draft, Duration deadline) {
        Question question = new Question(bus.request(signed(draft), deadline));
        return question.answered;
    }

    /// Waits for `stage` in blocking style: for a component configured `blocking: true`, whose lane
    /// does nothing else meanwhile. What is published afterwards is caused by the event in hand.
    ///
    /// @return its result
    /// @throws InterruptedException if the thread is interrupted; the stage is cancelled then,
    ///   unless others wait for it
    /// @throws Exception what the stage failed with
    /// @throws IllegalStateException if the component's lane is the loop, which must not wait
    public <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
        return reactor.await(stage);
    }

    /// Asked by this component, whose lane hears the answer.
    private final class Question {
        private final Deferred<Event> answered;
        private volatile @Nullable Event answer;

        Question(CompletionStage<Event> asked) {
            CompletableFuture<Event> sent = asked.toCompletableFuture();
            answered =
                    Deferred.calledBackBy(
                            callback -> lane.execute(() -> call(callback)),
                            reactor,
                            () -> sent.cancel(false));
            var _ = sent.whenComplete(this::hear);
        }

        private void hear(@Nullable Event heard, @Nullable Throwable failure) {
            if (heard != null) {
                answer = heard;
                answered.succeed(heard);
            } else if (failure != null) {
                answered.fail(failure);
            }
        }

        private void call(Runnable callback) {
            Event cause = answer;
            if (cause == null) {
                callback.run();
            } else {
                Causality.runWithin(cause, callback);
            }
        }
    }

    /// Runs `action` on the component's lane after `delay`, unless the component has been stopped
    /// by then. An exception is logged, and told ([EventBus#listenToFailures]).
    ///
    /// @throws LimitReachedException if 100,000 calls of this component wait for their time already
    /// @throws IllegalArgumentException if the delay is negative
    public void callLater(Duration delay, Runnable action) {
        Delays.requireNotNegative("a delay", delay);
        if (timers.incrementAndGet() > MAX_TIMERS) {
            timers.decrementAndGet();
            throw new LimitReachedException(
                    "component "
                            + name
                            + " has "
                            + MAX_TIMERS
                            + " calls waiting for their time, as many as one component may: let"
                            + " one timer serve many deadlines");
        }
        reactor.callFromThread(() -> {
            if (stopped) {
                return;
            }
            Due due = new Due(action);
            pending.add(due);
            due.call = reactor.callLater(delay, due);
        });
    }

    /// What is to be called later.
    private final class Due implements Runnable {
        private final Runnable action;
        private @Nullable DelayedCall call;

        Due(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            pending.remove(this);
            lane.execute(() -> ComponentContext.this.run(action));
        }

        void cancel() {
            if (call != null) {
                call.cancel();
            }
        }
    }

    private void run(Runnable action) {
        timers.decrementAndGet();
        if (stopped) {
            return;
        }
        try {
            action.run();
        } catch (Throwable thrown) {
            bus.failed(title + ": what it calls later", thrown);
        }
    }

    /// The source of chance of the component's reactor. Not for a component that is `blocking`.
    ///
    /// @throws IllegalStateException off the reactor's thread
    public RandomGenerator random() {
        return reactor.random();
    }

    /// No more subscriptions; those there are hand over what waits and end.
    CompletionStage<Void> drain() {
        stopping = true;
        return CompletableFuture.allOf(
                List.copyOf(subscriptions).stream()
                        .map(subscription -> subscription.drain().toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new));
    }

    /// Nothing of the component is called any more.
    void close() {
        stopping = true;
        stopped = true;
        List.copyOf(subscriptions).forEach(Subscription::close);
        reactor.callFromThread(() -> {
            pending.forEach(Due::cancel);
            pending.clear();
        });
    }

    private Draft signed(Draft draft) {
        if (draft.attributes().containsKey("source")) {
            return draft;
        }
        return draft.withAttribute("source", source);
    }
}
