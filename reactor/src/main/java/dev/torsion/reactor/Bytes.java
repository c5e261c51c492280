package dev.torsion.reactor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Objects;

/// A readable run of bytes: what a [Protocol] is fed and what a [Transport] is given.
///
/// A `Bytes` is either *owned* (immutable, may be kept for ever, read from any thread) or
/// *borrowed* (a window on a buffer that its lender will reuse: valid during the call that received
/// it, on that thread, and no longer). [#owned()] turns the second into the first. Handing borrowed
/// bytes to [Transport#write] during the call is safe: the transport takes what it needs, without a
/// copy where it can.
public interface Bytes {

    /// Number of bytes, zero or more.
    int size();

    /// The byte at `index`.
    ///
    /// @throws IndexOutOfBoundsException unless `0 <= index < size()`
    byte at(int index);

    /// Copies `length` bytes from `index` on to `target`, from `offset` on.
    ///
    /// @throws IndexOutOfBoundsException if either range does not fit
    void copyTo(int index, byte[] target, int offset, int length);

    /// Copies all the bytes to `target`, at its position, which moves past them.
    ///
    /// @throws java.nio.BufferOverflowException if there is no room for all
    default void putInto(ByteBuffer target) {
        target.put(toArray());
    }

    /// The bytes from `from` (inclusive) to `to` (exclusive): a view as long-lived as this one, not
    /// a copy.
    ///
    /// @throws IndexOutOfBoundsException unless `0 <= from <= to <= size()`
    Bytes slice(int from, int to);

    /// These bytes, safe to keep: this object if it is owned already, else a copy.
    Bytes owned();

    /// Index of the first `wanted` at or after `from`, or -1.
    default int indexOf(byte wanted, int from) {
        for (int i = from, size = size(); i < size; i++) {
            if (at(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    /// The byte at `index` as a number without sign, 0 to 255; with sign it is [#at].
    ///
    /// As with every number here: the first byte is the highest ("network order") unless the name
    /// says little-endian, and a number that does not lie within the bytes is an
    /// [IndexOutOfBoundsException].
    default int uint8(int index) {
        return at(index) & 0xff;
    }

    /// The two bytes from `index` on as a number with sign.
    default int int16(int index) {
        return (short) uint16(index);
    }

    /// The two bytes from `index` on as a number without sign, 0 to 65,535.
    default int uint16(int index) {
        return (uint8(index) << 8) | uint8(index + 1);
    }

    /// The four bytes from `index` on as a number with sign.
    default int int32(int index) {
        return (uint16(index) << 16) | uint16(index + 2);
    }

    /// The four bytes from `index` on as a number without sign, 0 to 4,294,967,295.
    default long uint32(int index) {
        return Integer.toUnsignedLong(int32(index));
    }

    /// The eight bytes from `index` on as a number with sign.
    default long int64(int index) {
        return ((long) int32(index) << 32) | uint32(index + 4);
    }

    /// [#int16], the first byte being the lowest.
    default int int16LittleEndian(int index) {
        return (short) uint16LittleEndian(index);
    }

    /// [#uint16], the first byte being the lowest.
    default int uint16LittleEndian(int index) {
        return uint8(index) | (uint8(index + 1) << 8);
    }

    /// [#int32], the first byte being the lowest.
    default int int32LittleEndian(int index) {
        return Integer.reverseBytes(int32(index));
    }

    /// [#uint32], the first byte being the lowest.
    default long uint32LittleEndian(int index) {
        return Integer.toUnsignedLong(int32LittleEndian(index));
    }

    /// [#int64], the first byte being the lowest.
    default long int64LittleEndian(int index) {
        return Long.reverseBytes(int64(index));
    }

    /// Whether there are no bytes.
    default boolean isEmpty() {
        return size() == 0;
    }

    /// A fresh array holding a copy of the bytes.
    default byte[] toArray() {
        byte[] copy = new byte[size()];
        copyTo(0, copy, 0, copy.length);
        return copy;
    }

    /// The bytes decoded as UTF-8; malformed input becomes U+FFFD.
    default String utf8() {
        return new String(toArray(), UTF_8);
    }

    /// The bytes decoded as UTF-8, leaving nothing out.
    ///
    /// @throws IllegalArgumentException if they are not UTF-8
    default String strictUtf8() {
        String text = utf8();
        if (text.indexOf('\uFFFD') >= 0 && !equal(this, utf8(text))) {
            throw new IllegalArgumentException("not UTF-8");
        }
        return text;
    }

    /// Whether the two hold the same bytes.
    static boolean equal(Bytes a, Bytes b) {
        int size = a.size();
        if (size != b.size()) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (a.at(i) != b.at(i)) {
                return false;
            }
        }
        return true;
    }

    /// Owned bytes holding those of `parts`, one after the other. (To send them that is not needed:
    /// write one after the other. To make bytes of numbers there is [BytesBuilder].)
    ///
    /// @throws ArithmeticException if they are more than [Integer#MAX_VALUE]
    static Bytes concat(Bytes... parts) {
        int size = 0;
        for (Bytes part : parts) {
            size = Math.addExact(size, part.size());
        }
        byte[] all = new byte[size];
        int at = 0;
        for (Bytes part : parts) {
            part.copyTo(0, all, at, part.size());
            at += part.size();
        }
        return wrap(all);
    }

    /// No bytes.
    static Bytes empty() {
        return HeapBytes.EMPTY;
    }

    /// Owned bytes over `array` without a copy: the caller gives the array up and never changes it
    /// again.
    static Bytes wrap(byte[] array) {
        return array.length == 0 ? HeapBytes.EMPTY : new HeapBytes(array, 0, array.length);
    }

    /// Owned bytes over part of `array` without a copy: the caller gives the array up and never
    /// changes it again.
    ///
    /// @throws IndexOutOfBoundsException if the range does not fit
    static Bytes wrap(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
        return length == 0 ? HeapBytes.EMPTY : new HeapBytes(array, offset, length);
    }

    /// Owned bytes holding `text` in UTF-8.
    static Bytes utf8(String text) {
        return wrap(text.getBytes(UTF_8));
    }
}
