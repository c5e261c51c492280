package dev.torsion.reactor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An endpoint's text, divided into its fields ([EndpointText] has the grammar), and errors that
/// show where in it something is wrong.
///
/// @param all in their order
record EndpointFields(String text, List<Field> all) {
    private static final int LONGEST = 4096;

    /// @param column where it begins, from 1
    /// @param raw as it stands in the text, backslashes and all
    /// @param key null if it is no option
    record Field(int column, String raw, @Nullable String key, String value) {
        /// Without backslashes.
        String plain() {
            return key == null ? value : key + "=" + value;
        }

        /// The index of what follows it.
        int end() {
            return column - 1 + raw.length();
        }
    }

    EndpointFields(String text) {
        this(text, new ArrayList<>());
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an endpoint's text has at most %d characters, not %d"
                            .formatted(LONGEST, text.length()));
        }
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw wrong("no NUL character", "one", nul + 1);
        }
        split();
    }

    private void split() {
        StringBuilder value = new StringBuilder();
        String key = null;
        int begin = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || text.charAt(at) == ':') {
                add(new Field(begin + 1, text.substring(begin, at), key, value.toString()));
                value.setLength(0);
                key = null;
                begin = at + 1;
            } else if (text.charAt(at) == '=' && key == null) {
                key = value.toString();
                value.setLength(0);
            } else if (text.charAt(at) == '\\') {
                at++;
                if (at == text.length()) {
                    throw wrong("a \":\", \"=\" or \"\\\" after the backslash", "the end", at);
                }
                value.append(text.charAt(at));
            } else {
                value.append(text.charAt(at));
            }
        }
    }

    private void add(Field field) {
        if (field.key != null) {
            if (option(field.key) != null) {
                throw wrong(field.key + "= once", "a second one", field.column);
            }
            if (field.value.isEmpty()) {
                throw wrong(
                        "a value after " + field.key + "=, with \"\\:\" for a colon in it", field);
            }
        }
        all.add(field);
    }

    @Nullable Field option(String key) {
        return all.stream().filter(it -> key.equals(it.key)).findFirst().orElse(null);
    }

    // ---- errors ----

    IllegalArgumentException wrong(String expected, Field found) {
        String what = found.value.isEmpty() ? "nothing" : quoted(found.plain());
        return wrong(expected, what, found.column);
    }

    IllegalArgumentException wrong(String expected, String found, int column) {
        return error("expected %s, not %s".formatted(expected, found), column, null);
    }

    /// In one line, whatever is in the text.
    ///
    /// @param cure what to write instead; null if that cannot be guessed
    IllegalArgumentException error(String why, int column, @Nullable String cure) {
        String message =
                "%s (column %d of %s)".formatted(why, column, quoted(text))
                        + (cure == null ? "" : ": " + cure);
        return new IllegalArgumentException(PeerText.shown(message, Integer.MAX_VALUE));
    }

    static String quoted(String what) {
        return "\"" + what + "\"";
    }
}
