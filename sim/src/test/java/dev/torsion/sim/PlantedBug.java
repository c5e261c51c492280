package dev.torsion.sim;

import dev.torsion.sim.PatchedProduct.Change;
import java.util.List;

/// A fault in the product that the simulation must find: a change of its source as somebody might
/// make it by mistake.
///
/// The source is changed on the fly, in a copy that only the test sees. If a change does not apply
/// any more because the product has changed, put the same mistake into the new source.
///
/// @param name a few words
/// @param scenario the one of [Scenarios] that finds it
/// @param changes of the source
record PlantedBug(String name, String scenario, List<Change> changes) {

    PlantedBug(String name, String scenario, Change... changes) {
        this(name, scenario, List.of(changes));
    }

    /// Where it is.
    String place() {
        Change first = changes.getFirst();
        return first.room() + ": " + first.type();
    }

    @Override
    public String toString() {
        return name;
    }

    private static Change bus(String type, String before, String after) {
        return new Change("bus", type, before, after);
    }

    private static Change cluster(String type, String before, String after) {
        return new Change("cluster", type, before, after);
    }

    static List<PlantedBug> all() {
        return List.of(
                // ---- interest and routing ----
                new PlantedBug(
                        "interest is told on the first link only, and lost after a heal",
                        "flapping",
                        cluster(
                                "Peer",
                                "outbox.interest(interest, count);",
                                """
                                if (full.get() || books.snapshot().links() < 2) {
                                    outbox.interest(interest, count);
                                }
                                """)),
                new PlantedBug(
                        "a route is kept although somebody new is interested",
                        "calm",
                        bus(
                                "EventBus",
                                """
                                groupTurns.join(subscriber.group());
                                forgetRoutes(pattern);
                                """,
                                "groupTurns.join(subscriber.group());")),
                new PlantedBug(
                        "the interest of a lost node stays",
                        "chaos",
                        bus("EventBus", "List.copyOf(wanted.values()).forEach(this::forget);", "")),
                new PlantedBug(
                        "an interest that ends is not told",
                        "calm",
                        bus("InterestBook", "tell(interest, left == null ? 0 : left);", "")),
                new PlantedBug(
                        "the changes of one interest are applied out of order",
                        "calm",
                        cluster(
                                "Link",
                                "peer.wants(interest, count);",
                                """
                                mesh.home().callLater(
                                        Duration.ofMillis(count == 0 ? 4000 : 1),
                                        () -> peer.wants(interest, count));
                                """)),
                new PlantedBug(
                        "a pattern's star matches the rest of the topic",
                        "calm",
                        bus(
                                "TopicIndex",
                                "match(node.any, tokens, depth + 1, found);",
                                "match(node.any, tokens, tokens.size(), found);")),
                // ---- groups ----
                new PlantedBug(
                        "a node that has a subscriber and a group member gets an event twice",
                        "calm",
                        bus(
                                "EventBus",
                                """
                                for (RemoteNode node : nodes) {
                                    List<String> groups = chosen.getOrDefault(node, List.of());
                                """,
                                """
                                for (RemoteNode node : chosen.keySet()) {
                                    node.send(event, false, chosen.get(node), nobodyMatters);
                                }
                                for (RemoteNode node : nodes) {
                                    List<String> groups = chosen.getOrDefault(node, List.of());
                                """)),
                new PlantedBug(
                        "every node gives an event to a member of its own",
                        "calm",
                        bus(
                                "EventBus",
                                "for (String group : groups) { taken |=",
                                """
                                for (String group : route(event.topic()).groups().stream()
                                        .map(Route.Group::name).toList()) {
                                    taken |=
                                """)),
                new PlantedBug(
                        "an event from another node is sent on to the others",
                        "calm",
                        bus(
                                "EventBus",
                                "private boolean closed;",
                                """
                                private boolean closed;
                                private final Set<String> sentOn = new LinkedHashSet<>();
                                """),
                        bus(
                                "EventBus",
                                "if (!taken && nobodyMatters) {",
                                """
                                if (plain && sentOn.add(event.id())) {
                                    sendPlain(event, route(event.topic()), 1, false);
                                }
                                if (!taken && nobodyMatters) {
                                """)),
                // ---- queues, bounds and books ----
                new PlantedBug(
                        "a subscription's queue takes one more than its bound",
                        "crowded",
                        bus(
                                "LocalSubscription",
                                "overflowed = waiting == capacity;",
                                "overflowed = waiting > capacity;")),
                new PlantedBug(
                        "a gap does not add up",
                        "crowded",
                        bus(
                                "LocalSubscription",
                                "return new Gap(before + more, DropReason.QUEUE_FULL);",
                                "return new Gap(Math.max(before, more), DropReason.QUEUE_FULL);")),
                new PlantedBug(
                        "a drop of a full queue is not counted",
                        "crowded",
                        bus(
                                "LocalSubscription",
                                "bus.counters().dropped(DropReason.QUEUE_FULL, more);",
                                "")),
                new PlantedBug(
                        "events overtake each other in a queue that is getting full",
                        "crowded",
                        bus(
                                "LocalSubscription",
                                "queue.add(event); waiting++;",
                                """
                                if (waiting > 1) {
                                    Incoming last = queue.removeLast();
                                    queue.add(event);
                                    queue.add(last);
                                } else {
                                    queue.add(event);
                                }
                                waiting++;
                                """)),
                new PlantedBug(
                        "a link's queue has no bound",
                        "crowded",
                        cluster(
                                "Outbox",
                                "if (waitingBytes + data.size() > maxBytes) {",
                                "if (data.size() > maxBytes) {"),
                        cluster(
                                "Outbox",
                                "if (length > maxFrameBytes || waitingBytes + size > maxBytes) {",
                                "if (length > maxFrameBytes) {")),
                new PlantedBug(
                        "a link's queue forgets to give room back: the credit leaks",
                        "crowded",
                        cluster(
                                "Outbox",
                                "waitingBytes -= next.bytes().size();",
                                "waitingBytes -= next.bytes().size() - 1;")),
                new PlantedBug(
                        "a drop of a full link is not counted",
                        "crowded",
                        cluster(
                                "Outbox",
                                "if (dropped != null) {",
                                "if (dropped != null && dropped != DropReason.LINK_FULL) {")),
                new PlantedBug(
                        "what waits when a link breaks is not counted as dropped",
                        "crowded",
                        cluster(
                                "Outbox",
                                "books.dropped(DropReason.LINK_DOWN, waitingEvents);",
                                "")),
                new PlantedBug(
                        "what was underway when a link broke is not counted as lost",
                        "chaos",
                        cluster(
                                "Books",
                                "unconfirmed.addAndGet(lostEvents - inDoubt); lost(lostEvents);",
                                "unconfirmed.addAndGet(-inDoubt);")),
                new PlantedBug(
                        "the longest frame is one byte shorter for who reads it",
                        "crowded",
                        new Change(
                                "protocols",
                                "FrameProtocol",
                                "if (length < 0 || length > maxLength) {",
                                "if (length < 0 || length >= maxLength) {")),
                new PlantedBug(
                        "what waits is sent in the wrong order once a link has been held up",
                        "crowded",
                        cluster(
                                "Outbox",
                                "Chunk next = chunks.poll();",
                                """
                                Chunk next = chunks.size() < 2
                                        ? chunks.poll()
                                        : ((ArrayDeque<Chunk>) chunks).pollLast();
                                """)),
                new PlantedBug(
                        "a link that was held up is not woken",
                        "crowded",
                        cluster("Link", "writable = true; flush();", "writable = true;")),
                // ---- links ----
                new PlantedBug(
                        "no heartbeats",
                        "parted",
                        cluster(
                                "Link",
                                "frames.write(FrameCodec.heartbeat()); // between",
                                "// between")),
                new PlantedBug(
                        "silence is not noticed",
                        "parted",
                        cluster(
                                "Link",
                                "heartbeat.multipliedBy(++silentBeats)",
                                "heartbeat.multipliedBy(silentBeats)")),
                new PlantedBug(
                        "silence is counted although something came",
                        "calm",
                        cluster(
                                "Link",
                                "silentBeats = 0; frames.dataReceived(data);",
                                "frames.dataReceived(data);")),
                new PlantedBug(
                        "a lost link is not dialled again",
                        "flapping",
                        cluster(
                                "Dialer",
                                """
                                linked = false;
                                dialling = false;
                                later();
                                """,
                                """
                                boolean was = linked;
                                linked = false;
                                dialling = false;
                                if (!was) {
                                    later();
                                }
                                """),
                        cluster(
                                "Dialer",
                                "targets.values().stream().filter(target -> target.isOf(name)).forEach(Target::later);",
                                "")),
                new PlantedBug(
                        "the wait before dialling again does not grow",
                        "parted",
                        cluster("Dialer", "(1L << Math.min(failures, MAX_DOUBLINGS))", "1")),
                new PlantedBug(
                        "a node is dialled again at once",
                        "parted",
                        cluster(
                                "Dialer",
                                "retry = mesh.home().callLater(pause(), this::again);",
                                "retry = mesh.home().callLater(Duration.ofMillis(1), this::again);")),
                new PlantedBug(
                        "a later life does not replace the earlier one",
                        "parted",
                        cluster(
                                "Mesh",
                                """
                                link.end(Farewell.REPLACED, node + " is newer and has the name of " + linked);
                                return new Verdict.Accept();
                                """,
                                """
                                return new Verdict.Refuse(Farewell.DUPLICATE, "linked");
                                """)),
                new PlantedBug(
                        "a node restarts in its old incarnation",
                        "chaos",
                        cluster("Cluster", "who.incarnation(), reached", "1, reached")),
                new PlantedBug(
                        "two connections that cross both become links",
                        "calm",
                        cluster(
                                "Mesh",
                                "if (decidesWith(node)) { link.probe();",
                                "if (decidesWith(node) && link.identity().incarnation() < 0) { link.probe();"),
                        cluster(
                                "Mesh",
                                """
                                before.end(Farewell.DUPLICATE, "another connection took its place");
                                """,
                                "before.toString();")),
                new PlantedBug(
                        "a frame of an old connection is accepted",
                        "overtaken",
                        cluster(
                                "Link",
                                "private boolean unknownSeen;",
                                "private boolean unknownSeen; private @Nullable Peer old;"),
                        cluster(
                                "Link",
                                "state = new State.Ended();",
                                "state = new State.Ended(); old = peer == null ? old : peer;"),
                        cluster(
                                "Link",
                                "case State.Ended _ -> {} } } private void awaitingHello",
                                """
                                case State.Ended _ -> {
                                    if (old != null && frame instanceof Frame.EventSent sent) {
                                        deliver(sent, old);
                                    }
                                } } }
                                private void awaitingHello\
                                """),
                        cluster(
                                "Link",
                                "frames.write(out.done()); close();",
                                "frames.write(out.done()); ended();")),
                new PlantedBug(
                        "the deadline of the handshake goes on when the link stands",
                        "calm",
                        cluster(
                                "Link",
                                "state = new State.Up(peer); stopTimer();",
                                "state = new State.Up(peer);")),
                // ---- membership ----
                new PlantedBug(
                        "a goodbye is not heard",
                        "goodbyes",
                        cluster("Link", "mesh.departed(peer.node());", "")),
                new PlantedBug(
                        "somebody's word brings back a node that said goodbye",
                        "goodbyes",
                        cluster("Membership", "|| !isLater(node, departed.get(node.name()))", "")),
                new PlantedBug(
                        "a seed is forgotten like any node",
                        "parted",
                        cluster(
                                "Dialer",
                                "if (target.seed) { target.later(); }",
                                "if (target.failures < 0) { target.later(); }")),
                new PlantedBug(
                        "a node is forgotten although its link came back",
                        "parted",
                        cluster(
                                "Membership",
                                "Known before = members.put(node.name(), new Known(node)); if (before != null) {",
                                "Known before = members.put(node.name(), new Known(node)); if (before != null && forgetAfter.isNegative()) {")),
                // ---- events and requests ----
                new PlantedBug(
                        "ids begin again with each life",
                        "chaos",
                        bus(
                                "EventStamp",
                                "Long.toString(options.incarnation(), 36)",
                                "Long.toString(1, 36)")),
                new PlantedBug(
                        "the cause is lost on the way",
                        "calm",
                        cluster(
                                "EventCodec",
                                "event.attributes().forEach((name, value) -> out.text(name).text(value));",
                                """
                                event.attributes().forEach((name, value) ->
                                        out.text(name).text(name.equals(Event.CAUSE) ? "none" : value));
                                """)),
                new PlantedBug(
                        "an answer goes to the oldest question",
                        "chaos",
                        bus(
                                "Requests",
                                "Pending request = pending.get(answer.topic().name());",
                                """
                                Pending request =
                                        pending.isEmpty() ? null : pending.firstEntry().getValue();
                                """)),
                new PlantedBug(
                        "a request's deadline never fires",
                        "chaos",
                        bus("Requests", "home.callFromThread(() -> request.failAfter(wait));", "")),
                new PlantedBug(
                        "an answered request keeps its place: the limit leaks away",
                        "chaos",
                        bus(
                                "Requests",
                                "waiting.decrementAndGet(); home.callFromThread(() -> {",
                                "home.callFromThread(() -> {")),
                new PlantedBug(
                        "nobody is said to listen though a node does",
                        "calm",
                        bus(
                                "EventBus",
                                "node.send(event, plain.contains(node), groups, nobodyMatters) ? 1 : 0;",
                                "node.send(event, plain.contains(node), groups, nobodyMatters) && groups.isEmpty() ? 1 : 0;")));
    }
}
