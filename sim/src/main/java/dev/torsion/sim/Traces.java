package dev.torsion.sim;

import dev.torsion.bus.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of each event, by its id. A bus numbers its events, `node-incarnation-number`, so
/// most are found by their number; an id that a publisher chose is looked up.
final class Traces {
    private static final int MOST_DIGITS = 18;

    /// Numbers may run ahead of what was seen by so much, and are looked up beyond.
    private static final int MOST_AHEAD = 4096;

    private final List<EventTrace> all = new ArrayList<>();
    private final Map<String, EventTrace> named = new HashMap<>(); // only looked up
    private final Map<String, Life> lives = new HashMap<>(); // only looked up

    /// By source: its next event is most likely of the same life. Only looked up.
    private final Map<String, Life> newest = new HashMap<>();

    private int streams;

    /// One life of a bus.
    private static final class Life {
        private final String name;
        private final Map<String, EventTrace.Stream> streams = new HashMap<>(); // only looked up
        private @Nullable EventTrace[] numbered = new EventTrace[MOST_AHEAD];
        private EventTrace.@Nullable Stream newest;

        /// @param name how its ids begin
        Life(String name) {
            this.name = name;
        }

        boolean named(String id, int dash) {
            return dash == name.length() && id.startsWith(name);
        }

        @Nullable EventTrace numbered(long number) {
            return number < numbered.length ? numbered[(int) number] : null;
        }

        /// @return false if the number is too far ahead, or taken
        boolean add(EventTrace trace) {
            long number = trace.number();
            if (number >= numbered.length + (long) MOST_AHEAD) {
                return false;
            }
            int index = (int) number;
            if (index >= numbered.length) {
                numbered = Arrays.copyOf(numbered, 2 * numbered.length);
            }
            boolean free = numbered[index] == null;
            if (free) {
                numbered[index] = trace;
            }
            return free;
        }
    }

    /// In the order they were seen first.
    List<EventTrace> all() {
        return all;
    }

    EventTrace of(Event event) {
        String id = event.id();
        int dash = id.lastIndexOf('-');
        long number = number(id, dash + 1);
        Life life = number < 0 ? null : life(event, dash);
        EventTrace known = life == null ? null : life.numbered(number);
        if (known != null && known.id().equals(id)) {
            return known;
        }
        EventTrace chosen = named.get(id);
        return chosen != null ? chosen : add(event, life, number);
    }

    private EventTrace add(Event event, @Nullable Life life, long number) {
        EventTrace.Stream stream = life == null ? null : stream(life, event.topic().name());
        EventTrace trace = new EventTrace(event, stream, number);
        if (life == null || !life.add(trace)) {
            named.put(event.id(), trace);
        }
        all.add(trace);
        return trace;
    }

    private Life life(Event event, int dash) {
        Life likely = newest.get(event.source());
        if (likely != null && likely.named(event.id(), dash)) {
            return likely;
        }
        Life life = lives.computeIfAbsent(event.id().substring(0, dash), Life::new);
        newest.put(event.source(), life);
        return life;
    }

    private EventTrace.Stream stream(Life life, String topic) {
        EventTrace.Stream stream = life.newest;
        if (stream == null || !stream.topic().equals(topic)) {
            stream =
                    life.streams.computeIfAbsent(
                            topic, _ -> new EventTrace.Stream(topic, streams++));
            life.newest = stream;
        }
        return stream;
    }

    /// The number at the end of an id; -1 if there is none.
    private static long number(String id, int from) {
        if (from == 0 || from == id.length() || id.length() - from > MOST_DIGITS) {
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
}
