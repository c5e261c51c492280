package dev.torsion.sim;

import dev.torsion.cluster.ClusterOptions;
import dev.torsion.cluster.LinkStats;
import dev.torsion.cluster.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Looks at the nodes again and again while the world runs, and claims of them what they promise
/// about time: that a way which carries nothing is noticed, that nodes which can reach each other
/// are linked soon, that who said goodbye is gone, that nobody dials without end, and that queues
/// keep their bounds.
///
/// Everything is judged by what is broken ([Breakage]) and since when; where something else may
/// still be at work (a slow way empties late), nothing is claimed.
final class Vigil {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /// What was sent over a slow way may be underway for so long after it has become fast.
    private static final long SLOWLY_UNDERWAY = 30 * SECOND;

    /// A way that has been whole for so long does not show any more what happened to it before.
    private static final long STEADY = 10 * SECOND;

    /// How soon a new life is linked to those it is told to dial, where nothing is in its way.
    private static final long LINKED_AT_ONCE = SECOND / 2;

    /// Goodbyes are looked at for so long.
    private static final long LONGEST_REMEMBERED = 60 * SECOND;

    private static final long DIALLING_WINDOW = 5 * SECOND;

    /// To one node, with the usual waits between.
    private static final int DIALS_PER_WINDOW = 16;

    private static final Duration USUAL_BACK_OFF = Duration.ofMillis(100);

    /// How many times something goes to and fro until a link stands, and a little more.
    private static final int HANDSHAKE = 8;

    /// What may wait on a link beside events: interest, members, counts.
    private static final long BESIDE_EVENTS = 16 << 10;

    private final Simulation sim;
    private final Breakage breakage;
    private final Map<Ends, Way> ways = new LinkedHashMap<>();
    private final Map<String, Long> steadySince = new LinkedHashMap<>();
    private final Map<String, Long> dialled = new LinkedHashMap<>();
    private final Map<String, Map<String, Long>> hearers = new LinkedHashMap<>();
    private final List<Departed> departed = new ArrayList<>();
    private long dialsCountedAt;
    private long latency;

    private record Ends(String from, String to) {}

    /// What goes from one node to another. Times are -1 for "not now".
    private static final class Way {
        long silentSince = -1;
        long slowAt = -SLOWLY_UNDERWAY;
        long wholeSince = -1;
        long togetherSince = -1;
        boolean cut;
        boolean dialledAtOnce;
    }

    /// A life that ended in good order, and the lives that have heard its goodbye.
    private record Departed(String name, long incarnation, long at, Map<String, Long> told) {}

    Vigil(Simulation sim, Breakage breakage) {
        this.sim = sim;
        this.breakage = breakage;
    }

    void start() {
        sim.memory().callLater(INTERVAL, this::tick);
    }

    private void tick() {
        look();
        claim();
        start();
    }

    // ---- what is told ----

    /// A fault has begun or ended.
    void changed(Fault fault, boolean begins) {
        look();
        boolean passing =
                begins && (fault instanceof Fault.Reset || fault instanceof Fault.HalfOpen);
        if (passing && fault instanceof Fault.OfPlace it) {
            ways.forEach((ends, way) -> {
                if (ends.from.equals(it.place()) || ends.to.equals(it.place())) {
                    restart(way);
                }
            });
        }
    }

    private void restart(Way way) {
        long now = now();
        way.wholeSince = way.wholeSince < 0 ? -1 : now;
        way.togetherSince = way.togetherSince < 0 ? -1 : now;
        way.dialledAtOnce = false;
    }

    /// A node began a life.
    void began(String name) {
        look();
        if (sim.nodeCalled(name) == null) {
            return;
        }
        for (SimulatedNode other : sim.allNodes()) {
            if (!other.name().equals(name) && dials(name, other)) {
                boolean clean =
                        isSteady(other.name())
                                && isWholeLong(way(name, other.name()))
                                && isWholeLong(way(other.name(), name));
                way(name, other.name()).dialledAtOnce = clean;
                way(other.name(), name).dialledAtOnce = clean;
            }
        }
    }

    private boolean dials(String name, SimulatedNode other) {
        SimulatedNode node = Objects.requireNonNull(sim.nodeCalled(name));
        return node.life().options().seeds().contains(other.address());
    }

    /// Everything takes longer on this network.
    void latency(Duration most) {
        latency = most.toNanos();
    }

    /// A node is about to say goodbye.
    void leaves(String name) {
        SimulatedNode node = sim.nodeCalled(name);
        hearers.remove(name);
        if (node != null) {
            look();
            Map<String, Long> hearing = new LinkedHashMap<>();
            for (SimulatedNode other : sim.allNodes()) {
                if (other != node && hears(node, other) && isLinked(node, other)) {
                    hearing.put(other.name(), other.incarnation());
                }
            }
            hearers.put(name, hearing);
        }
    }

