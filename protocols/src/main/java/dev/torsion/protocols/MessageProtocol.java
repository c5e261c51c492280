package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;

/// Messages of a format of one's own, if a message's beginning says how long it is.
///
/// ```java
/// /// A kind in two bytes, the body's length in four, the body.
/// final class Records extends MessageProtocol {
///     Records() {
///         super(6, 65_536);
///     }
///
///     @Override
///     protected long lengthOf(Bytes begun) {
///         return 6 + begun.uint32(2);
///     }
///
///     @Override
///     protected void messageReceived(Bytes message) {
///         int kind = message.uint16(0);
///         Bytes body = message.slice(6, message.size());
///         …
///     }
/// }
/// ```
///
/// A message that arrives in one piece is handed on without a copy. A length beyond the bounds ends
/// the connection as soon as it is known, and memory is taken for what has arrived, never for what
/// is announced. Where a message's end is a mark, there is [LineProtocol] with a [LineEnd] of one's
/// own; anything else extends [FramingProtocol].
public abstract class MessageProtocol extends FramingProtocol {
    private static final int UNKNOWN = -1;

    private final int minLength;
    private final int maxLength;
    private final ByteAccumulator unfinished = new ByteAccumulator();
    private int length = UNKNOWN;

    /// Messages of at least `minLength` bytes, 1 or more: as many as it takes, if always the same,
    /// to tell a message's length; and of at most `maxLength`, those included.
    protected MessageProtocol(int minLength, int maxLength) {
        if (minLength < 1 || minLength > maxLength) {
            throw new IllegalArgumentException(
                    "messages have 1 byte or more, not %d to %d".formatted(minLength, maxLength));
        }
        this.minLength = minLength;
        this.maxLength = maxLength;
    }

    /// How long the message is that begins so. Called as soon as its shortest length is there; if
    /// that was not enough, again when more has come. It looks, and does nothing else.
    ///
    /// @param begun the message from its first byte on, and maybe some of what follows it, on which
    ///   the answer must not depend: what is here, but no more than the longest length; borrowed
    ///   for the time of this call
    /// @return the length of the whole message in bytes, what tells it included; -1 if more must
    ///   come to know it; 0 if this is no message
    protected abstract long lengthOf(Bytes begun);

    /// A message arrived.
    ///
    /// @param message whole, its beginning included; borrowed for the time of this call
    protected abstract void messageReceived(Bytes message);

    /// What has begun is no message, or shorter or longer than allowed, or has no length although
    /// as many bytes are here as a message may have. The connection closes after this call; nothing
    /// more is handed out.
    ///
    /// @param why what is wrong with it
    protected void messageRefused(String why) {}

    @Override
    protected int unfinishedBytes() {
        return unfinished.size();
    }

    @Override
    protected final int consume(Bytes chunk, int from) {
        int kept = unfinished.size();
        if (length == UNKNOWN) {
            // What is kept is copied once more with what it needs: no more than that.
            int most = kept > 0 && kept < minLength ? minLength : maxLength;
            Bytes begun = unfinished.begun(most, chunk, from);
            long told = begun.size() < minLength ? UNKNOWN : lengthOf(begun);
            if (told == UNKNOWN && begun.size() < maxLength) {
                int to = from + begun.size() - kept;
                unfinished.append(chunk, from, to);
                return to;
            }
            if (told < minLength || told > maxLength) {
                messageRefused(wrong(told));
                transport().loseConnection();
                return chunk.size();
            }
            if (told <= kept) {
                throw new IllegalStateException(
                        "lengthOf said -1 of %d bytes, then %d".formatted(kept, told));
            }
            length = (int) told;
        }
        int to = unfinished.gatheredTo(length, chunk, from);
        Bytes message = unfinished.gather(length, chunk, from);
        if (message != null) {
            length = UNKNOWN;
            messageReceived(message);
        }
        return to;
    }

    private String wrong(long told) {
        if (told == 0) {
            return "not the beginning of a message";
        } else if (told == UNKNOWN) {
            return "no length in the first " + maxLength + " bytes";
        }
        return "a message of %d bytes; %d to %d are allowed".formatted(told, minLength, maxLength);
    }
}
