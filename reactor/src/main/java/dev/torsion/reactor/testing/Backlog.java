package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import java.util.ArrayDeque;

/// Owned bytes that wait, in order, and are taken in pieces of any size.
final class Backlog {
    private final ArrayDeque<Bytes> parts = new ArrayDeque<>();
    private int taken; // of the first part
    private int size;

    void add(Bytes owned) {
        parts.add(owned);
        size += owned.size();
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// How many bytes of the first part are left.
    int firstSize() {
        return parts.element().size() - taken;
    }

    /// Takes the next `count` bytes.
    Bytes take(int count) {
        Bytes first = parts.element();
        if (taken == 0 && count == first.size()) {
            size -= count;
            return parts.remove();
        }
        byte[] bytes = new byte[count];
        int filled = 0;
        while (filled < count) {
            int part = Math.min(firstSize(), count - filled);
            parts.element().copyTo(taken, bytes, filled, part);
            filled += part;
            pass(part);
        }
        return Bytes.wrap(bytes);
    }

    /// Takes the next `count` bytes, and lends them.
    BorrowedBytes lend(int count) {
        if (count > firstSize()) {
            return new BorrowedBytes(take(count), 0, count);
        }
        BorrowedBytes loan = new BorrowedBytes(parts.element(), taken, count);
        pass(count);
        return loan;
    }

    private void pass(int count) {
        taken += count;
        size -= count;
        if (firstSize() == 0) {
            parts.remove();
            taken = 0;
        }
    }

    /// Lets go of all.
    ///
    /// @return how many bytes that were
    int clear() {
        int all = size;
        parts.clear();
        taken = 0;
        size = 0;
        return all;
    }
}
