package dev.torsion.sim;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.Gap;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that was written down in a run, in its order, and the claims about it.
///
/// A claim throws [BrokenClaimError] if it does not hold, and gives the history back if it does, so
/// that claims can be strung together. They are made after [Simulation#healAndSettle].
public final class History {
    private final Simulation sim;
    private final MemoryNetwork clock;
    private final Journal journal = new Journal();
    private final List<SimulatedNode.Books> closed = new ArrayList<>();
    private final List<Calm> calms = new ArrayList<>();
    private final Traces traces = new Traces();
    private final Map<String, EventTrace.Origin> origins = new LinkedHashMap<>();
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final Deliveries deliveries = new Deliveries(journal);
    private final Fingerprint fingerprint = new Fingerprint();
    private long questions;
    private final Map<Watch, Presence> presences = new LinkedHashMap<>();
    private @Nullable Calm calm;
    private @Nullable BrokenClaimError thrownByHandler;

    History(Simulation sim, MemoryNetwork clock) {
        this.sim = sim;
        this.clock = clock;
    }

    /// What happened so far, in its order.
    public List<Happening> happenings() {
        return journal.happenings();
    }

    // ---- claims ----

    /// All the claims below.
    public History holds() {
        return atMostOnce()
                .inOrder()
                .nothingInvented()
                .nothingLostInTheCalm()
                .linksStandInTheCalm()
                .booksBalance()
                .questionsSettled()
                .noHandlerThrows();
    }

    /// No watch, and no group, is given an event twice.
    public History atMostOnce() {
        deliveries.requireNoneTwice();
        return this;
    }

    /// A watch is given what one life of a node published on one topic in the order of publishing,
    /// and nothing of an earlier life after something of a later one.
    public History inOrder() {
        deliveries.requireOrder();
        return this;
    }

    /// What a watch is given matches its pattern, and is what a client published if one did.
    public History nothingInvented() {
        deliveries.requireNoneInvented();
        return this;
    }

    /// While no fault is active and all nodes have found each other, every event reaches each watch
    /// that wants it and one of each group; those that do not are no more than the watch was told
    /// it missed and the publisher's links counted as dropped for want of room, in that time.
    public History nothingLostInTheCalm() {
        List<Watch> watches = new ArrayList<>();
        sim.allNodes().forEach(node -> watches.addAll(node.watches()));
        for (Calm each : allCalms()) {
            CalmClaim.nothingLost(journal, traces.all(), watches, presences, each);
        }
        return this;
    }

    /// Every question that is asked while no fault is active and all nodes have found each other is
    /// answered, if that time lasts as long as the question's deadline: somebody answers always.
    public History answeredInTheCalm() {
        Claims.answered(journal.others(), allCalms());
        return this;
    }

    /// No link breaks while no fault is active and all nodes have found each other.
    public History linksStandInTheCalm() {
        allCalms().forEach(Ledger::linksStand);
        return this;
    }

    private List<Calm> allCalms() {
        List<Calm> all = new ArrayList<>(calms);
        if (calm != null) {
            all.add(calm.until(Long.MAX_VALUE, books()));
        }
        return all;
    }

    /// In every life of every node `offered = delivered + waiting + dropped`, on its bus and on its
    /// links; no node received more than was sent to it, and exactly that if the link never broke.
    public History booksBalance() {
        List<SimulatedNode.Books> all = new ArrayList<>(closed);
        all.addAll(books());
        Ledger.balances(all);
        return this;
    }

    /// Those of the nodes that are up.
    private List<SimulatedNode.Books> books() {
        return sim.allNodes().stream()
                .filter(SimulatedNode::isUp)
                .map(SimulatedNode::books)
                .toList();
    }

    /// Every question whose asker lived on has been answered, or has failed by its deadline, once.
    public History questionsSettled() {
        Claims.questionsSettled(journal.others());
        return this;
    }

    /// No handler of a subscription throws, and nothing that a component calls later, save on nodes
    /// that allow it ([SimulatedNode#handlersMayThrow]).
    public History noHandlerThrows() {
        if (thrownByHandler != null) {
            throw thrownByHandler;
        }
        return this;
    }

    // ---- writing down ----

    void published(SimulatedNode node, String client, Event event) {
        EventTrace trace = traces.of(event);
        EventTrace.Origin origin = origin(node, client);
        long now = clock.nanoTime();
        if (isAsSeenFirst(event, trace) && trace.origin() == null) {
            trace.published(now, origin);
            journal.published(trace);
        } else {
            journal.published(
                    new Happening.Published(now, node.name(), node.incarnation(), client, event));
        }
        print(now, node.name());
    }

