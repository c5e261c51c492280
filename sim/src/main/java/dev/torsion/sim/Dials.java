package dev.torsion.sim;

import dev.torsion.cluster.ClusterOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Claims that nobody dials without end.
final class Dials {
    private static final long WINDOW = Duration.ofSeconds(5).toNanos();

    /// To one node, with the usual waits between.
    private static final int PER_WINDOW = 16;

    private static final Duration USUAL_BACK_OFF = Duration.ofMillis(100);

    private final Simulation sim;
    private final Map<String, Long> dialled = new LinkedHashMap<>();
    private long countedAt;

    Dials(Simulation sim) {
        this.sim = sim;
    }

    void claim() {
        long now = sim.memory().nanoTime();
        if (now - countedAt >= WINDOW) {
            countedAt = now;
            sim.allNodes().forEach(this::requireFew);
        }
    }

    private void requireFew(SimulatedNode node) {
        long all = sim.memory().attempts(node.name(), SimulatedNode.LINK_PORT);
        long before = Objects.requireNonNullElse(dialled.put(node.name(), all), 0L);
        if (!node.isUp()) {
            return;
        }
        // Itself too: it may be one of its seeds, and finds out by dialling.
        long allowed = allowed(node.life().options()) * sim.allNodes().size();
        if (all - before > allowed) {
            sim.broken(
                    new BrokenClaimError(
                            "nobody dials without end",
                            node
                                    + " dialled "
                                    + (all - before)
                                    + " times within "
                                    + Duration.ofNanos(WINDOW)
                                    + ", more than "
                                    + allowed));
        }
    }

    /// The wait doubles from the shortest to the longest; half of it is left to chance.
    private static long allowed(ClusterOptions options) {
        long doublings =
                64L
                        - Long.numberOfLeadingZeros(
                                USUAL_BACK_OFF.dividedBy(options.shortestBackOff()));
        return PER_WINDOW + doublings + 2 * WINDOW / options.longestBackOff().toNanos();
    }
}
