package dev.torsion.reactor.testing;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Turns by due time, and by the order of asking where that is equal: a binary heap, with the times
/// beside it, since a simulation does little else than look at them.
final class TurnQueue {
    private long[] due = new long[64];
    private Timeline.@Nullable Turn[] turns = new Timeline.Turn[64];
    private int size;

    int size() {
        return size;
    }

    /// The first; null if there is none.
    Timeline.@Nullable Turn peek() {
        return turns[0];
    }

    /// All of them, in no order.
    Stream<Timeline.Turn> turns() {
        return IntStream.range(0, size).mapToObj(this::at);
    }

    void add(Timeline.Turn turn) {
        if (size == turns.length) {
            due = Arrays.copyOf(due, 2 * size);
            turns = Arrays.copyOf(turns, 2 * size);
        }
        rise(size++, turn);
    }

    /// Removes the first, of which there must be one.
    Timeline.Turn remove() {
        Timeline.Turn first = at(0);
        Timeline.Turn last = at(--size);
        turns[size] = null;
        if (size > 0) {
            sink(0, last);
        }
        return first;
    }

    /// Removes all that are over.
    void removeOver() {
        Timeline.@Nullable Turn[] all = Arrays.copyOf(turns, size);
        Arrays.fill(turns, 0, size, null);
        size = 0;
        for (Timeline.Turn turn : all) {
            if (turn != null && !turn.isOver()) {
                add(turn);
            }
        }
    }

    private void rise(int from, Timeline.Turn turn) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) / 2;
            if (!isBefore(turn, due[parent], parent)) {
                break;
            }
            put(at, due[parent], at(parent));
            at = parent;
        }
        put(at, turn.due(), turn);
    }

    private void sink(int from, Timeline.Turn turn) {
        int at = from;
        for (int child; (child = 2 * at + 1) < size; at = child) {
            int right = child + 1;
            if (right < size && isBefore(at(right), due[child], child)) {
                child = right;
            }
            if (isBefore(turn, due[child], child)) {
                break;
            }
            put(at, due[child], at(child));
        }
        put(at, turn.due(), turn);
    }

    private boolean isBefore(Timeline.Turn turn, long otherDue, int other) {
        return turn.due() != otherDue
                ? turn.due() < otherDue
                : turn.sequence() < at(other).sequence();
    }

    private Timeline.Turn at(int index) {
        Timeline.Turn turn = turns[index];
        if (turn == null) {
            throw new IllegalStateException("no turn at " + index + " of " + size);
        }
        return turn;
    }

    private void put(int index, long when, Timeline.Turn turn) {
        due[index] = when;
        turns[index] = turn;
    }
}
