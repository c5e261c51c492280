package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;

/// What ends a line.
public enum LineEnd {
    /// CR LF, as Internet protocols have it. A lone CR or LF is data.
    CR_LF("\r\n"),
    /// LF. A CR is data.
    LF("\n"),
    /// Receives both CR LF and LF, sends CR LF: for doors at which people type. A CR that no LF
    /// follows is data.
    CR_LF_OR_LF("\r\n"),
    /// A zero byte.
    NUL("\0");

    private final String sent;
    private final byte last;

    LineEnd(String sent) {
        this.sent = sent;
        this.last = (byte) sent.charAt(sent.length() - 1);
    }

    /// What a sent line ends with.
    Bytes sent() {
        return Bytes.utf8(sent);
    }

    /// The byte that every end has last.
    byte last() {
        return last;
    }

    /// Whether a line ends only if the byte before [#last()] is CR.
    boolean needsReturn() {
        return this == CR_LF;
    }

    /// Whether a CR before [#last()] is part of the end.
    boolean takesReturn() {
        return this == CR_LF || this == CR_LF_OR_LF;
    }
}
