package dev.torsion.sim;

import dev.torsion.cluster.ClusterOptions;
import dev.torsion.cluster.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Claims that a node which said goodbye is gone for all who heard it.
final class Goodbyes {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /// Goodbyes are looked at for so long.
    private static final long LONGEST_REMEMBERED = 60 * SECOND;

    private final Simulation sim;
    private final Ways ways;
    private final Map<String, Map<String, Long>> hearers = new LinkedHashMap<>();
    private final List<Departed> departed = new ArrayList<>();

    /// A life that ended in good order, and the lives that have heard its goodbye.
    private record Departed(String name, long incarnation, long at, Map<String, Long> told) {}

    Goodbyes(Simulation sim, Ways ways) {
        this.sim = sim;
        this.ways = ways;
    }

    /// A node is about to say goodbye; null if it is none.
    void begins(String name, @Nullable SimulatedNode node) {
        hearers.remove(name);
        if (node == null) {
            return;
        }
        Map<String, Long> hearing = new LinkedHashMap<>();
        for (SimulatedNode other : sim.allNodes()) {
            if (other != node && ways.areClear(name, other) && areLinked(node, other)) {
                hearing.put(other.name(), other.incarnation());
            }
        }
        hearers.put(name, hearing);
    }

    private static boolean areLinked(SimulatedNode node, SimulatedNode other) {
        Member there = other.member(node.name());
        Member here = node.member(other.name());
        return there != null
                && there.linked()
                && there.incarnation() == node.incarnation()
                && here != null
                && here.linked();
    }

    /// A life ended after it has said goodbye, and had all the time it needed.
    void said(String name, long incarnation) {
        Map<String, Long> told = hearers.remove(name);
        if (told != null) {
            told.keySet()
                    .removeIf(
                            it -> !ways.areClear(name, Objects.requireNonNull(sim.nodeCalled(it))));
            departed.add(new Departed(name, incarnation, now(), told));
        }
    }

    void claim() {
        long now = now();
        departed.removeIf(it -> now - it.at > LONGEST_REMEMBERED);
        departed.forEach(it -> requireGone(it, now));
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
                Member member = node.member(gone.name);
                if (member != null && member.incarnation() == gone.incarnation) {
                    sim.broken(
                            new BrokenClaimError(
                                    "who said goodbye is gone",
                                    name
                                            + " still knows "
                                            + member
                                            + ", which left at "
                                            + Duration.ofNanos(gone.at)));
                }
            }
        });
    }

    /// How long a goodbye is remembered at least. It was heard within the time that a node has to
    /// leave in.
    private static long remembered(ClusterOptions options) {
        return options.forgetAfter().minus(options.stopDeadline()).toNanos();
    }

    private long now() {
        return sim.memory().nanoTime();
    }
}
