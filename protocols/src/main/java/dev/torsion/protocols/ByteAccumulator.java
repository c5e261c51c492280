package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;

/// Bytes that come in pieces and are taken out whole. It grows with what has arrived, never with
/// what is announced; the caller sets the bound.
final class ByteAccumulator {
    private static final byte[] NONE = new byte[0];
    private static final int FIRST_CAPACITY = 256;

    private byte[] array = NONE;
    private int size;

    int size() {
        return size;
    }

    /// The byte that was appended last; there must be one.
    byte last() {
        return array[size - 1];
    }

    /// Appends the bytes from `from` (inclusive) to `to` (exclusive).
    void append(Bytes bytes, int from, int to) {
        int length = to - from;
        if (length > array.length - size) {
            int doubled = Math.max(FIRST_CAPACITY, array.length * 2);
            array = Arrays.copyOf(array, Math.max(doubled, Math.addExact(size, length)));
        }
        bytes.copyTo(from, array, size, length);
        size += length;
    }

    /// All that was appended, owned; nothing is left here.
    Bytes take() {
        Bytes taken = Bytes.wrap(array, 0, size);
        array = NONE;
        size = 0;
        return taken;
    }

    void clear() {
        size = 0;
    }
}
