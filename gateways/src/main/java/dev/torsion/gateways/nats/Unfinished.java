package dev.torsion.gateways.nats;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;

/// The beginning of a line or a payload whose end has not arrived.
final class Unfinished {
    private static final int FIRST_CAPACITY = 256;

    private byte[] array = new byte[0];
    private int size;

    int size() {
        return size;
    }

    void append(Bytes bytes, int from, int to) {
        int length = to - from;
        if (length > array.length - size) {
            int doubled = Math.max(FIRST_CAPACITY, array.length * 2);
            array = Arrays.copyOf(array, Math.max(doubled, Math.addExact(size, length)));
        }
        bytes.copyTo(from, array, size, length);
        size += length;
    }

    /// The whole: what was kept and the end. Without a copy if nothing was kept, and then borrowed
    /// as `chunk` is.
    Bytes finish(Bytes chunk, int from, int to) {
        if (size == 0) {
            return chunk.slice(from, to);
        }
        append(chunk, from, to);
        Bytes whole = Bytes.wrap(array, 0, size);
        array = new byte[0];
        size = 0;
        return whole;
    }
}
