package dev.torsion.protocols.amp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.reactor.Bytes;
import org.jspecify.annotations.Nullable;

/// Makes boxes of the strings that come: key, value, key, value, and an empty one in a key's place
/// as the end.
final class BoxReader {
    private static final int LENGTH_BYTES = 2; // before each string

    private final int maxBytes;
    private Box box = new Box();
    private @Nullable String key;
    private int bytes;
    private int strings;

    /// @param maxBytes the most that the keys and values of one box may take together
    BoxReader(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// Whether the next string is a key, so at most 255 bytes long.
    boolean expectsKey() {
        return key == null;
    }

    /// How many bytes of a next box have come, the lengths of its strings included.
    int unfinishedBytes() {
        return strings * LENGTH_BYTES + bytes;
    }

    /// Takes the next string.
    ///
    /// @param string may be borrowed
    /// @return the box that it ends, or null
    @Nullable Box take(Bytes string) throws AmpException.Unreadable {
        strings++;
        bytes += string.size();
        if (bytes > maxBytes) {
            throw new AmpException.Unreadable("a box of more than " + maxBytes + " bytes");
        }
        if (strings > 2 * Box.MAX_KEYS + 1) { // the last one is its end
            throw new AmpException.Unreadable("a box of more than " + Box.MAX_KEYS + " keys");
        }
        if (key != null) {
            box.put(key, string.owned());
            key = null;
            return null;
        }
        if (string.size() > Box.MAX_KEY) {
            throw new AmpException.Unreadable("a key of " + string.size() + " bytes");
        }
        if (!string.isEmpty()) {
            key = new String(string.toArray(), ISO_8859_1);
            return null;
        }
        Box whole = box;
        box = new Box();
        bytes = 0;
        strings = 0;
        return whole;
    }
}
