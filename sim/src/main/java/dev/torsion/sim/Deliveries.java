package dev.torsion.sim;

import dev.torsion.bus.Event;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What must hold of each delivery, judged as it is written down, when all that is needed is at
/// hand: a run has many. What is wrong first is kept until it is asked for.
final class Deliveries {
    private final Journal journal;
    private final Map<Key, Reader> readers = new LinkedHashMap<>();
    private @Nullable BrokenClaimError repeated;
    private @Nullable BrokenClaimError disordered;
    private @Nullable BrokenClaimError invented;

    private record Key(Watch watch, long incarnation) {}

    Deliveries(Journal journal) {
        this.journal = journal;
    }

    /// To be asked once for each subscription.
    Reader reader(Watch watch, long incarnation) {
        return readers.computeIfAbsent(
                new Key(watch, incarnation), key -> new Reader(key.watch(), key.incarnation()));
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

    /// @param event as it was delivered
    /// @param trace of the event, to which this delivery is yet to be added
    /// @param same whether it is what was seen first
    void add(Event event, EventTrace trace, boolean same, Reader reader) {
        if (repeated == null) {
            repeated = repeated(trace, reader.watch());
        }
        if (disordered == null) {
            disordered = disordered(trace, reader);
        }
        if (invented == null) {
            invented = invented(event, trace, same, reader);
        }
    }

    // ---- at most once ----

    private @Nullable BrokenClaimError repeated(EventTrace trace, Watch watch) {
        for (int row = trace.lastDelivery(); row != Journal.NONE; row = journal.earlier(row)) {
            if (share(watch, journal.reader(row).watch())) {
                return new BrokenClaimError(
                        "at most once", recipient(watch) + " was given " + trace.id() + " again");
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

    private static @Nullable BrokenClaimError disordered(EventTrace trace, Reader reader) {
        EventTrace.Origin origin = trace.origin();
        if (origin != null) {
            long life = reader.hear(origin);
            if (life > origin.incarnation()) {
                return new BrokenClaimError(
                        "in order",
                        given(reader)
                                + trace.id()
                                + " of an earlier life of "
                                + origin.node()
                                + ", after events of incarnation "
                                + life);
            }
        }
        EventTrace.Stream stream = trace.stream();
        if (stream == null) {
            return null;
        }
        long before = reader.follow(stream, trace.number());
        return before < trace.number()
                ? null
                : new BrokenClaimError(
                        "in order",
                        given(reader)
                                + trace.id()
                                + " after number "
                                + before
                                + " of the same publisher and topic");
    }

    // ---- nothing invented ----

    private static @Nullable BrokenClaimError invented(
            Event event, EventTrace trace, boolean same, Reader reader) {
        boolean published = trace.origin() != null;
        if ((same || !published) && reader.wants(event.topic())) {
            return null;
        }
        return new BrokenClaimError(
                "nothing invented",
                given(reader)
                        + event
                        + ", published was "
                        + (published ? trace.event() : "nothing by a client"));
    }

    private static String given(Reader reader) {
        return reader.watch() + " of " + reader.watch().node() + " was given ";
    }
}
