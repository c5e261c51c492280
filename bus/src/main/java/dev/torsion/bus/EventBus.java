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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    /// answer and that nobody gets: nobody on any known node wanted it, or the only one who did had
    /// left when it reached another node.
    public static final String NO_LISTENERS_TYPE = "dev.torsion.nolisteners";

    private static final Logger log = LoggerFactory.getLogger(EventBus.class);

    private static final int MAX_CACHED_ROUTES = 65_536;

    private final BusOptions options;
    private final ReactorGroup reactors;
    private final Reactor home;
    private final EventStamp stamp;
    private final Requests requests;
    private final Counters counters = new Counters();

    // Guarded by index.
    private final TopicIndex<Subscriber> index = new TopicIndex<>();
    private final Set<LocalSubscription> subscriptions = new LinkedHashSet<>();
    private final InterestBook interests = new InterestBook();
    private final GroupTurns groupTurns = new GroupTurns();
    private boolean closed;

    /// What the index says, by topic. Read without a lock; filled and forgotten under the index's.
    private volatile Map<Topic, Route> routes = new ConcurrentHashMap<>();

    private volatile FailureListener failures = (_, _) -> {};

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

    /// The first of the reactors of this bus: the one for what belongs to the node as a whole.
    public Reactor home() {
        return home;
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
        if (send(event, false) == 0) {
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
        return open(null, pattern, handler, how);
    }

    /// @param owner whose the handler is; null for nobody who has a name
    LocalSubscription open(
            @Nullable String owner,
            TopicPattern pattern,
            EventHandler handler,
            SubscribeOptions how) {
        Executor lane = how.lane() != null ? how.lane() : reactors.next()::callFromThread;
        LocalSubscription subscription =
                new LocalSubscription(this, owner, pattern, handler, how, lane);
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
    /// @param deadline how long to wait; a day at most, whatever it says
    /// @return completes, on a reactor, with the answer; or with [NoListenersException],
    ///   [RequestTimedOutException] or [LimitReachedException]; or, when the bus closes, with
    ///   [IllegalStateException]. What is known at once has completed it when this returns;
    ///   cancelling it forgets the question: a late answer is ignored
    /// @throws IllegalArgumentException if the deadline is not ahead, or as [#publish] does
    public CompletionStage<Event> request(Draft draft, Duration deadline) {
        return requests.request(draft, deadline);
    }

    /// The books of this node.
    public BusStats stats() {
        return counters.snapshot(waiting());
    }

    /// How many events wait in the queues of the subscriptions here: that one figure of [#stats()],
    /// for whoever asks often.
    public long waiting() {
        long waiting = 0;
        for (LocalSubscription subscription : subscriptions()) {
            waiting += subscription.waiting();
        }
        return waiting;
    }

    /// Tells `listener`, instead of the one before, what handlers and components throw from now on.
    /// It is logged in any case.
    public void listenToFailures(FailureListener listener) {
        failures = listener;
    }

    /// Something of a subscriber's or a component's threw.
    void failed(String where, Throwable thrown) {
        log.error("{} threw", where, thrown);
        failures.threw(where, thrown);
    }

    /// Closes every subscription, those that drain included, and fails every waiting request.
    /// Idempotent.
    @Override
    public void close() {
        synchronized (index) {
            closed = true;
        }
        subscriptions().forEach(LocalSubscription::close);
        requests.close();
    }

    private List<LocalSubscription> subscriptions() {
        synchronized (index) {
            return List.copyOf(subscriptions);
        }
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

    /// From now on this node wants nothing of others but the answers to its own requests: they are
    /// told that every other interest is gone. Its subscriptions still get what is published here,
    /// and what was on its way. Idempotent.
    public void withdrawInterest() {
        synchronized (index) {
            interests.tellOnly(interest -> requests.isInbox(interest.pattern()));
        }
    }

    /// Another node is linked: what it wants is set on the result.
    public RemoteInterest addNode(RemoteNode node) {
        return new NodeInterest(node);
    }

    /// An event came from another node, for its interests here.
    ///
    /// @param plain whether subscriptions without a group get it
    /// @param groups the groups of which one member here gets it
    /// @param nobodyMatters whether to answer an event that asks, and that nobody here takes; see
    ///   [RemoteNode#send]
    public void receive(Event event, boolean plain, List<String> groups, boolean nobodyMatters) {
        boolean taken = plain && cameFor(sendHere(event, route(event.topic())) > 0);
        for (String group : groups) {
            taken |= cameFor(sendToGroupHere(event, group));
        }
        if (!taken && nobodyMatters) {
            answerNoListeners(event);
        }
    }

    private void answerNoListeners(Event event) {
        Topic replyTo = event.replyTo();
        if (replyTo != null) {
            publish(
                    Draft.to(replyTo)
                            .withAttribute("type", NO_LISTENERS_TYPE)
                            .withAttribute(Event.CAUSE, event.id()));
        }
    }

    /// Counts an event that came for somebody who is not there any more.
    private boolean cameFor(boolean somebody) {
        if (!somebody) {
            counters.offered();
            counters.dropped(DropReason.NO_SUBSCRIBER, 1);
        }
        return somebody;
    }

    private boolean sendToGroupHere(Event event, String name) {
        while (true) {
            Route.Group group = route(event.topic()).group(name);
            LocalSubscription member = group == null ? null : group.nextHere();
            if (member == null || member.offer(event)) {
                return member != null;
            }
            unroute(member);
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
    /// @param counted whether each node where nobody is any more shall answer so
    /// @return how many subscriptions here and nodes elsewhere took the event
    int send(Event event, boolean counted) {
        counters.published();
        Route route = route(event.topic());
        int here = sendHere(event, route);
        int targets =
                route.groups().isEmpty()
                        ? sendPlain(event, route, here, counted)
                        : sendGrouped(event, route, here, counted);
        if (targets == 0) {
            counters.unheard();
        }
        return targets;
    }

    private static int sendHere(Event event, Route route) {
        int targets = 0;
        for (LocalSubscription subscription : route.everyone()) {
            targets += subscription.offer(event) ? 1 : 0;
        }
        return targets;
    }

    private static int sendPlain(Event event, Route route, int here, boolean counted) {
        boolean nobodyMatters = counted || here + route.nodes().size() == 1;
        int targets = here;
        for (RemoteNode node : route.nodes()) {
            targets += node.send(event, true, List.of(), nobodyMatters) ? 1 : 0;
        }
        return targets;
    }

    private int sendGrouped(Event event, Route route, int here, boolean counted) {
        int targets = here;
        Map<RemoteNode, List<String>> chosen = new LinkedHashMap<>();
        for (Route.Group group : route.groups()) {
            targets += sendToGroup(event, group, chosen);
        }
        Set<RemoteNode> plain = new LinkedHashSet<>(route.nodes());
        Set<RemoteNode> nodes = new LinkedHashSet<>(plain);
        nodes.addAll(chosen.keySet());
        boolean nobodyMatters = counted || targets + nodes.size() == 1;
        for (RemoteNode node : nodes) {
            List<String> groups = chosen.getOrDefault(node, List.of());
            targets += node.send(event, plain.contains(node), groups, nobodyMatters) ? 1 : 0;
        }
        return targets;
    }

    /// Gives the event to the member whose turn it is: to one here at once, to one elsewhere by
    /// noting it in `chosen`. A member here that has just left is passed over.
    private int sendToGroup(Event event, Route.Group known, Map<RemoteNode, List<String>> chosen) {
        Route.Group group = known;
        while (group != null) {
            switch (group.next()) {
                case RemoteSubscriber remote -> {
                    chosen.merge(remote.node(), List.of(group.name()), EventBus::concat);
                    return 0;
                }
                case LocalSubscription local -> {
                    if (local.offer(event)) {
                        return 1;
                    }
                    unroute(local);
                }
            }
            group = route(event.topic()).group(known.name());
        }
        return 0;
    }

    private static List<String> concat(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private Route route(Topic topic) {
        Route known = routes.get(topic);
        return known != null ? known : findRoute(topic);
    }

    private Route findRoute(Topic topic) {
        synchronized (index) {
            List<Subscriber> found = new ArrayList<>();
            index.match(topic, found::add);
            Route route = Route.of(found, groupTurns);
            if (routes.size() >= MAX_CACHED_ROUTES) {
                forgetAllRoutes();
            }
            routes.put(topic, route);
            return route;
        }
    }

    private void add(TopicPattern pattern, Subscriber subscriber) {
        index.add(pattern, subscriber);
        groupTurns.join(subscriber.group());
        forgetRoutes(pattern);
    }

    private boolean take(TopicPattern pattern, Subscriber subscriber) {
        boolean there = index.remove(pattern, subscriber);
        if (there) {
            groupTurns.leave(subscriber.group());
            forgetRoutes(pattern);
        }
        return there;
    }

    private void forgetRoutes(TopicPattern pattern) {
        if (pattern.isLiteral()) {
            routes.remove(Topic.of(pattern.text()));
        } else {
            forgetAllRoutes();
        }
    }

    /// A map that was large takes long to clear; a new one does not.
    private void forgetAllRoutes() {
        if (!routes.isEmpty()) {
            routes = new ConcurrentHashMap<>();
        }
    }

    /// No more events for this subscription. Idempotent.
    void unroute(LocalSubscription subscription) {
        synchronized (index) {
            if (take(subscription.pattern(), subscription)) {
                interests.remove(new Interest(subscription.pattern(), subscription.group()));
            }
        }
    }

    /// The subscription has ended. Idempotent.
    void remove(LocalSubscription subscription) {
        synchronized (index) {
            unroute(subscription);
            subscriptions.remove(subscription);
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
                RemoteSubscriber before = wanted.get(interest);
                int weight = interest.group() == null ? Math.min(count, 1) : count;
                RemoteSubscriber after = new RemoteSubscriber(node, interest, weight);
                if (gone || after.equals(before)) {
                    return;
                }
                if (before != null) {
                    forget(before);
                }
                if (weight > 0) {
                    wanted.put(interest, after);
                    add(interest.pattern(), after);
                }
            }
        }

        private void forget(RemoteSubscriber subscriber) {
            wanted.remove(subscriber.interest());
            take(subscriber.interest().pattern(), subscriber);
        }

        @Override
        public void close() {
            synchronized (index) {
                gone = true;
                List.copyOf(wanted.values()).forEach(this::forget);
            }
        }
    }
}
