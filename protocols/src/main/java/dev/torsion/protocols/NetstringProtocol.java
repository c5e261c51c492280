package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import org.jspecify.annotations.Nullable;

/// Netstrings (<https://cr.yp.to/proto/netstrings.txt>): `5:hello,`.
///
/// Anything that is not one ends the connection: a length with a leading zero, a sign or a space,
/// one over the limit (refused by its digits, before the colon), a missing comma. What came before
/// has been handed out. A netstring that arrives in one piece is handed on without a copy, and
/// memory is taken for what has arrived, never for what is announced.
public abstract class NetstringProtocol extends FramingProtocol {
    /// The longest netstring unless another length is given: 99,999 bytes, as in Twisted.
    public static final int MAX_LENGTH = 99_999;

    private final int maxLength;
    private final ByteAccumulator unfinished = new ByteAccumulator();
    private int digits;
    private long length;
    private boolean inBody;

    /// Takes netstrings of at most [#MAX_LENGTH] bytes.
    protected NetstringProtocol() {
        this(MAX_LENGTH);
    }

    /// Takes netstrings of at most `maxLength` bytes; at least 1, less than [Integer#MAX_VALUE].
    protected NetstringProtocol(int maxLength) {
        if (maxLength < 1 || maxLength == Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a netstring has room for 1 byte or more, less than 2 GiB: " + maxLength);
        }
        this.maxLength = maxLength;
    }

    /// A netstring arrived.
    ///
    /// @param string what is between the colon and the comma, may be empty; borrowed for the time
    ///   of this call
    protected abstract void netstringReceived(Bytes string);

    /// What arrived is no netstring, or too long a one. The connection closes after this call;
    /// nothing more is handed out.
    ///
    /// @param why what was expected and what came
    protected void netstringRefused(String why) {}

    /// Sends `string` as a netstring, however long: how much the peer takes is its to say.
    ///
    /// @return as [dev.torsion.reactor.Transport#write]
    protected final boolean sendNetstring(Bytes string) {
        transport().write(Bytes.utf8(string.size() + ":"));
        transport().write(string);
        return transport().write(Bytes.utf8(","));
    }

    @Override
    protected int unfinishedBytes() {
        return digits + (inBody ? 1 : 0) + unfinished.size();
    }

    @Override
    protected final int consume(Bytes chunk, int from) {
        int at = from;
        while (!inBody) {
            if (at == chunk.size()) {
                return at;
            }
            String wrong = lengthByte(chunk.at(at++));
            if (wrong != null) {
                return refuse(wrong, chunk);
            }
        }
        int withComma = (int) length + 1;
        int to = unfinished.gatheredTo(withComma, chunk, at);
        Bytes body = unfinished.gather(withComma, chunk, at);
        if (body == null) {
            return to;
        }
        if (body.at(withComma - 1) != ',') {
            return refuse("no comma after " + length + " bytes", chunk);
        }
        inBody = false;
        digits = 0;
        length = 0;
        netstringReceived(body.slice(0, withComma - 1));
        return to;
    }

    /// Takes one byte of the length or its colon; says what is wrong with it.
    private @Nullable String lengthByte(byte next) {
        if (next == ':' && digits > 0) {
            inBody = true;
            return null;
        }
        if (next < '0' || next > '9') {
            return "expected a length in digits and a colon, not the byte " + (next & 0xff);
        }
        if (digits == 1 && length == 0) {
            return "a length with a leading zero";
        }
        digits++;
        length = length * 10 + next - '0';
        return length > maxLength
                ? "a length of " + length + " or more; at most " + maxLength + " is allowed"
                : null;
    }

    private int refuse(String why, Bytes chunk) {
        netstringRefused(why);
        transport().loseConnection();
        return chunk.size();
    }
}
