package dev.torsion.protocols.amp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.reactor.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What AMP sends: values with names. On the wire `[u16 length][key][u16 length][value]` any number
/// of times, ended by a zero u16. Keys are bytes there, and here the ISO 8859-1 text of those
/// bytes.
final class Box {
    static final int MAX_KEY = 255;
    static final int MAX_VALUE = 65_535;

    /// More than any record has components; memory for each is taken beside its bytes.
    static final int MAX_KEYS = 1_024;

    private static final int NAMED_KEYS = 3; // in a text

    static final String COMMAND = "_command";
    static final String ASK = "_ask";
    static final String ANSWER = "_answer";
    static final String ERROR = "_error";
    static final String ERROR_CODE = "_error_code";
    static final String ERROR_DESCRIPTION = "_error_description";

    /// What makes a box a question or an answer.
    private static final Set<String> RESERVED = Set.of(COMMAND, ASK, ANSWER, ERROR);

    /// Sorted, as Twisted sends them.
    private final SortedMap<String, Bytes> values = new TreeMap<>();

    /// What may be a key, the name of a command or the code of an error: 1 to `most` characters of
    /// ISO 8859-1.
    ///
    /// @throws IllegalArgumentException naming `what` it is, otherwise
    static String checked(String what, String text, int most) {
        boolean latin = text.chars().allMatch(character -> character < 256);
        if (text.isEmpty() || text.length() > most || !latin) {
            throw new IllegalArgumentException(
                    "AMP takes 1 to "
                            + most
                            + " characters of ISO 8859-1 for "
                            + what
                            + ", not \""
                            + text
                            + "\"");
        }
        return text;
    }

    /// What may be the name of an argument.
    ///
    /// @throws IllegalArgumentException otherwise
    static String checkedKey(String key) {
        if (RESERVED.contains(key)) {
            throw new IllegalArgumentException("AMP takes no argument called \"" + key + "\"");
        }
        return checked("the key of an argument", key, MAX_KEY);
    }

    /// Each character as a byte.
    static Bytes latin(String text) {
        return Bytes.wrap(text.getBytes(ISO_8859_1));
    }

    /// The value of `key`, owned; null if there is none.
    @Nullable Bytes get(String key) {
        return values.get(key);
    }

    /// The value of `key` as text, each byte a character; null if there is none.
    @Nullable String text(String key) {
        Bytes value = values.get(key);
        return value == null ? null : new String(value.toArray(), ISO_8859_1);
    }

    /// Replaces what `key` had.
    Box put(String key, Bytes owned) {
        values.put(key, owned);
        return this;
    }

    /// All but what makes it a question or an answer.
    Map<String, Bytes> arguments() {
        Map<String, Bytes> arguments = new TreeMap<>(values);
        arguments.keySet().removeAll(RESERVED);
        return arguments;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /// The box as it is sent.
    Bytes encode() throws AmpException.Unsendable {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Map.Entry<String, Bytes> entry : values.entrySet()) {
            byte[] key = entry.getKey().getBytes(ISO_8859_1);
            if (key.length < 1 || key.length > MAX_KEY) {
                throw new AmpException.Unsendable(
                        "a key of " + key.length + " bytes; 1 to 255 are allowed");
            }
            Strings.put(out, Bytes.wrap(key), "the key " + entry.getKey());
            Strings.put(out, entry.getValue(), entry.getKey());
        }
        Strings.put(out, Bytes.empty(), "the end");
        return Bytes.wrap(out.toByteArray());
    }

    @Override
    public String toString() {
        int more = values.size() - NAMED_KEYS;
        List<String> named = values.keySet().stream().limit(NAMED_KEYS).toList();
        return "a box of " + named + (more > 0 ? " and " + more + " more" : "");
    }
}
