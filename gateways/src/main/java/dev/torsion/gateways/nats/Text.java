package dev.torsion.gateways.nats;

import dev.torsion.reactor.Bytes;

/// Text on the wire.
final class Text {
    private static final int MAX_ERROR = 512;

    private Text() {}

    /// Decodes UTF-8, and leaves nothing out.
    ///
    /// @throws IllegalArgumentException if `what` is not UTF-8
    static String strictUtf8(String what, Bytes bytes) {
        try {
            return bytes.strictUtf8();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " is not UTF-8", e);
        }
    }

    /// An error as the protocol has it. Clients end it at the next quote.
    static Bytes error(String message) {
        StringBuilder line = new StringBuilder("-ERR '");
        message.chars()
                .limit(MAX_ERROR)
                .map(c -> c == '\'' ? '"' : Character.isISOControl(c) ? '?' : c)
                .forEach(c -> line.append((char) c));
        return Bytes.utf8(line.append("'\r\n").toString());
    }
}
