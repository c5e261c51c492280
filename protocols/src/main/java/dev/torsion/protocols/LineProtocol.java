package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import java.util.Arrays;

/// Lines of bytes, ended by a delimiter; between them, if you say so, raw bytes.
///
/// ```java
/// final class Greeter extends LineProtocol {
///     @Override
///     protected void lineReceived(Bytes name) {
///         sendLine(Bytes.utf8("hello " + name.utf8()));
///     }
/// }
/// ```
///
/// A line that arrives in one piece is handed on without a copy. What is kept of an unfinished one
/// is never more than its longest allowed length and a part of its end.
public abstract class LineProtocol extends FramingProtocol {
    /// The longest line unless another length is given: 16,384 bytes, as in Twisted.
    public static final int MAX_LENGTH = 16_384;

    private final LineEnd end;
    private final byte[] mark; // the whole end
    private final Bytes sentEnd;
    private final int maxLength;
    private final ByteAccumulator unfinished = new ByteAccumulator();
    private boolean raw;
    private boolean skipping;

    /// Lines that end with CR LF, of at most [#MAX_LENGTH] bytes.
    protected LineProtocol() {
        this(LineEnd.CR_LF, MAX_LENGTH);
    }

    /// Lines of another kind.
    ///
    /// @param maxLength in bytes, the end not counted; at least 1
    protected LineProtocol(LineEnd end, int maxLength) {
        if (maxLength < 1) {
            throw new IllegalArgumentException("a line has room for 1 byte or more: " + maxLength);
        }
        this.end = end;
        this.mark = end.sent();
        this.sentEnd = Bytes.wrap(mark);
        this.maxLength = maxLength;
    }

    /// A line arrived.
    ///
    /// @param line without its end; borrowed for the time of this call
    protected abstract void lineReceived(Bytes line);

    /// Bytes arrived in raw mode; ignored unless overridden.
    ///
    /// @param data at least one byte, borrowed for the time of this call
    /// @return how many of them were taken: all, unless [#lineMode()] was called; then the rest is
    ///   read as lines
    protected int rawReceived(Bytes data) {
        return data.size();
    }

    /// A line is longer than allowed; called as soon as that is certain. Closes the connection
    /// unless overridden; if it stays open, the rest of the line is skipped.
    protected void lineLengthExceeded() {
        transport().loseConnection();
    }

    /// Sends `line` and its end.
    ///
    /// @return as [dev.torsion.reactor.Transport#write]
    /// @throws IllegalArgumentException if an end is inside the line: the peer would take it for
    ///   two
    protected final boolean sendLine(Bytes line) {
        if (endIn(line, 0, 0) >= 0 || runsIntoItsEnd(line)) {
            throw new IllegalArgumentException("the end of a line (" + end + ") inside a line");
        }
        transport().write(line);
        return transport().write(sentEnd);
    }

    /// What follows the line in hand, or the one that has begun to arrive, goes to [#rawReceived].
    ///
    /// **Thread:** loop only, as [#lineMode()]; before there is a connection, the one that makes
    /// this.
    protected final void rawMode() {
        requireLoop("LineProtocol.rawMode");
        raw = true;
    }

    /// What follows is lines again.
    protected final void lineMode() {
        requireLoop("LineProtocol.lineMode");
        raw = false;
    }

    @Override
    protected int unfinishedBytes() {
        return unfinished.size();
    }

    @Override
    protected final int consume(Bytes chunk, int from) {
        if (raw && unfinished.size() == 0) {
            return from + takeRaw(chunk.slice(from, chunk.size()));
        }
        int kept = unfinished.size();
        int last = endIn(chunk, from, kept);
        if (last < 0) {
            keep(chunk, from);
            return chunk.size();
        }
        boolean whole = !end.lastSuffices() || endsWith(mark.length, last, chunk, from, kept);
        finish(chunk, from, last + 1, whole ? mark.length : 1);
        return last + 1;
    }

    private int takeRaw(Bytes data) {
        int taken = rawReceived(data);
        if (taken < 0 || taken > data.size() || (raw && taken < data.size())) {
            throw new IllegalStateException(
                    "rawReceived took " + taken + " of " + data.size() + " bytes");
        }
        return taken;
    }

    /// Index of the last byte of the first line end at or after `from`, or -1.
    private int endIn(Bytes chunk, int from, int kept) {
        byte lastOfMark = mark[mark.length - 1];
        int found = chunk.indexOf(lastOfMark, from);
        while (found >= 0
                && !end.lastSuffices()
                && !endsWith(mark.length, found, chunk, from, kept)) {
            found = chunk.indexOf(lastOfMark, found + 1);
        }
        return found;
    }

    /// Whether the first `count` bytes of the mark are the last of the line up to `last`.
    ///
    /// @param kept how many bytes of the line there are before `from`
    private boolean endsWith(int count, int last, Bytes chunk, int from, int kept) {
        if (count > kept + last + 1 - from) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            int index = last - i;
            byte there = index >= from ? chunk.at(index) : unfinished.at(kept + index - from);
            if (there != mark[count - 1 - i]) {
                return false;
            }
        }
        return true;
    }

    /// Whether the end begins in `line` already, as after `a|` the end `||` does.
    private boolean runsIntoItsEnd(Bytes line) {
        for (int shared = 1; shared < mark.length; shared++) {
            int before = mark.length - shared;
            if (Arrays.equals(mark, 0, shared, mark, before, mark.length)
                    && endsWith(before, line.size() - 1, line, 0, 0)) {
                return true;
            }
        }
        return false;
    }

    /// How many of the last bytes may be the beginning of an end.
    private int begunEnd(Bytes chunk, int from) {
        int count = mark.length - 1;
        while (count > 0 && !endsWith(count, chunk.size() - 1, chunk, from, unfinished.size())) {
            count--;
        }
        return count;
    }

    /// There is no end in sight.
    private void keep(Bytes chunk, int from) {
        int size = chunk.size();
        if (!skipping && unfinished.size() + size - from - begunEnd(chunk, from) > maxLength) {
            skipping = true;
            lineLengthExceeded();
        }
        if (skipping) {
            // The last bytes may be part of the end; one at least shows that a line has begun.
            int last = Math.max(1, mark.length - 1);
            int ofChunk = Math.min(last, size - from);
            unfinished.keepLast(Math.min(last - ofChunk, unfinished.size()));
            unfinished.append(chunk, size - ofChunk, size);
        } else {
            unfinished.append(chunk, from, size);
        }
    }

    /// The line ends before `to`, its end included.
    private void finish(Bytes chunk, int from, int to, int endLength) {
        int length = unfinished.size() + to - from - endLength;
        if (skipping) {
            skipping = false;
            unfinished.clear();
        } else if (length > maxLength) {
            unfinished.clear();
            lineLengthExceeded();
        } else if (unfinished.size() == 0) {
            lineReceived(chunk.slice(from, from + length));
        } else {
            unfinished.append(chunk, from, to);
            lineReceived(unfinished.take().slice(0, length));
        }
    }
}
