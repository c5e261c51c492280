package dev.torsion.bus;

import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A node's events: who publishes reaches who subscribes, here and on the nodes it is linked to.
///
/// Delivery is live: at most once, in order per publisher and topic, through a bounded queue per
/// subscription; what is dropped is counted ([#stats()]) and told ([EventHandler#missed]).
/// Thread-safe.
///
/// The way of an event: [#publish] → [Route] (worked out from the [TopicIndex]) →
/// [LocalSubscription] → the handler, and one [RemoteNode#send] per interested node.
public final class EventBus implements AutoCloseable {
    /// The type of the event that answers at once, on its `replyTo`, an event that asks for an
    /// answer and that nobody gets: nobody on any known node wanted it, or its subscriber had left
    /// when it reached another node.
    public static final String NO_LISTENERS_TYPE = "dev.torsion.nolisteners";

    private static final int MAX_CACHED_ROUTES = 65_536;

    private final BusOptions options;
    private final ReactorGroup reactors;
    private final Reactor home;
    private final EventStamp stamp;
    private final Requests requests;
    private final Counters counters = new Counters();

    // Guarded by index. Lookups of the cache need no lock; it is only filled, and emptied, under
    // it.
    private final TopicIndex<Subscriber> index = new TopicIndex<>();
    private final Set<LocalSubscription> subscriptions = new LinkedHashSet<>();
    private final InterestBook interests = new InterestBook();
    private final Map<Topic, Route> routes = new ConcurrentHashMap<>();
    private boolean closed;

    public EventBus(BusOptions options, ReactorGroup reactors) {
        this.options = options;
        this.reactors = reactors;
        this.home = reactors.reactors().getFirst();
        this.stamp = new EventStamp(options, home);
        this.requests = new Requests(this, home);
    }

    public BusOptions options() {
        return options;
    }

    /// Publishes an event to whoever wants it; returns at once. Inside a handler the event handled
    /// is its cause. If it asks for an answer and nobody wants it, the answer is an event of
    /// [#NO_LISTENERS_TYPE].
    ///
    /// @return the event as it was published
    /// @throws IllegalArgumentException if the data is larger than the bus allows, or an attribute
    ///   is not valid
    public Event publish(Draft draft) {
        Event event = stamp.seal(draft);
        if (send(event) == 0) {
            answerNoListeners(event);
        }
        return event;
    }

    /// Calls `handler` with each event whose topic matches, or with this member's share of them if
    /// the options name a group. Events published after this returns are seen.
    ///
    /// @throws LimitReachedException if the bus has as many subscriptions as it allows
    /// @throws IllegalStateException if the bus is closed
    public Subscription subscribe(
            TopicPattern pattern, EventHandler handler, SubscribeOptions how) {
        Executor lane = how.lane() != null ? how.lane() : reactors.next()::callFromThread;
        LocalSubscription subscription = new LocalSubscription(this, pattern, handler, how, lane);
        synchronized (index) {
            if (closed) {
                throw new IllegalStateException("the bus of node " + options.node() + " is closed");
            }
            if (subscriptions.size() >= options.maxSubscriptions()) {
                throw new LimitReachedException(
                        "this node allows "
                                + options.maxSubscriptions()
                                + " subscriptions, and all are taken");
            }
            subscriptions.add(subscription);
            add(pattern, subscription);
            interests.add(new Interest(pattern, how.group()));
        }
        return subscription;
    }

    /// Publishes a question and waits for the first answer ([Draft#answering]).
    ///
    /// @param deadline how long to wait
    /// @return completes, on a reactor, with the answer; or with [NoListenersException] (at once),
    ///   [RequestTimedOutException] or [LimitReachedException]
    public CompletionStage<Event> request(Draft draft, Duration deadline) {
        return requests.request(draft, deadline);
    }

    /// The books of this node.
    public BusStats stats() {
        long waiting = 0;
        synchronized (index) {
            for (LocalSubscription subscription : subscriptions) {
                waiting += subscription.waiting();
            }
        }
        return counters.snapshot(waiting);
    }

    /// Closes every subscription and fails every waiting request. Idempotent.
    @Override
    public void close() {
        List<LocalSubscription> open;
        synchronized (index) {
            closed = true;
            open = new ArrayList<>(subscriptions);
        }
        open.forEach(LocalSubscription::close);
        requests.close();
    }

    // ---- the seam to other nodes ----

    /// Tells `listener` all that this node wants now, then each change, in order.
    ///
    /// @return closes to tell it no more
    public AutoCloseable listenToInterest(InterestListener listener) {
        synchronized (index) {
            interests.listen(listener);
        }
        return () -> {
            synchronized (index) {
                interests.unlisten(listener);
            }
        };
    }

