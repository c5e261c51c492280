package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;

/// Frames: a [LengthPrefix], then as many bytes.
///
/// A frame that arrives in one piece is handed on without a copy. A length over the limit ends the
/// connection as soon as it is read, and memory is taken for what has arrived, never for what is
/// announced.
public abstract class FrameProtocol extends FramingProtocol {
    /// The longest frame that Twisted's string receivers take unless told otherwise: 99,999 bytes.
    public static final int MAX_LENGTH = 99_999;

    private final LengthPrefix prefix;
    private final boolean sendsWhatItTakes;
    private final ByteAccumulator unfinished = new ByteAccumulator();
    private int maxLength;
    private int prefixBytes;
    private int length;

    /// Frames with four bytes of length, of at most `maxLength` bytes, both ways; at least 1.
    protected FrameProtocol(int maxLength) {
        this(LengthPrefix.INT32, maxLength, true);
    }

    /// Takes frames of at most `maxLength` bytes (at least 1); what is sent is limited by the
    /// prefix alone, as in Twisted.
    protected FrameProtocol(LengthPrefix prefix, int maxLength) {
        this(prefix, maxLength, false);
    }

    private FrameProtocol(LengthPrefix prefix, int maxLength, boolean sendsWhatItTakes) {
        this.prefix = prefix;
        this.maxLength = checked(maxLength);
        this.sendsWhatItTakes = sendsWhatItTakes;
    }

    /// From the next frame on, at most `newMaxLength` bytes: a peer that has shown who it is may be
    /// allowed more than a stranger.
    ///
    /// **Thread:** loop only; before there is a connection, the one that makes this.
    protected final void limitFrames(int newMaxLength) {
        requireLoop("FrameProtocol.limitFrames");
        maxLength = checked(newMaxLength);
    }

    private static int checked(int maxLength) {
        if (maxLength < 1) {
            throw new IllegalArgumentException("a frame has room for 1 byte or more: " + maxLength);
        }
        return maxLength;
    }

    /// A frame arrived.
    ///
    /// @param frame may be empty; borrowed for the time of this call
    protected abstract void frameReceived(Bytes frame);

    /// A frame was announced that is longer than allowed. The connection closes after this call;
    /// nothing more is handed out.
    ///
    /// @param announced its length in bytes
    protected void frameLengthExceeded(long announced) {}

    @Override
    protected int unfinishedBytes() {
        return prefixBytes + unfinished.size();
    }

    /// Sends a frame made of `parts`, one after the other.
    ///
    /// @return as [dev.torsion.reactor.Transport#write]
    /// @throws IllegalArgumentException if it is longer than allowed; nothing is sent
    protected final boolean sendFrame(Bytes... parts) {
        long size = 0;
        for (Bytes part : parts) {
            size += part.size();
        }
        int maxSent = sendsWhatItTakes ? maxLength : prefix.maxLength();
        if (size > maxSent) {
            throw new IllegalArgumentException(
                    "a frame of " + size + " bytes; at most " + maxSent + " are allowed");
        }
        boolean writable = transport().write(prefix.encode((int) size));
        for (Bytes part : parts) {
            writable = transport().write(part);
        }
        return writable;
    }

    @Override
    protected final int consume(Bytes chunk, int from) {
        int at = from;
        if (prefixBytes < prefix.width()) {
            while (prefixBytes < prefix.width()) {
                if (at == chunk.size()) {
                    return at;
                }
                length = (length << 8) | (chunk.at(at++) & 0xff);
                prefixBytes++;
            }
            if (length < 0 || length > maxLength) {
                frameLengthExceeded(Integer.toUnsignedLong(length));
                transport().loseConnection();
                return chunk.size();
            }
        }
        int to = unfinished.gatheredTo(length, chunk, at);
        Bytes frame = unfinished.gather(length, chunk, at);
        if (frame != null) {
            prefixBytes = 0;
            length = 0;
            frameReceived(frame);
        }
        return to;
    }
}
