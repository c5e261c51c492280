package dev.torsion.bus;

import dev.torsion.reactor.Reactor;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Makes an event of a draft: adds what its publisher left open.
final class EventStamp {
    private final BusOptions options;
    private final Reactor clock;
    private final String source;
    private final String idPrefix;
    private final AtomicLong sequence = new AtomicLong();

    EventStamp(BusOptions options, Reactor clock) {
        this.options = options;
        this.clock = clock;
        this.source = "/" + options.node();
        this.idPrefix = options.node() + "-" + Long.toString(options.incarnation(), 36) + "-";
    }

    /// A prefix that no other bus has: the node's name and its incarnation.
    String idPrefix() {
        return idPrefix;
    }

    Event seal(Draft draft) {
        if (draft.data().size() > options.maxDataBytes()) {
            throw new IllegalArgumentException(
                    "an event's data is at most "
                            + options.maxDataBytes()
                            + " bytes here, not "
                            + draft.data().size()
                            + " (on "
                            + draft.topic()
                            + ")");
        }
        Event cause = Causality.current();
        Map<String, String> given = draft.attributes();
        if (given.isEmpty() && cause == null) {
            return event(draft, nextId(), source, Event.DEFAULT_TYPE, clock.now(), Attributes.NONE);
        }
        SortedMap<String, String> rest = new TreeMap<>(given);
        String id = rest.remove("id");
        String from = rest.remove("source");
        String type = rest.remove("type");
        String time = rest.remove("time");
        checkVersion(rest.remove("specversion"));
        if (cause != null) {
            rest.putIfAbsent(Event.CAUSE, cause.id());
        }
        return event(
                draft,
                id == null ? nextId() : id,
                from == null ? source : from,
                type == null ? Event.DEFAULT_TYPE : type,
                time == null ? clock.now() : parse(time),
                rest);
    }

    private static Event event(
            Draft draft,
            String id,
            String source,
            String type,
            Instant time,
            SortedMap<String, String> attributes) {
        return new Event(
                id,
                source,
                type,
                time,
                draft.topic(),
                draft.data(),
                draft.replyTo(),
                attributes,
                draft.headers());
    }

    private String nextId() {
        return idPrefix + sequence.incrementAndGet();
    }

    private static void checkVersion(@Nullable String version) {
        if (version != null && !version.equals("1.0")) {
            throw new IllegalArgumentException(
                    "events are CloudEvents of version 1.0, not \"" + version + "\"");
        }
    }

    private static Instant parse(String time) {
        try {
            return OffsetDateTime.parse(time).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "the attribute time is an RFC 3339 timestamp, which \"" + time + "\" is not",
                    e);
        }
    }
}