    /// A life of a node ended after it has said goodbye, and had all the time it needed.
    void left(String name, long incarnation) {
        look();
        Map<String, Long> told = hearers.remove(name);
        SimulatedNode node = sim.nodeCalled(name);
        if (told != null && node != null) {
            told.keySet().removeIf(it -> !hears(node, Objects.requireNonNull(sim.nodeCalled(it))));
            departed.add(new Departed(name, incarnation, now(), told));
        }
    }

    /// Whether nothing has been in the way of what one says to the other for long.
    private boolean hears(SimulatedNode node, SimulatedNode other) {
        return isSteady(other.name())
                && isWholeLong(way(node.name(), other.name()))
                && isWholeLong(way(other.name(), node.name()));
    }

    private static boolean isLinked(SimulatedNode node, SimulatedNode other) {
        Member there = member(other, node.name());
        Member here = member(node, other.name());
        return there != null
                && there.linked()
                && there.incarnation() == node.incarnation()
                && here != null
                && here.linked();
    }

    /// A node has been given an event: its queues are as full as they get.
    void published(SimulatedNode node) {
        requireBounds(node);
    }

    // ---- what is seen ----

    /// Notes what is broken now, and since when.
    private void look() {
        long now = now();
        for (SimulatedNode node : sim.allNodes()) {
            long before = steadySince.getOrDefault(node.name(), -1L);
            steadySince.put(node.name(), since(before, node.isRunning(), now));
        }
        for (SimulatedNode from : sim.allNodes()) {
            for (SimulatedNode to : sim.allNodes()) {
                if (from != to) {
                    look(from, to, now);
                }
            }
        }
    }

    private void look(SimulatedNode from, SimulatedNode to, long now) {
        Way way = way(from.name(), to.name());
        boolean cut = breakage.isCut(from.name(), to.name());
        if (breakage.isSlowed(from.name(), to.name())) {
            way.slowAt = now;
        }
        if (way.cut && !cut) {
            way.silentSince = -1; // what was held arrives
        }
        way.cut = cut;
        boolean silent = cut || !from.isUp() || from.isPaused();
        way.silentSince = since(way.silentSince, silent && to.isRunning(), now);
        way.wholeSince = since(way.wholeSince, !cut && way.slowAt != now, now);
        boolean together =
                from.isRunning()
                        && to.isRunning()
                        && way.wholeSince >= 0
                        && way(to.name(), from.name()).wholeSince >= 0;
        if (!together || way.togetherSince < 0) {
            way.dialledAtOnce = false;
        }
        way.togetherSince = since(way.togetherSince, together, now);
    }

    private static long since(long before, boolean holds, long now) {
        return !holds ? -1 : before < 0 ? now : before;
    }

    private boolean isSteady(String node) {
        long since = steadySince.getOrDefault(node, -1L);
        return since >= 0 && now() - since >= STEADY;
    }

    private boolean isWholeLong(Way way) {
        return way.wholeSince >= 0 && now() - way.wholeSince >= STEADY;
    }

    // ---- what is claimed ----

    private void claim() {
        long now = now();
        ways.forEach((ends, way) -> {
            SimulatedNode from = Objects.requireNonNull(sim.nodeCalled(ends.from));
            SimulatedNode to = Objects.requireNonNull(sim.nodeCalled(ends.to));
            requireSilenceNoticed(from, to, way, now);
            requireLinked(from, to, way, now);
        });
        departed.removeIf(it -> now - it.at > LONGEST_REMEMBERED);
        departed.forEach(it -> requireGone(it, now));
        sim.allNodes().forEach(this::requireBounds);
        if (now - dialsCountedAt >= DIALLING_WINDOW) {
            dialsCountedAt = now;
            sim.allNodes().forEach(this::requireFewDials);
        }
    }

    private void requireSilenceNoticed(SimulatedNode from, SimulatedNode to, Way way, long now) {
        if (way.silentSince < 0 || way.silentSince - way.slowAt < SLOWLY_UNDERWAY) {
            return;
        }
        ClusterOptions options = to.life().options();
        Duration limit = options.silenceLimit().plus(options.heartbeat().multipliedBy(2));
        Member member = member(to, from.name());
        if (now - way.silentSince > limit.toNanos() && member != null && member.linked()) {
            broken(
                    "silence is noticed",
                    to
                            + " is still linked to "
                            + from
                            + ", from whom nothing has come since "
                            + Duration.ofNanos(way.silentSince));
        }
    }

