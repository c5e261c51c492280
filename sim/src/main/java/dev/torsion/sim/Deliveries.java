package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.bus.Topic;
import dev.torsion.sim.Happening.Delivered;
import dev.torsion.sim.Happening.Published;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What must hold of each delivery, judged as it is written down, when all that is needed is at
/// hand: a run has many. What is wrong first is kept until it is asked for.
final class Deliveries {
    private final Map<Reader, Read> readers = new LinkedHashMap<>();
    private @Nullable BrokenClaimError repeated;
    private @Nullable BrokenClaimError disordered;
    private @Nullable BrokenClaimError invented;

    /// One life of a watch.
    private record Reader(Watch watch, long incarnation) {}

    /// What it has been given.
    static final class Read {
        private final Map<EventTrace.Stream, Long> last = new HashMap<>();

        /// The life of each node that was heard last.
        private final Map<String, Long> lives = new HashMap<>();

        private @Nullable Topic wanted;
    }

    /// To be asked once for each subscription.
    Read read(Watch watch, long incarnation) {
        return readers.computeIfAbsent(new Reader(watch, incarnation), _ -> new Read());
    }

    /// @throws BrokenClaimError if a watch, or a group, was given an event twice
    void requireNoneTwice() {
        throwIf(repeated);
    }

    /// @throws BrokenClaimError if a watch was given something out of order
    void requireOrder() {
        throwIf(disordered);
    }

    /// @throws BrokenClaimError if a watch was given what was not published, or not wanted
    void requireNoneInvented() {
        throwIf(invented);
    }

    private static void throwIf(@Nullable BrokenClaimError error) {
        if (error != null) {
            throw error;
        }
    }

    /// @param trace of the event, to which this delivery is yet to be added
    void add(Delivered it, EventTrace trace, Read read) {
        if (repeated == null) {
            repeated = repeated(it, trace);
        }
        if (disordered == null) {
            disordered = disordered(it, trace, read);
        }
        if (invented == null) {
            invented = invented(it, trace.published(), read);
        }
    }

    // ---- at most once ----

    private static @Nullable BrokenClaimError repeated(Delivered it, EventTrace trace) {
        List<Delivered> before = trace.deliveries();
        for (int i = 0; i < before.size(); i++) {
            if (share(it.watch(), before.get(i).watch())) {
                return new BrokenClaimError(
                        "at most once",
                        recipient(it.watch()) + " was given " + trace.id() + " again");
            }
        }
        return null;
    }

    /// Whether only one of the two may be given an event.
    private static boolean share(Watch one, Watch other) {
        String group = one.group();
        return group == null
                ? one.equals(other)
                : group.equals(other.group()) && one.pattern().equals(other.pattern());
    }

    private static String recipient(Watch watch) {
        return watch.group() == null
                ? watch.node() + "'s " + watch
                : "group " + watch.group() + " of " + watch.pattern();
    }

    // ---- order ----

    private static @Nullable BrokenClaimError disordered(
            Delivered it, EventTrace trace, Read read) {
        Published published = trace.published();
        if (published != null) {
            Long life = read.lives.put(published.node(), published.incarnation());
            if (life != null && life > published.incarnation()) {
                return new BrokenClaimError(
                        "in order",
                        given(it)
                                + it.event().id()
                                + " of an earlier life of "
                                + published.node()
                                + ", after events of incarnation "
                                + life);
            }
        }
        if (trace.sequence() < 0) {
            return null;
        }
        Long before = read.last.put(trace.stream(), trace.sequence());
        return before == null || before < trace.sequence()
                ? null
                : new BrokenClaimError(
                        "in order",
                        given(it)
                                + it.event().id()
                                + " after number "
                                + before
                                + " of the same publisher and topic");
    }

    // ---- nothing invented ----

    private static @Nullable BrokenClaimError invented(
            Delivered it, @Nullable Published published, Read read) {
        @Nullable Event original = published == null ? null : published.event();
        boolean same = original == null || original.equals(it.event());
        Topic topic = it.event().topic();
        if (same && (topic.equals(read.wanted) || it.watch().pattern().matches(topic))) {
            read.wanted = topic;
            return null;
        }
        return new BrokenClaimError(
                "nothing invented", given(it) + it.event() + ", published was " + original);
    }

    private static String given(Delivered it) {
        return it.watch() + " of " + it.node() + " was given ";
    }
}
