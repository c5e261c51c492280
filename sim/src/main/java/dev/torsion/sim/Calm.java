package dev.torsion.sim;

import dev.torsion.bus.DropReason;
import dev.torsion.cluster.LinkStats;
import dev.torsion.sim.SimulatedNode.Books;
import java.time.Duration;
import java.util.List;

/// A time in which nothing is broken and everybody is linked, with the books of all nodes at its
/// two ends.
///
/// @param from when it begins
/// @param until when it ends
record Calm(long from, long until, List<Books> before, List<Books> after) {
    /// What is published so shortly before it ends may be underway when it does.
    static final long UNDERWAY = Duration.ofSeconds(1).toNanos();

    static Calm from(long nanos, List<Books> before) {
        return new Calm(nanos, nanos, before, before);
    }

    Calm until(long nanos, List<Books> books) {
        return new Calm(from, nanos, before, books);
    }

    boolean holds(long nanos) {
        return nanos >= from && nanos < until;
    }

    /// Whether what is published then has the time to arrive.
    boolean holdsWhatIsPublishedAt(long nanos) {
        return nanos >= from && nanos < until - UNDERWAY;
    }

    /// How many events the link from one node to another dropped in this time because they were too
    /// many or too large.
    long droppedBetween(String from, String to) {
        return dropped(after, from, to) - dropped(before, from, to);
    }

    private static long dropped(List<Books> books, String from, String to) {
        for (Books one : books) {
            for (LinkStats link : one.links()) {
                if (one.node().equals(from) && link.node().equals(to)) {
                    return link.dropped().getOrDefault(DropReason.LINK_FULL, 0L)
                            + link.dropped().getOrDefault(DropReason.TOO_LARGE, 0L);
                }
            }
        }
        return 0;
    }
}
