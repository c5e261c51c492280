package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;

/// Frames: four bytes of length, unsigned, big-endian, not counting themselves, then as many bytes.
/// (Twisted's `Int32StringReceiver` speaks the same.)
///
/// A frame that arrives in one piece is handed on without a copy. A length over the limit ends the
/// connection as soon as it is read, and memory is taken for what has arrived, never for what is
/// announced.
public abstract class FrameProtocol extends FramingProtocol {
    private static final int PREFIX = 4;

    private int maxLength;
    private final ByteAccumulator unfinished = new ByteAccumulator();
    private int prefixBytes;
    private int length;

    /// Frames of at most `maxLength` bytes, both ways; at least 1.
    protected FrameProtocol(int maxLength) {
        this.maxLength = checked(maxLength);
    }

    /// From the next frame on, at most `newMaxLength` bytes: a peer that has shown who it is may be
    /// allowed more than a stranger.
    protected final void limitFrames(int newMaxLength) {
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

    /// Sends a frame made of `parts`, one after the other.
    ///
    /// @return as [dev.torsion.reactor.Transport#write]
    /// @throws IllegalArgumentException if it is longer than allowed; nothing is sent
    protected final boolean sendFrame(Bytes... parts) {
        long size = 0;
        for (Bytes part : parts) {
            size += part.size();
        }
        if (size > maxLength) {
            throw new IllegalArgumentException(
                    "a frame of " + size + " bytes; at most " + maxLength + " are allowed");
        }
        boolean writable = transport().write(prefix((int) size));
        for (Bytes part : parts) {
            writable = transport().write(part);
        }
        return writable;
    }

    @Override
    protected final int consume(Bytes chunk, int from) {
        int at = from;
        while (prefixBytes < PREFIX) {
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
        return takeBody(chunk, at);
    }

    private int takeBody(Bytes chunk, int from) {
        int missing = length - unfinished.size();
        int to = from + Math.min(missing, chunk.size() - from);
        if (to - from < missing) {
            unfinished.append(chunk, from, to);
        } else if (unfinished.size() == 0) {
            startOver();
            frameReceived(chunk.slice(from, to));
        } else {
            unfinished.append(chunk, from, to);
            startOver();
            frameReceived(unfinished.take());
        }
        return to;
    }

    private void startOver() {
        prefixBytes = 0;
        length = 0;
    }

    private static Bytes prefix(int size) {
        return Bytes.wrap(
                new byte[] {
                    (byte) (size >>> 24), (byte) (size >>> 16), (byte) (size >>> 8), (byte) size
                });
    }
}
