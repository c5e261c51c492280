package dev.torsion.sim;

import dev.torsion.bus.Event;
import org.jspecify.annotations.Nullable;

/// What became of one event.
final class EventTrace {
    private final Event event;
    private final long number;
    private final long fingerprint;
    private final @Nullable Stream stream;
    private @Nullable Origin origin;
    private long publishedNanos;
    private int lastDelivery = Journal.NONE;

    /// What must come in order: what one life of a bus published on one topic.
    ///
    /// @param index counts the streams of a run
    record Stream(String topic, int index) {}

    /// Who published it, and in which life of its node.
    ///
    /// @param place counts the nodes of a run
    record Origin(String node, int place, long incarnation, String client) {}

    /// @param first the event as it was seen first
    /// @param stream null if its id has no number
    EventTrace(Event first, @Nullable Stream stream, long number) {
        this.event = first;
        this.stream = stream;
        this.number = number;
        this.fingerprint = Fingerprint.of(first);
    }

    void published(long nanos, Origin by) {
        publishedNanos = nanos;
        origin = by;
    }

    /// In which row of the journal it was delivered last; [Journal#NONE] before it was.
    int lastDelivery() {
        return lastDelivery;
    }

    void lastDelivery(int row) {
        lastDelivery = row;
    }

    /// The one to keep of equal events: the others, read from connections, need not be.
    Event event() {
        return event;
    }

    /// Of the event as it was seen first.
    long fingerprint() {
        return fingerprint;
    }

    String id() {
        return event.id();
    }

    /// Null if it has no place in any.
    @Nullable Stream stream() {
        return stream;
    }

    /// Its place in its stream.
    long number() {
        return number;
    }

    /// Null if no client published it.
    @Nullable Origin origin() {
        return origin;
    }

    /// When a client published it, if one did.
    long publishedNanos() {
        return publishedNanos;
    }

    /// As it is told; only if a client published it.
    Happening.Published published(Origin by) {
        return new Happening.Published(
                publishedNanos, by.node(), by.incarnation(), by.client(), event);
    }
}
