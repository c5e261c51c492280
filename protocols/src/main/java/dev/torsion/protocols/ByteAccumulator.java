package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

    /// The byte at `index`, less than [#size()].
    byte at(int index) {
        return array[index];
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

    /// Gathers `wanted` bytes: those that are kept, then those of `chunk` from `from` on. If the
    /// chunk does not hold them all, its rest is kept.
    ///
    /// @return all of them, borrowed if the chunk has them in one piece, and nothing is kept; or
    ///   null
    @Nullable Bytes gather(int wanted, Bytes chunk, int from) {
        int to = gatheredTo(wanted, chunk, from);
        if (size == 0 && to - from == wanted) {
            return chunk.slice(from, to);
        }
        append(chunk, from, to);
        return size == wanted ? take() : null;
    }

    /// Where in `chunk` a [#gather] of the same ends.
    int gatheredTo(int wanted, Bytes chunk, int from) {
        return from + Math.min(wanted - size, chunk.size() - from);
    }

    /// What there is of something that begins with what is kept and goes on in `chunk` from `from`
    /// on, as far as `most` bytes; nothing is kept by this.
    ///
    /// @return borrowed
    Bytes begun(int most, Bytes chunk, int from) {
        int kept = size;
        int to = gatheredTo(most, chunk, from);
        if (kept == 0) {
            return chunk.slice(from, to);
        }
        append(chunk, from, to);
        Bytes begun = Bytes.wrap(array, 0, size);
        size = kept;
        return begun;
    }

    /// Forgets all but the last `count` bytes, at most [#size()].
    void keepLast(int count) {
        System.arraycopy(array, size - count, array, 0, count);
        size = count;
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
