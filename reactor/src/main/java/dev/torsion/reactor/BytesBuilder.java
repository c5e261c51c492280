package dev.torsion.reactor;

import java.util.Arrays;

/// Puts numbers, text and bytes one after the other: what is sent in a protocol of one's own, and
/// what the numbers of [Bytes] read.
///
/// ```java
/// Bytes header = new BytesBuilder().int16(KIND).int32(body.size()).build();
/// ```
///
/// A number may be one with or without sign: `int16` takes -32,768 to 65,535. The first byte is the
/// highest ("network order") unless the name says little-endian. For one thread at a time.
public final class BytesBuilder {
    private static final int FIRST_CAPACITY = 64;
    private static final int MOST = Integer.MAX_VALUE - 8; // as long as arrays get

    private byte[] array = new byte[FIRST_CAPACITY];
    private int size;

    /// Puts one byte.
    ///
    /// @throws IllegalArgumentException unless `-128 <= value <= 255`
    public BytesBuilder int8(int value) {
        return bigEndian(checked(value, Byte.SIZE), Byte.BYTES);
    }

    /// Puts two bytes.
    ///
    /// @throws IllegalArgumentException unless `-32,768 <= value <= 65,535`
    public BytesBuilder int16(int value) {
        return bigEndian(checked(value, Short.SIZE), Short.BYTES);
    }

    /// Puts four bytes.
    ///
    /// @throws IllegalArgumentException unless `-2^31 <= value < 2^32`
    public BytesBuilder int32(long value) {
        return bigEndian(checked(value, Integer.SIZE), Integer.BYTES);
    }

    /// Puts eight bytes.
    public BytesBuilder int64(long value) {
        return bigEndian(value, Long.BYTES);
    }

    /// [#int16], the first byte being the lowest.
    public BytesBuilder int16LittleEndian(int value) {
        return littleEndian(checked(value, Short.SIZE), Short.BYTES);
    }

    /// [#int32], the first byte being the lowest.
    public BytesBuilder int32LittleEndian(long value) {
        return littleEndian(checked(value, Integer.SIZE), Integer.BYTES);
    }

    /// [#int64], the first byte being the lowest.
    public BytesBuilder int64LittleEndian(long value) {
        return littleEndian(value, Long.BYTES);
    }

    /// Puts a copy of `bytes`, which may be borrowed.
    public BytesBuilder bytes(Bytes bytes) {
        int length = bytes.size();
        makeRoom(length);
        bytes.copyTo(0, array, size, length);
        size += length;
        return this;
    }

    /// Puts `text` in UTF-8.
    public BytesBuilder utf8(String text) {
        return bytes(Bytes.utf8(text));
    }

    /// How many bytes there are.
    public int size() {
        return size;
    }

    /// What was put, owned. More may be put after it: this one stays as it is.
    public Bytes build() {
        return Bytes.wrap(Arrays.copyOf(array, size));
    }

    private static long checked(long value, int bits) {
        long lowest = -1L << (bits - 1);
        long highest = (1L << bits) - 1;
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(
                    "%d bits hold %d to %d, not %d".formatted(bits, lowest, highest, value));
        }
        return value;
    }

    private BytesBuilder bigEndian(long value, int width) {
        return littleEndian(Long.reverseBytes(value) >>> (Long.SIZE - width * Byte.SIZE), width);
    }

    private BytesBuilder littleEndian(long value, int width) {
        makeRoom(width);
        for (int i = 0; i < width; i++) {
            array[size++] = (byte) (value >>> (i * Byte.SIZE));
        }
        return this;
    }

    private void makeRoom(int more) {
        int needed = Math.addExact(size, more);
        if (needed > array.length) {
            array = Arrays.copyOf(array, Math.max(needed, (int) Math.min(2L * array.length, MOST)));
        }
    }
}
