package dev.torsion.cluster;

import dev.torsion.reactor.Bytes;

/// Reads one frame's fields, and trusts none of them.
final class FrameReader {
    private final byte[] array;
    private int at;

    FrameReader(Bytes frame) {
        array = frame.toArray();
    }

    int left() {
        return array.length - at;
    }

    int u8(String what) {
        need(1, what);
        return array[at++] & 0xff;
    }

    int u16(String what) {
        need(2, what);
        return (array[at++] & 0xff) << 8 | (array[at++] & 0xff);
    }

    int i32(String what) {
        need(4, what);
        return (array[at++] & 0xff) << 24
                | (array[at++] & 0xff) << 16
                | (array[at++] & 0xff) << 8
                | (array[at++] & 0xff);
    }

    long i64(String what) {
        need(8, what);
        return (long) i32(what) << 32 | (i32(what) & 0xffff_ffffL);
    }

    /// A text of at most `maxBytes` of UTF-8.
    String text(String what, int maxBytes) {
        return decoded(what, textLength(what, maxBytes));
    }

    /// A text of at most `maxBytes` of UTF-8.
    ///
    /// @param likely what it most likely is, and this object if it is
    String text(String what, int maxBytes, String likely) {
        int length = textLength(what, maxBytes);
        if (isAscii(likely, length)) {
            at += length;
            return likely;
        }
        return decoded(what, length);
    }

    private int textLength(String what, int maxBytes) {
        int length = u16(what);
        if (length > maxBytes) {
            throw new MalformedFrameException(
                    what + " of " + length + " bytes, more than " + maxBytes);
        }
        need(length, what);
        return length;
    }

    /// Whether the next `length` bytes are this text, and each of them one of its characters.
    private boolean isAscii(String text, int length) {
        boolean same = text.length() == length;
        for (int i = 0; same && i < length; i++) {
            same = array[at + i] == text.charAt(i); // bytes of other characters are negative
        }
        return same;
    }

    private String decoded(String what, int length) {
        Bytes bytes = Bytes.wrap(array, at, length);
        at += length;
        try {
            return bytes.strictUtf8();
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException(what + " that is not UTF-8", e);
        }
    }

    /// The next `length` bytes, owned, without a copy.
    Bytes bytes(String what, int length) {
        if (length < 0) {
            throw new MalformedFrameException(what + " of " + length + " bytes");
        }
        need(length, what);
        Bytes bytes = Bytes.wrap(array, at, length);
        at += length;
        return bytes;
    }

    void end() {
        if (left() > 0) {
            throw new MalformedFrameException(left() + " bytes after its end");
        }
    }

    private void need(int count, String what) {
        if (count > left()) {
            throw new MalformedFrameException("it ends within its " + what);
        }
    }
}
