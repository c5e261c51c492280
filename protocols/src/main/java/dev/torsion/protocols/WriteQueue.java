package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import java.util.ArrayDeque;
import java.util.Deque;

/// Writes that wait, in order. Small ones are joined, so that what waits takes little more memory
/// than it has bytes, in however small pieces it was written.
final class WriteQueue {
    /// Beside so many bytes, what an object takes is little.
    private static final int LARGE = 1 << 10;

    private static final int MOST_JOINED = 8 << 10;

    private final Deque<Bytes> whole = new ArrayDeque<>();
    private final ByteAccumulator small = new ByteAccumulator(); // behind the whole ones
    private long bytes;

    /// @param data may be borrowed
    void add(Bytes data) {
        int size = data.size();
        if (size >= LARGE) {
            join();
            whole.add(data.owned());
        } else {
            if (small.size() + size > MOST_JOINED) {
                join();
            }
            small.append(data, 0, size);
        }
        bytes += size;
    }

    private void join() {
        if (small.size() > 0) {
            whole.add(small.take());
        }
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /// Takes what is first; there must be something.
    ///
    /// @param most bytes that are taken; more than zero
    Bytes take(long most) {
        if (whole.isEmpty()) {
            join();
        }
        Bytes first = whole.remove();
        if (first.size() > most) {
            whole.addFirst(first.slice((int) most, first.size()));
            first = first.slice(0, (int) most);
        }
        bytes -= first.size();
        return first;
    }

    void drop() {
        whole.clear();
        small.clear();
        bytes = 0;
    }
}
