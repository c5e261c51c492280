package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.sim.Happening.Delivered;
import dev.torsion.sim.Happening.Published;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of one event.
final class EventTrace {
    private final Event original;
    private final Stream stream;
    private final long sequence;
    private final List<Delivered> deliveries = new ArrayList<>(5);
    private @Nullable Published published;

    /// What must come in order: what one life of a node published on one topic. The bus numbers its
    /// events, `node-incarnation-number`.
    ///
    /// @param life the id without its number
    record Stream(String life, String topic) {
        /// Whether an event is of this stream, if its number begins after that dash.
        private boolean holds(Event event, int dash) {
            return dash == life.length()
                    && event.id().startsWith(life)
                    && topic.equals(event.topic().name());
        }

        /// Asked for often.
        @Override
        public int hashCode() {
            return life.hashCode() * 31 + topic.hashCode();
        }
    }

    /// @param first the event as it was seen first
    /// @param likely the stream that it most likely is of, if one is known
    EventTrace(Event first, @Nullable Stream likely) {
        String id = first.id();
        int dash = id.lastIndexOf('-');
        this.original = first;
        this.sequence = number(id, dash + 1);
        this.stream =
                likely != null && likely.holds(first, dash)
                        ? likely
                        : new Stream(id.substring(0, Math.max(0, dash)), first.topic().name());
    }

    /// The number at the end of an id; -1 if there is none, as in an id that its publisher chose.
    private static long number(String id, int from) {
        if (from == 0 || from == id.length() || id.length() - from > 18) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < id.length(); i++) {
            int digit = id.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /// The one to keep of equal events: the others, read from connections, need not be.
    Event kept(Event event) {
        return original.equals(event) ? original : event;
    }

    void published(Published by) {
        published = by;
    }

    void delivered(Delivered to) {
        deliveries.add(to);
    }

    String id() {
        return original.id();
    }

    Stream stream() {
        return stream;
    }

    /// Its place in its stream; -1 if it has none.
    long sequence() {
        return sequence;
    }

    /// Null if no client published it.
    @Nullable Published published() {
        return published;
    }

    List<Delivered> deliveries() {
        return deliveries;
    }
}
