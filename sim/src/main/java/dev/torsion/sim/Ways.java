package dev.torsion.sim;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// The ways between every two nodes: whether something is in them ([Breakage]) or at their ends,
/// and since when.
final class Ways {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /// What was sent over a slow way may be underway for so long after it has become fast.
    private static final long SLOWLY_UNDERWAY = 30 * SECOND;

    /// A way that has been whole for so long does not show any more what happened to it before.
    private static final long STEADY = 10 * SECOND;

    private final Simulation sim;
    private final Breakage breakage;
    private final Map<Ends, Way> ways = new LinkedHashMap<>();
    private final Map<String, Long> steadySince = new LinkedHashMap<>();

    private record Ends(String from, String to) {}

    /// What goes from one node to another. Times are -1 for "not now".
    static final class Way {
        private long silentSince = -1;
        private long slowAt = -SLOWLY_UNDERWAY;
        private long wholeSince = -1;
        private long togetherSince = -1;
        private boolean cut;
        private boolean dialledAtOnce;

        /// Since when nothing comes, if that can be told: what a slow way still holds comes late.
        long silentSince() {
            return silentSince - slowAt < SLOWLY_UNDERWAY ? -1 : silentSince;
        }

        /// Since when both ends run, and nothing is between them.
        long togetherSince() {
            return togetherSince;
        }

        /// Whether the new life at one end had nothing in the way when it dialled the other.
        boolean dialledAtOnce() {
            return dialledAtOnce;
        }
    }

    /// Is told of a way, and of the nodes at its ends.
    interface Visitor {
        void visit(SimulatedNode from, SimulatedNode to, Way way);
    }

    Ways(Simulation sim, Breakage breakage) {
        this.sim = sim;
        this.breakage = breakage;
    }

    void forEach(Visitor visitor) {
        ways.forEach((ends, way) ->
                visitor.visit(
                        Objects.requireNonNull(sim.nodeCalled(ends.from)),
                        Objects.requireNonNull(sim.nodeCalled(ends.to)),
                        way));
    }

    /// Something has happened to the connections of a place, and is over.
    void disturbed(String place) {
        ways.forEach((ends, way) -> {
            if (ends.from.equals(place) || ends.to.equals(place)) {
                restart(way);
            }
        });
    }

    private void restart(Way way) {
        long now = now();
        way.wholeSince = way.wholeSince < 0 ? -1 : now;
        way.togetherSince = way.togetherSince < 0 ? -1 : now;
        way.dialledAtOnce = false;
    }

    /// A node that has begun a life dials another.
    void dialled(String name, SimulatedNode other) {
        boolean clean = areClear(name, other);
        way(name, other.name()).dialledAtOnce = clean;
        way(other.name(), name).dialledAtOnce = clean;
    }

    /// Whether nothing has been in the way of what one says to the other for long.
    boolean areClear(String name, SimulatedNode other) {
        return isSteady(other.name())
                && isWholeLong(way(name, other.name()))
                && isWholeLong(way(other.name(), name));
    }

    /// Notes what is broken now, and since when.
    void look() {
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

    private Way way(String from, String to) {
        return ways.computeIfAbsent(new Ends(from, to), _ -> new Way());
    }

    private long now() {
        return sim.memory().nanoTime();
    }
}