    /// Another node is linked: what it wants is set on the result.
    public RemoteInterest addNode(RemoteNode node) {
        return new NodeInterest(node);
    }

    /// An event came from another node, for its interests here.
    ///
    /// @param plain whether subscriptions without a group get it
    /// @param groups the groups of which one member here gets it
    public void receive(Event event, boolean plain, List<String> groups) {
        Route route = route(event.topic());
        int targets = 0;
        if (plain) {
            for (LocalSubscription subscription : route.everyone()) {
                targets += subscription.offer(event) ? 1 : 0;
            }
        }
        for (Route.Group group : route.groups()) {
            LocalSubscription member = groups.contains(group.name()) ? group.nextHere() : null;
            if (member != null) {
                targets += member.offer(event) ? 1 : 0;
            }
        }
        if (targets == 0) {
            counters.offered();
            counters.dropped(DropReason.NO_SUBSCRIBER, 1);
            answerNoListeners(event);
        }
    }

    private void answerNoListeners(Event event) {
        Topic replyTo = event.replyTo();
        if (replyTo != null) {
            publish(Draft.to(replyTo).withAttribute("type", NO_LISTENERS_TYPE));
        }
    }

    // ---- routing ----

    Counters counters() {
        return counters;
    }

    EventStamp stamp() {
        return stamp;
    }

    /// Counts and sends an event that is sealed already.
    ///
    /// @return how many subscriptions here and nodes elsewhere were offered the event
    int send(Event event) {
        counters.published();
        Route route = route(event.topic());
        int targets = 0;
        for (LocalSubscription subscription : route.everyone()) {
            targets += subscription.offer(event) ? 1 : 0;
        }
        targets += route.groups().isEmpty() ? sendPlain(event, route) : sendGrouped(event, route);
        if (targets == 0) {
            counters.unheard();
        }
        return targets;
    }

    private static int sendPlain(Event event, Route route) {
        for (RemoteNode node : route.nodes()) {
            node.send(event, true, List.of());
        }
        return route.nodes().size();
    }

    private static int sendGrouped(Event event, Route route) {
        int targets = 0;
        Map<RemoteNode, List<String>> chosen = new LinkedHashMap<>();
        route.nodes().forEach(node -> chosen.put(node, List.of()));
        for (Route.Group group : route.groups()) {
            switch (group.next()) {
                case LocalSubscription local -> targets += local.offer(event) ? 1 : 0;
                case RemoteSubscriber remote ->
                        chosen.merge(remote.node(), List.of(group.name()), EventBus::concat);
            }
        }
        chosen.forEach((node, groups) -> node.send(event, route.nodes().contains(node), groups));
        return targets + chosen.size();
    }

    private static List<String> concat(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private Route route(Topic topic) {
        Route known = routes.get(topic);
        if (known != null) {
            return known;
        }
        synchronized (index) {
            List<Subscriber> found = new ArrayList<>();
            index.match(topic, found::add);
            Route route = Route.of(found);
            if (routes.size() >= MAX_CACHED_ROUTES) {
                routes.clear();
            }
            routes.put(topic, route);
            return route;
        }
    }

    private void add(TopicPattern pattern, Subscriber subscriber) {
        index.add(pattern, subscriber);
        forgetRoutes(pattern);
    }

    private void forgetRoutes(TopicPattern pattern) {
        if (pattern.isLiteral()) {
            routes.remove(Topic.of(pattern.text()));
        } else {
            routes.clear();
        }
    }

    void remove(LocalSubscription subscription) {
        synchronized (index) {
            if (subscriptions.remove(subscription)) {
                index.remove(subscription.pattern(), subscription);
                forgetRoutes(subscription.pattern());
                interests.remove(new Interest(subscription.pattern(), subscription.group()));
            }
        }
    }

    /// What one linked node wants.
    private final class NodeInterest implements RemoteInterest {
        private final RemoteNode node;
        private final Map<Interest, RemoteSubscriber> wanted = new TreeMap<>();
        private boolean gone;

        NodeInterest(RemoteNode node) {
            this.node = node;
        }

        @Override
        public void set(Interest interest, int count) {
            synchronized (index) {
                if (gone) {
                    return;
                }
                take(interest);
                if (count > 0) {
                    RemoteSubscriber subscriber = new RemoteSubscriber(node, interest, count);
                    wanted.put(interest, subscriber);
                    add(interest.pattern(), subscriber);
                }
            }
        }

        private void take(Interest interest) {
            @Nullable RemoteSubscriber before = wanted.remove(interest);
            if (before != null) {
                index.remove(interest.pattern(), before);
                forgetRoutes(interest.pattern());
            }
        }

        @Override
        public void close() {
            synchronized (index) {
                gone = true;
                List.copyOf(wanted.keySet()).forEach(this::take);
            }
        }
    }
}
