package dev.torsion.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;

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
        int length = u16(what);
        if (length > maxBytes) {
            throw new MalformedFrameException(
                    what + " of " + length + " bytes, more than " + maxBytes);
        }
        need(length, what);
        String text = new String(array, at, length, UTF_8);
        if (text.indexOf('\uFFFD') >= 0 && !isExactly(text, length)) {
            throw new MalformedFrameException(what + " that is not UTF-8");
        }
        at += length;
        return text;
    }

    private boolean isExactly(String text, int length) {
        byte[] again = text.getBytes(UTF_8);
        return Arrays.equals(again, 0, again.length, array, at, at + length);
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
