package dev.torsion.sim;

import dev.torsion.bus.Draft;
import dev.torsion.bus.EventBus;
import dev.torsion.gateways.nats.NatsDoor;
import dev.torsion.gateways.nats.NatsOptions;
import dev.torsion.gateways.nats.NatsStats;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.sim.NatsSession.Heard;
import dev.torsion.sim.NatsSession.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the NATS clients of a run said and heard, the doors they said it to, and the claims about
/// it.
final class NatsRecord {
    static final String NEWS = "news.>";
    static final String QUESTIONS = "questions";
    static final String NOBODY = "nobody.is.there";

    /// Of a payload; see [SimulatedNode#busOptions].
    static final int LARGEST = 1000;

    /// Interest that is told, and messages, are underway no longer than this.
    private static final long UNDERWAY = Duration.ofSeconds(1).toNanos();

    private final Simulation sim;
    private final List<Door> doors = new ArrayList<>();
    private final List<NatsSession> sessions = new ArrayList<>();
    private final Map<String, Sent> sent = new LinkedHashMap<>();
    private final Map<String, Asked> asked = new LinkedHashMap<>();
    private final Set<NatsSession> blundered = new LinkedHashSet<>();

    /// A door in one life of its node.
    private record Door(SimulatedNode node, long incarnation, EventBus bus, NatsDoor door) {
        String id() {
            return node.name() + "-" + incarnation;
        }
    }

    /// A message that a client published.
    private static final class Sent {
        private final NatsSession by;
        private final long number;
        private final String subject;
        private final String text;
        private final long nanos;
        private boolean accepted;

        Sent(NatsSession by, long number, String subject, String text, long nanos) {
            this.by = by;
            this.number = number;
            this.subject = subject;
            this.text = text;
            this.nanos = nanos;
        }
    }

    /// A question that a client asked.
    private record Asked(NatsSession by, String subject, String text, long nanos) {}

    NatsRecord(Simulation sim) {
        this.sim = sim;
    }

    // ---- writing down ----

    /// The door of a node's new life.
    ProtocolFactory opens(SimulatedNode node, EventBus bus, int maxEvents, long maxBytes) {
        String id = node.name() + "-" + node.incarnation();
        NatsDoor door =
                new NatsDoor(
                        bus,
                        NatsOptions.of(node.name(), id)
                                .withMaxPending(maxEvents, maxBytes)
                                .withPings(Duration.ofSeconds(2), 2));
        doors.add(new Door(node, node.incarnation(), bus, door));
        return door;
    }

    NatsSession newSession(
            String client, Consumer<NatsSession> greeted, Consumer<NatsSession> over) {
        NatsSession session =
                new NatsSession(sim, client, client + "_" + (sessions.size() + 1), greeted, over);
        sessions.add(session);
        return session;
    }

