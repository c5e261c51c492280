package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.PeerText;

/// What ends a line.
public final class LineEnd {
    private static final int MOST_SHOWN = 20;

    /// CR LF, as Internet protocols have it. A lone CR or LF is data.
    public static final LineEnd CR_LF = new LineEnd("CR LF", Bytes.utf8("\r\n"), false);

    /// LF. A CR is data.
    public static final LineEnd LF = new LineEnd("LF", Bytes.utf8("\n"), false);

    /// Receives both CR LF and LF, sends CR LF: for doors at which people type. A CR that no LF
    /// follows is data.
    public static final LineEnd CR_LF_OR_LF = new LineEnd("CR LF or LF", Bytes.utf8("\r\n"), true);

    /// A zero byte.
    public static final LineEnd NUL = new LineEnd("NUL", Bytes.utf8("\0"), false);

    private final String name;
    private final byte[] sent;
    private final boolean lastSuffices;

    private LineEnd(String name, Bytes sent, boolean lastSuffices) {
        this.name = name;
        this.sent = sent.toArray();
        this.lastSuffices = lastSuffices;
    }

    /// `delimiter`, which is what Twisted's `LineReceiver` calls it. Only the whole of it ends a
    /// line; the first place where it stands is the end.
    ///
    /// @param delimiter one byte or more, copied
    public static LineEnd of(Bytes delimiter) {
        if (delimiter.isEmpty()) {
            throw new IllegalArgumentException("a line ends with 1 byte or more");
        }
        String name = '"' + PeerText.shown(delimiter.utf8(), MOST_SHOWN) + '"';
        return new LineEnd(name, delimiter, false);
    }

    /// What a sent line ends with, one byte or more; not to be changed.
    byte[] sent() {
        return sent;
    }

    /// Whether its last byte alone ends a line too.
    boolean lastSuffices() {
        return lastSuffices;
    }

    @Override
    public String toString() {
        return name;
    }
}
