package dev.torsion.reactor;

/// What a peer, a program or a text from elsewhere says, fit for a line of a log and for the
/// message of an exception, which may end in one: nobody can fill it, nor forge a line of it.
public final class PeerText {
    private PeerText() {}

    /// The first `most` characters of `text`, and `…` if there are more. What would not be seen but
    /// do something, such as the end of a line, an escape, or a change of the direction of writing,
    /// is there in letters: as in Java, a backslash, `u` and four hexadecimal digits.
    public static String shown(String text, int most) {
        boolean whole = text.length() <= most;
        StringBuilder shown = new StringBuilder();
        (whole ? text : text.substring(0, most))
                .codePoints()
                .forEach(each -> {
                    if (isSeen(each)) {
                        shown.appendCodePoint(each);
                    } else {
                        for (char part : Character.toChars(each)) {
                            shown.append("\\u%04x".formatted((int) part));
                        }
                    }
                });
        return whole ? shown.toString() : shown.append('…').toString();
    }

    private static boolean isSeen(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
