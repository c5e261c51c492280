package dev.torsion.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;

/// Writes frames one after the other, each with its length before it. All numbers are big-endian.
final class FrameWriter {
    static final int PREFIX = 4;
    private static final int MAX_TEXT = 0xffff;

    private static final byte[] NONE = new byte[0];

    private final int firstCapacity;
    private byte[] array = NONE;
    private int size;
    private int frame;

    /// @param firstCapacity room for so many bytes is taken with the first
    FrameWriter(int firstCapacity) {
        this.firstCapacity = firstCapacity;
    }

    int size() {
        return size;
    }

    FrameWriter begin(int type) {
        frame = size;
        return u32(0).u8(type);
    }

    /// Ends the frame.
    ///
    /// @param following how many bytes of it come after what is written here
    /// @return the frame's length, without its prefix
    int end(int following) {
        int length = size - frame - PREFIX + following;
        put(frame, length);
        return length;
    }

    /// Takes back all that was written after the first `newSize` bytes.
    void rollBackTo(int newSize) {
        size = newSize;
    }

    /// What was written, for good: the writer is not used again.
    Bytes done() {
        return Bytes.wrap(array, 0, size);
    }

    FrameWriter u8(int value) {
        room(1);
        array[size++] = (byte) value;
        return this;
    }

    FrameWriter u16(int value) {
        room(2);
        array[size++] = (byte) (value >>> 8);
        array[size++] = (byte) value;
        return this;
    }

    FrameWriter u32(int value) {
        room(4);
        put(size, value);
        size += 4;
        return this;
    }

    FrameWriter i64(long value) {
        return u32((int) (value >>> 32)).u32((int) value);
    }

    /// Two bytes of length, then UTF-8.
    ///
    /// @throws IllegalArgumentException if that is longer than 65,535 bytes
    FrameWriter text(String text) {
        int length = text.length();
        room(2 + length);
        int at = size + 2;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return textBytes(text.getBytes(UTF_8));
            }
            array[at + i] = (byte) c;
        }
        lengthFits(length);
        u16(length);
        size += length;
        return this;
    }

    private FrameWriter textBytes(byte[] encoded) {
        lengthFits(encoded.length);
        room(2 + encoded.length);
        u16(encoded.length);
        System.arraycopy(encoded, 0, array, size, encoded.length);
        size += encoded.length;
        return this;
    }

    private static void lengthFits(int length) {
        if (length > MAX_TEXT) {
            throw new IllegalArgumentException("a text of " + length + " bytes");
        }
    }

    FrameWriter bytes(Bytes bytes) {
        room(bytes.size());
        bytes.copyTo(0, array, size, bytes.size());
        size += bytes.size();
        return this;
    }

    private void put(int at, int value) {
        array[at] = (byte) (value >>> 24);
        array[at + 1] = (byte) (value >>> 16);
        array[at + 2] = (byte) (value >>> 8);
        array[at + 3] = (byte) value;
    }

    private void room(int more) {
        if (more > array.length - size) {
            int capacity = Math.max(firstCapacity, 2 * array.length);
            array = Arrays.copyOf(array, Math.max(capacity, size + more));
        }
    }
}
