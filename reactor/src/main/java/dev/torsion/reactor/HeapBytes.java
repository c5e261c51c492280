package dev.torsion.reactor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Owned bytes in part of an array that nobody writes to any more.
final class HeapBytes implements Bytes {
    static final HeapBytes EMPTY = new HeapBytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int size;

    HeapBytes(byte[] array, int offset, int size) {
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public byte at(int index) {
        return array[offset + Objects.checkIndex(index, size)];
    }

    @Override
    public void copyTo(int index, byte[] target, int targetOffset, int length) {
        Objects.checkFromIndexSize(index, length, size);
        System.arraycopy(array, offset + index, target, targetOffset, length);
    }

    @Override
    public void putInto(ByteBuffer target) {
        target.put(array, offset, size);
    }

    @Override
    public Bytes slice(int from, int to) {
        Objects.checkFromToIndex(from, to, size);
        return new HeapBytes(array, offset + from, to - from);
    }

    @Override
    public Bytes owned() {
        return this;
    }

    @Override
    public String utf8() {
        return new String(array, offset, size, UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HeapBytes that
                && Arrays.equals(
                        array,
                        offset,
                        offset + size,
                        that.array,
                        that.offset,
                        that.offset + that.size);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + size; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return size + " bytes";
    }
}
