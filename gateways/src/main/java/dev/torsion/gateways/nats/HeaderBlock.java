package dev.torsion.gateways.nats;

import dev.torsion.bus.Header;
import dev.torsion.reactor.Bytes;
import java.util.ArrayList;
import java.util.List;

/// The headers of a NATS message: a version line, `Name: value` lines, an empty line, all ended by
/// CR LF.
final class HeaderBlock {
    static final String VERSION = "NATS/1.0";
    private static final String LINE_END = "\r\n";

    private HeaderBlock() {}

    /// The headers in their order, several of one name too. White space before a value is not part
    /// of it.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    static List<Header> parse(Bytes block) {
        String text = Text.strictUtf8("the header block", block);
        if (!text.startsWith(VERSION + LINE_END) || !text.endsWith(LINE_END + LINE_END)) {
            throw new IllegalArgumentException(
                    "a header block begins with the line "
                            + VERSION
                            + " and ends with an empty one");
        }
        List<Header> headers = new ArrayList<>();
        int start = VERSION.length() + LINE_END.length();
        int last = text.length() - LINE_END.length();
        while (start < last) {
            int end = text.indexOf(LINE_END, start);
            headers.add(header(text.substring(start, end)));
            start = end + LINE_END.length();
        }
        return headers;
    }

    private static Header header(String line) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("a header line without a colon: " + line);
        }
        int value = colon + 1;
        while (value < line.length() && (line.charAt(value) == ' ' || line.charAt(value) == '\t')) {
            value++;
        }
        return new Header(line.substring(0, colon), line.substring(value));
    }

    static void append(StringBuilder block, String name, String value) {
        block.append(name).append(": ").append(value).append(LINE_END);
    }
}
