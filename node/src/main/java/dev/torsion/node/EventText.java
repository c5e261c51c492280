package dev.torsion.node;

import dev.torsion.reactor.Bytes;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// An event's data as a person may see it: one line, and nothing in it that a terminal would obey.
final class EventText {
    private static final int MAX_SHOWN_BYTES = 32;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private EventText() {}

    /// Text as it is, control characters written as Java writes them; other bytes in hexadecimal.
    static String safe(byte[] data) {
        String text = utf8(data);
        if (text == null) {
            int shown = Math.min(data.length, MAX_SHOWN_BYTES);
            String more = shown < data.length ? " …" : "";
            return "<" + data.length + " bytes: " + HEX.formatHex(data, 0, shown) + more + ">";
        }
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(safe, c));
        return safe.toString();
    }

    /// The data as text, or null if it is not UTF-8.
    static @Nullable String utf8(byte[] data) {
        try {
            return Bytes.wrap(data).strictUtf8();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static void append(StringBuilder safe, int c) {
        switch (c) {
            case '\n' -> safe.append("\\n");
            case '\r' -> safe.append("\\r");
            case '\t' -> safe.append("\\t");
            default -> {
                if (isUnsafe(c)) {
                    for (char unit : Character.toChars(c)) {
                        safe.append(String.format("\\u%04x", (int) unit));
                    }
                } else {
                    safe.appendCodePoint(c);
                }
            }
        }
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}