    private void requireLinked(SimulatedNode from, SimulatedNode to, Way way, long now) {
        if (way.togetherSince < 0 || now - way.togetherSince < timeToLink(from, to, way)) {
            return;
        }
        Member member = member(to, from.name());
        if (member == null || !member.linked() || member.incarnation() != from.incarnation()) {
            broken(
                    "nodes that can reach each other are linked in time",
                    to
                            + " is not linked to incarnation "
                            + from.incarnation()
                            + " of "
                            + from
                            + ", with nothing between them since "
                            + Duration.ofNanos(way.togetherSince)
                            + ": "
                            + member);
        }
    }

    /// A connection may be half open at one end, until that hears nothing for too long; the other
    /// may have to wait before it dials again; and what it dials may need its time. Nodes that none
    /// is told to dial hear of each other by chance.
    private long timeToLink(SimulatedNode from, SimulatedNode to, Way way) {
        if (way.dialledAtOnce) {
            return LINKED_AT_ONCE + HANDSHAKE * latency;
        }
        ClusterOptions options = to.life().options();
        Duration time =
                options.silenceLimit()
                        .plus(options.heartbeat().multipliedBy(2))
                        .plus(options.longestBackOff())
                        .plus(options.handshakeDeadline());
        return time.toNanos() * (sim.isSeed(from) || sim.isSeed(to) ? 1 : 3);
    }

    private void requireGone(Departed gone, long now) {
        if (now - gone.at < SECOND) {
            return;
        }
        gone.told.forEach((name, incarnation) -> {
            SimulatedNode node = Objects.requireNonNull(sim.nodeCalled(name));
            if (node.isUp()
                    && node.incarnation() == incarnation
                    && now - gone.at < remembered(node.life().options())) {
                Member member = member(node, gone.name);
                if (member != null && member.incarnation() == gone.incarnation) {
                    broken(
                            "who said goodbye is gone",
                            name
                                    + " still knows "
                                    + member
                                    + ", which left at "
                                    + Duration.ofNanos(gone.at));
                }
            }
        });
    }

    /// How long a goodbye is remembered at least. It was heard within the time that a node has to
    /// leave in.
    private static long remembered(ClusterOptions options) {
        return options.forgetAfter().minus(options.stopDeadline()).toNanos();
    }

    private void requireFewDials(SimulatedNode node) {
        long all = sim.memory().attempts(node.name(), SimulatedNode.LINK_PORT);
        long before = Objects.requireNonNullElse(dialled.put(node.name(), all), 0L);
        if (!node.isUp()) {
            return;
        }
        // Itself too: it may be one of its seeds, and finds out by dialling.
        long allowed = dialsAllowed(node.life().options()) * sim.allNodes().size();
        if (all - before > allowed) {
            broken(
                    "nobody dials without end",
                    node
                            + " dialled "
                            + (all - before)
                            + " times within "
                            + Duration.ofNanos(DIALLING_WINDOW)
                            + ", more than "
                            + allowed);
        }
    }

    /// The wait doubles from the shortest to the longest; half of it is left to chance.
    private static long dialsAllowed(ClusterOptions options) {
        long doublings =
                64L
                        - Long.numberOfLeadingZeros(
                                USUAL_BACK_OFF.dividedBy(options.shortestBackOff()));
        return DIALS_PER_WINDOW
                + doublings
                + 2 * DIALLING_WINDOW / options.longestBackOff().toNanos();
    }

    private void requireBounds(SimulatedNode node) {
        long capacity = node.capacity();
        if (!node.isUp() || capacity < 0) {
            return; // of what is waiting there too little is known
        }
        long waiting = node.life().bus().waiting();
        if (waiting > capacity) {
            broken(
                    "queues keep their bounds",
                    waiting + " events wait on " + node + ", which has room for " + capacity);
        }
        long room = node.life().options().queueBytes() + BESIDE_EVENTS;
        if (node.cluster().mostWaitingBytes() <= room) {
            return;
        }
        for (LinkStats link : node.cluster().links()) {
            if (link.waitingBytes() > room) {
                broken(
                        "queues keep their bounds",
                        link.waitingBytes()
                                + " bytes wait on "
                                + node
                                + " for "
                                + link.node()
                                + ", where there is room for "
                                + room);
            }
        }
    }

    private static @Nullable Member member(SimulatedNode node, String name) {
        for (Member member : node.cluster().members()) {
            if (member.name().equals(name)) {
                return member;
            }
        }
        return null;
    }

    private Way way(String from, String to) {
        return ways.computeIfAbsent(new Ends(from, to), _ -> new Way());
    }

    private long now() {
        return sim.memory().nanoTime();
    }

    private void broken(String claim, String how) {
        sim.broken(new BrokenClaimError(claim, how));
    }
}
