package dev.torsion.sim;

import dev.torsion.sim.Happening.Delivered;
import dev.torsion.sim.Happening.Published;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// All that happened, in its order, a row each. What was published and delivered, which is nearly
/// all, stands in columns: an object for each of them would be copied by the collector again and
/// again.
final class Journal {
    /// No row.
    static final int NONE = -1;

    private static final int FIRST_ROWS = 1024;

    private int size;

    /// The [EventTrace] of what was published or delivered; else the [Happening].
    private Object[] what = new Object[FIRST_ROWS];

    // Of deliveries.
    private long[] nanos = new long[FIRST_ROWS];
    private @Nullable Reader[] readers = new Reader[FIRST_ROWS];
    private int[] earlier = new int[FIRST_ROWS]; // row in which the same event was delivered

    private final List<Happening> others = new ArrayList<>();

    // ---- writing ----

    void published(EventTrace trace) {
        row(trace);
    }

    /// What was published has the id of something else.
    void published(Published it) {
        row(it);
    }

    void delivered(long when, EventTrace trace, Reader reader) {
        delivered(when, trace, trace, reader);
    }

    /// An event was delivered that is not what was published.
    void delivered(Delivered it, EventTrace trace, Reader reader) {
        delivered(it.nanos(), it, trace, reader);
    }

    private void delivered(long when, Object it, EventTrace trace, Reader reader) {
        int row = row(it);
        nanos[row] = when;
        readers[row] = reader;
        earlier[row] = trace.lastDelivery();
        trace.lastDelivery(row);
    }

    /// Anything else.
    void add(Happening happening) {
        others.add(happening);
        row(happening);
    }

    private int row(Object it) {
        if (size == what.length) {
            int rows = 2 * size;
            what = Arrays.copyOf(what, rows);
            nanos = Arrays.copyOf(nanos, rows);
            readers = Arrays.copyOf(readers, rows);
            earlier = Arrays.copyOf(earlier, rows);
        }
        what[size] = it;
        return size++;
    }

    // ---- reading ----

    /// What happened so far.
    List<Happening> happenings() {
        return new Happenings(this, size);
    }

    /// Of that, what was neither published by a client nor delivered.
    List<Happening> others() {
        return others;
    }

    /// To whom something was delivered in a row.
    Reader reader(int row) {
        return Objects.requireNonNull(readers[row], "nothing was delivered there");
    }

    /// In which row the same event was delivered before; [#NONE] if it was not.
    int earlier(int row) {
        return earlier[row];
    }

    private Happening happening(int row) {
        if (what[row] instanceof Happening it) {
            return it;
        }
        EventTrace trace = (EventTrace) what[row];
        Reader reader = readers[row];
        return reader != null
                ? reader.delivered(nanos[row], trace.event())
                : trace.published(Objects.requireNonNull(trace.origin()));
    }

    /// The rows there were when it was asked for; rows do not change.
    private static final class Happenings extends AbstractList<Happening> implements RandomAccess {
        private final Journal journal;
        private final int size;

        Happenings(Journal journal, int size) {
            this.journal = journal;
            this.size = size;
        }

        @Override
        public Happening get(int index) {
            return journal.happening(Objects.checkIndex(index, size));
        }

        @Override
        public int size() {
            return size;
        }
    }
}
