package dev.torsion.bus;

import java.util.ArrayList;
import java.util.List;

/// The grammar that topics and patterns share.
final class Tokens {
    private Tokens() {}

    static void check(String kind, String text, boolean wildcards) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a " + kind + " may not be empty");
        }
        if (text.length() > Topic.MAX_LENGTH) {
            throw wrong(kind, text, "longer than " + Topic.MAX_LENGTH + " characters");
        }
        int tokens = 1;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? '.' : text.charAt(i);
            if (c == '.') {
                checkToken(kind, text, start, i, wildcards);
                start = i + 1;
                tokens += i == text.length() ? 0 : 1;
            } else if (c <= ' ' || (c > '~' && isBlank(c))) {
                throw wrong(kind, text, "white space at character " + (i + 1));
            } else if (Character.isSurrogate(c)) {
                i = checkPair(kind, text, i);
            }
        }
        if (tokens > Topic.MAX_TOKENS) {
            throw wrong(kind, text, "more than " + Topic.MAX_TOKENS + " tokens");
        }
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
    }

    private static void checkToken(
            String kind, String text, int start, int end, boolean wildcards) {
        if (end == start) {
            throw wrong(kind, text, "an empty token at character " + (start + 1));
        }
        if (end - start > 1) {
            return;
        }
        char c = text.charAt(start);
        if (!wildcards && (c == '*' || c == '>')) {
            throw wrong(kind, text, "a wildcard; only patterns have those");
        }
        if (c == '>' && end != text.length()) {
            throw wrong(kind, text, "a \">\" that is not the last token");
        }
    }

    /// A lone surrogate cannot be written as UTF-8 and would come out of a link as another topic.
    private static int checkPair(String kind, String text, int high) {
        boolean pair =
                high + 1 < text.length()
                        && Character.isSurrogatePair(text.charAt(high), text.charAt(high + 1));
        if (!pair) {
            throw wrong(kind, text, "half a character at " + (high + 1));
        }
        return high + 1;
    }

    static List<String> split(String text) {
        List<String> tokens = new ArrayList<>(4);
        int start = 0;
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', start)) {
            tokens.add(text.substring(start, dot));
            start = dot + 1;
        }
        tokens.add(text.substring(start));
        return tokens;
    }

    private static IllegalArgumentException wrong(String kind, String text, String why) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return new IllegalArgumentException("not a " + kind + ": \"" + shown + "\" has " + why);
    }
}