    /// A client begins a life: the connections of the one before ended with it.
    void livesAgain(String client) {
        long ended = 0;
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Lived it
                    && it.node().equals(client)
                    && !it.started()) {
                ended = it.nanos();
            }
        }
        for (NatsSession session : sessions) {
            if (session.client().equals(client)) {
                session.vanished(ended);
            }
        }
    }

    static String inbox(NatsSession session) {
        return "_INBOX." + session.name();
    }

    static String answerTo(String question) {
        return "re: " + question;
    }

    void publishes(NatsSession session, int length) {
        String id = session.name() + "-" + sent.size();
        String text = id + " " + "x".repeat(length - id.length() - 1);
        String subject = "news." + session.name();
        Sent message = new Sent(session, sent.size(), subject, text, now());
        sent.put(id, message);
        session.publish(subject, null, text);
        session.ping(() -> message.accepted = true);
    }

    void asks(NatsSession session, String subject) {
        String replyTo = inbox(session) + "." + asked.size();
        Asked question = new Asked(session, subject, "what is " + asked.size() + "?", now());
        asked.put(replyTo, question);
        session.publish(subject, replyTo, question.text);
        session.ping(() -> {});
    }

    /// Says something that is one byte too large.
    void blunders(NatsSession session) {
        session.say("PUB news.too.large " + (LARGEST + 1));
        blundered.add(session);
    }

    private long now() {
        return sim.now().toNanos();
    }

    // ---- what was met ----

    boolean wasTold(String error) {
        return sessions.stream().anyMatch(it -> it.errors().toString().contains(error));
    }

    boolean heard(boolean noResponders) {
        return sessions.stream()
                .flatMap(it -> answers(it).stream())
                .anyMatch(it -> it.noResponders() == noResponders);
    }

    /// Connections that ended otherwise than in good order.
    boolean hasBroken() {
        return sessions.stream().anyMatch(it -> !it.isWhole());
    }

    /// Connections that broke under a client that read what the door says.
    boolean hasBrokenWhileRead() {
        return sessions.stream().anyMatch(NatsSession::hasBrokenWhileRead);
    }

    // ---- claims ----

    /// All that holds whatever happens.
    NatsRecord holds() {
        for (NatsSession session : sessions) {
            for (Subscription subscription : session.subscriptions().values()) {
                if (subscription.pattern.equals(NEWS)) {
                    nothingInvented(session, subscription);
                    inOrder(session, subscription);
                }
                endsInTime(session, subscription);
            }
            answersFit(session);
            onlyKnownErrors(session);
        }
        atMostOnce();
        doors.forEach(this::booksBalance);
        return this;
    }

    private void nothingInvented(NatsSession session, Subscription subscription) {
        for (Heard it : subscription.heard) {
            Sent original = sent.get(it.id());
            sim.claim(
                    "the door invents nothing",
                    original != null
                            && original.text.equals(it.text())
                            && original.subject.equals(it.subject()),
                    session + " heard " + it);
        }
    }

    private void inOrder(NatsSession session, Subscription subscription) {
        Map<NatsSession, Long> last = new LinkedHashMap<>();
        for (Heard it : subscription.heard) {
            Sent original = sent.get(it.id());
            if (original != null) {
                Long before = last.put(original.by, original.number);
                sim.claim(
                        "the door keeps the order of a publisher",
                        before == null || before < original.number,
                        session + " heard " + it + " after number " + before);
            }
        }
    }

    private void endsInTime(NatsSession session, Subscription subscription) {
        sim.claim(
                "a subscription ends after its count",
                subscription.max == 0
                        || subscription.heard.size()
                                <= Math.max(subscription.max, subscription.heardBefore),
                session
                        + " was to hear "
                        + subscription.max
                        + " and heard "
                        + subscription.heard.size());
    }

    private void atMostOnce() {
        Set<String> workers = new LinkedHashSet<>();
        for (NatsSession session : sessions) {
            session.subscriptions()
                    .forEach((sid, subscription) -> {
                        Set<String> alone = new LinkedHashSet<>();
                        for (Heard it : subscription.heard) {
                            boolean first =
                                    switch (subscription.pattern) {
                                        case NEWS ->
                                                (subscription.group == null ? alone : workers)
                                                        .add(it.id());
                                        case QUESTIONS -> workers.add(String.valueOf(it.replyTo()));
                                        default -> alone.add(it.subject());
                                    };
                            sim.claim(
                                    "the door repeats nothing",
                                    first,
                                    session + " heard again " + it);
                        }
                    });
        }
    }

    private void answersFit(NatsSession session) {
        for (Heard it : answers(session)) {
            Asked question = asked.get(it.subject());
            sim.claim(
                    "an answer reaches who asked",
                    question != null && question.by == session,
                    session + " heard " + it);
            sim.claim(
                    "an answer fits its question",
                    question != null
                            && (it.noResponders() || it.text().equals(answerTo(question.text))),
                    session + " heard " + it + " to " + question);
        }
    }

    private static List<Heard> answers(NatsSession session) {
        Subscription inbox = session.subscriptions().get("inbox");
        return inbox == null ? List.of() : inbox.heard;
    }

    private void onlyKnownErrors(NatsSession session) {
        for (String error : session.errors()) {
            sim.claim(
                    "a client is told no error that it has not made",
                    error.equals("'Slow Consumer'")
                            || error.equals("'Stale Connection'")
                            || (error.equals("'Maximum Payload Violation'")
                                    && blundered.contains(session)),
                    session + " was told " + error);
        }
    }

    /// What a door counted is what its clients saw: no more, and exactly that if none of its
    /// connections broke.
    private void booksBalance(Door door) {
        NatsStats books = door.door.stats();
        List<NatsSession> here =
                sessions.stream().filter(it -> it.server().equals(door.id())).toList();
        boolean whole = here.stream().allMatch(NatsSession::isWhole) && isStanding(door);
        boolean open = here.stream().allMatch(NatsSession::isOpen);
        long heard = here.stream().mapToLong(NatsSession::messages).sum();
        long slow = here.stream().filter(it -> it.errors().contains("'Slow Consumer'")).count();
        long accepted = here.stream().mapToLong(NatsSession::accepted).sum();
        long published = here.stream().mapToLong(NatsSession::published).sum();
        long watched = watched(door);

        balance(
                door,
                "taken from the bus",
                door.bus.stats().delivered() - watched,
                books.written() + books.withheld(),
                true);
        balance(door, "heard by its clients", heard, books.written() - books.dropped(), whole);
        balance(door, "told that they are slow", slow, books.slowConsumers(), whole);
        balance(door, "known to be published", accepted, books.published(), open && whole);
        balance(door, "published", books.published(), published, open && whole);
    }

    private boolean isStanding(Door door) {
        return door.node.isUp() && door.node.incarnation() == door.incarnation;
    }

    private void balance(Door door, String what, long some, long all, boolean exactly) {
        sim.claim(
                "the door's books balance",
                exactly ? some == all : some <= all,
                door.id() + ": " + what + " " + some + ", of " + all + ": " + door.door.stats());
    }

    private long watched(Door door) {
        long watched = 0;
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Delivered it
                    && it.node().equals(door.node.name())
                    && it.incarnation() == door.incarnation) {
                watched++;
            }
        }
        return watched;
    }

    // ---- claims about the calm ----

    /// Of what was published from `start` on, while nothing was broken: everybody has had it who
    /// had subscribed by then and was there long enough, one member of each group, and every
    /// question was answered.
    NatsRecord nothingLostSince(Duration start) {
        for (Map.Entry<String, Sent> each : sent.entrySet()) {
            Sent message = each.getValue();
            if (message.accepted && isCalm(message.nanos, start)) {
                reachesAll(each.getKey(), message);
            }
        }
        asked.forEach((replyTo, question) -> {
            if (isCalm(question.nanos, start) && isThere(question.by, question.nanos)) {
                isAnswered(replyTo, question);
            }
        });
        return this;
    }

    private boolean isCalm(long nanos, Duration start) {
        return nanos >= start.toNanos() + UNDERWAY && nanos < now() - 2 * UNDERWAY;
    }

    /// Whether a connection stood about that moment, and goes on to.
    private boolean isThere(NatsSession session, long nanos) {
        Subscription first = session.subscriptions().get("all");
        return first != null
                && first.knownSince < nanos - UNDERWAY
                && session.endedAt() > nanos + UNDERWAY
                && session.errors().isEmpty() // who was sent away learns it late
                && !session.hasBrokenUnread(); // or never
    }

    private void reachesAll(String id, Sent message) {
        boolean settled = true;
        boolean shared = false;
        boolean members = false;
        for (NatsSession session : sessions) {
            if (isThere(session, message.nanos)) {
                members = true;
                requireHeard(session, id, message);
                shared |= hears(session.subscriptions().get("share"), id);
            } else {
                settled &= isAway(session, message.nanos);
                shared |= hears(session.subscriptions().get("share"), id);
            }
        }
        sim.claim(
                "the door loses nothing in the calm",
                !settled || !members || shared,
                "no worker heard " + id + " of " + message.by);
    }

    /// Whether it was gone, or not there yet.
    private static boolean isAway(NatsSession session, long nanos) {
        Subscription first = session.subscriptions().get("all");
        return first == null
                || session.endedAt() < nanos - UNDERWAY
                || (first.knownSince != Long.MAX_VALUE && first.knownSince > nanos + UNDERWAY);
    }

    private void requireHeard(NatsSession session, String id, Sent message) {
        session.subscriptions()
                .forEach((sid, subscription) -> {
                    boolean wanted =
                            subscription.pattern.equals(NEWS)
                                    && subscription.group == null
                                    && subscription.knownSince < message.nanos - UNDERWAY
                                    && (subscription.max == 0
                                            || subscription.heard.size() < subscription.max);
                    sim.claim(
                            "the door loses nothing in the calm",
                            !wanted || hears(subscription, id),
                            session + " did not hear " + id + " on " + sid);
                });
    }

    private static boolean hears(@Nullable Subscription subscription, String id) {
        return subscription != null && subscription.ids.contains(id);
    }

    private void isAnswered(String replyTo, Asked question) {
        boolean nobody = question.subject.equals(NOBODY);
        boolean answered =
                answers(question.by).stream()
                        .anyMatch(
                                it -> it.subject().equals(replyTo) && it.noResponders() == nobody);
        boolean settled =
                sessions.stream()
                        .allMatch(it -> isThere(it, question.nanos) || isAway(it, question.nanos));
        sim.claim(
                "the door answers in the calm",
                answered || !settled,
                question.by + " heard nothing that fits " + question);
    }

    // ---- claims about the end ----

    /// With every client gone, nothing is left of them.
    NatsRecord leavesNothingBehind() {
        Map<Door, Long> before = new LinkedHashMap<>();
        for (Door door : doors) {
            if (isStanding(door)) {
                NatsStats books = door.door.stats();
                sim.claim(
                        "nothing is left of clients that are gone",
                        books.connections() == 0,
                        door.id() + " still has connections: " + books);
                before.put(door, door.bus.stats().offered());
            }
        }
        before.keySet().forEach(door -> door.bus.publish(Draft.to("news.last").withText("…")));
        sim.runFor(Duration.ofSeconds(1));
        before.forEach((door, offered) ->
                sim.claim(
                        "nothing is left of clients that are gone",
                        door.bus.stats().offered() == offered + before.size(),
                        door.id()
                                + " offered "
                                + (door.bus.stats().offered() - offered)
                                + " events where only its watch wants them, each once, of "
                                + before.size()));
        return this;
    }
}
