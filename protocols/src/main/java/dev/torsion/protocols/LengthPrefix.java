package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;

/// How many bytes of length stand before a frame: unsigned, big-endian, not counting themselves.
public enum LengthPrefix {
    /// One byte: frames of at most 255 bytes. Twisted's `Int8StringReceiver`.
    INT8(1),
    /// Two bytes: frames of at most 65,535 bytes. Twisted's `Int16StringReceiver`.
    INT16(2),
    /// Four bytes: frames of more than there is memory for. Twisted's `Int32StringReceiver`.
    INT32(4);

    private final int width;

    LengthPrefix(int width) {
        this.width = width;
    }

    /// In bytes.
    int width() {
        return width;
    }

    /// The longest frame that can be sent with it, in bytes.
    int maxLength() {
        return this == INT32 ? Integer.MAX_VALUE : (1 << (8 * width)) - 1;
    }

    /// The prefix of a frame of `length` bytes.
    Bytes encode(int length) {
        byte[] prefix = new byte[width];
        for (int i = 0; i < width; i++) {
            prefix[i] = (byte) (length >>> (8 * (width - 1 - i)));
        }
        return Bytes.wrap(prefix);
    }
}