    private EventTrace.Origin origin(SimulatedNode node, String client) {
        EventTrace.Origin known = origins.get(client);
        if (known != null
                && known.incarnation() == node.incarnation()
                && known.node().equals(node.name())) {
            return known;
        }
        int place = places.computeIfAbsent(node.name(), _ -> places.size());
        EventTrace.Origin origin =
                new EventTrace.Origin(node.name(), place, node.incarnation(), client);
        origins.put(client, origin);
        return origin;
    }

    /// A life of a watch, to be handed to [#delivered].
    Reader reader(Watch watch, long incarnation) {
        return deliveries.reader(watch, incarnation);
    }

    void delivered(Reader reader, Event event) {
        EventTrace trace = traces.of(event);
        boolean same = isAsSeenFirst(event, trace);
        deliveries.add(event, trace, same, reader);
        long now = clock.nanoTime();
        if (same) {
            journal.delivered(now, trace, reader);
        } else {
            journal.delivered(reader.delivered(now, event), trace, reader);
        }
        fingerprint.add(now);
        fingerprint.add(reader.fingerprint());
    }

    private boolean isAsSeenFirst(Event event, EventTrace trace) {
        boolean same = trace.event().equals(event);
        fingerprint.add(same ? trace.fingerprint() : Fingerprint.of(event));
        return same;
    }

    /// A watch that comes and goes has come or gone.
    void stands(Watch watch, boolean there) {
        presences.computeIfAbsent(watch, _ -> new Presence()).changed(clock.nanoTime(), there);
        noted(watch.node(), watch + (there ? " begins" : " ends"));
    }

    void missed(String node, long incarnation, Watch watch, Gap gap) {
        fingerprint.add(gap.count());
        add(new Happening.Missed(clock.nanoTime(), node, incarnation, watch, gap));
    }

    long asked(SimulatedNode node, String client, Draft draft, Duration deadline) {
        fingerprint.add(draft.topic().hashCode());
        fingerprint.add(draft.data());
        add(
                new Happening.Asked(
                        clock.nanoTime(),
                        node.name(),
                        node.incarnation(),
                        client,
                        ++questions,
                        draft.topic(),
                        draft.data().utf8(),
                        deadline));
        return questions;
    }

    void answered(String node, long number, Event answer) {
        fingerprint.add(Fingerprint.of(answer));
        add(new Happening.Answered(clock.nanoTime(), node, number, answer));
    }

    void unanswered(String node, long number, @Nullable Throwable why) {
        fingerprint.add(number);
        fingerprint.add(String.valueOf(why));
        add(new Happening.Unanswered(clock.nanoTime(), node, number, String.valueOf(why)));
    }

    void lived(String node, long incarnation, boolean started) {
        add(new Happening.Lived(clock.nanoTime(), node, incarnation, started));
    }

    void faulted(Fault fault, boolean begins) {
        if (begins && calm != null) {
            calms.add(calm.until(clock.nanoTime(), books()));
            calm = null;
        }
        String place = fault instanceof Fault.OfPlace it ? it.place() : "";
        add(new Happening.Faulted(clock.nanoTime(), place, fault, begins));
    }

    void noted(String node, String text) {
        fingerprint.add(text);
        add(new Happening.Noted(clock.nanoTime(), node, text));
    }

    /// @param where whose code it is, and what it did
    /// @param allowed whether it may
    void threw(String node, String where, Throwable thrown, boolean allowed) {
        String what = where + " threw " + UserFrames.firstLine(thrown);
        noted(node, what);
        if (!allowed && thrownByHandler == null) {
            thrownByHandler = new BrokenClaimError("no handler throws", node + ", " + what);
            thrownByHandler.initCause(thrown);
        }
    }

    void settled() {
        if (calm == null) {
            calm = Calm.from(clock.nanoTime(), books());
        }
        add(new Happening.Settled(clock.nanoTime(), ""));
    }

    /// The books of a life that ends.
    void close(SimulatedNode.Books books) {
        closed.add(books);
    }

    private void add(Happening happening) {
        journal.add(happening);
        print(happening.nanos(), happening.node());
    }

    private void print(long nanos, String node) {
        fingerprint.add(nanos);
        fingerprint.add(node.hashCode());
    }

    long fingerprint() {
        return fingerprint.value();
    }
}
