package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.bus.Topic;
import dev.torsion.sim.Happening.Delivered;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A watch in one life of its node, and what it has been given.
final class Reader {
    private static final long NOTHING = -1;

    private final Watch watch;
    private final long incarnation;
    private final long fingerprint;
    private long[] lastOfStream = {};
    private long[] lastLifeOfPlace = {};
    private @Nullable Topic wanted;

    Reader(Watch watch, long incarnation) {
        this.watch = watch;
        this.incarnation = incarnation;
        this.fingerprint = Fingerprint.of(watch.node() + incarnation + watch);
    }

    Watch watch() {
        return watch;
    }

    long fingerprint() {
        return fingerprint;
    }

    Delivered delivered(long nanos, Event event) {
        return new Delivered(nanos, watch.node(), incarnation, watch, event);
    }

    /// It is given what stands at that place of a stream.
    ///
    /// @return the place of what it was given before; -1 if that is nothing
    long follow(EventTrace.Stream stream, long number) {
        lastOfStream = withRoom(lastOfStream, stream.index());
        long before = lastOfStream[stream.index()];
        lastOfStream[stream.index()] = number;
        return before;
    }

    /// It is given what was published there.
    ///
    /// @return the life of that node of which it was given something before; -1 if of none
    long hear(EventTrace.Origin origin) {
        lastLifeOfPlace = withRoom(lastLifeOfPlace, origin.place());
        long before = lastLifeOfPlace[origin.place()];
        lastLifeOfPlace[origin.place()] = origin.incarnation();
        return before;
    }

    /// Whether it wants what is published there.
    boolean wants(Topic topic) {
        boolean wants = topic.equals(wanted) || watch.pattern().matches(topic);
        wanted = wants ? topic : wanted;
        return wants;
    }

    private static long[] withRoom(long[] array, int index) {
        if (index < array.length) {
            return array;
        }
        long[] larger = Arrays.copyOf(array, Math.max(index + 1, 2 * array.length));
        Arrays.fill(larger, array.length, larger.length, NOTHING);
        return larger;
    }
}
