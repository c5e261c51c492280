package dev.torsion.protocols.blocking;

import dev.torsion.reactor.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/// Reads as much as is wanted from a connection that gives bytes as they come ([Framing#bytes()]):
/// lines and counts in turn, as in HTTP.
///
/// ```java
/// Conversation.over(Framing.bytes(), peer -> {
///     var in = new ByteReader(peer);
///     Bytes header = in.readLine(100);
///     Bytes body = in.read(Integer.parseInt(header.utf8()));
///     …
/// });
/// ```
///
/// It has what it was given and did not hand out: one reader for each connection. It throws what
/// [BlockingConnection#receive] throws, on the same thread; after a [CloseAskedException] the same
/// call can be made again.
public final class ByteReader {
    private final BlockingConnection<Bytes> connection;
    private Bytes rest = Bytes.empty();

    /// @throws IllegalStateException if another reader holds bytes of this connection
    public ByteReader(BlockingConnection<Bytes> connection) {
        this.connection = connection;
        connection.readBy(this);
    }

    /// Whether it has handed out all that it was given.
    boolean isEmpty() {
        return rest.isEmpty();
    }

    /// Some bytes, at least one: what is there, or comes next.
    ///
    /// @return null at the end of the input
    public @Nullable Bytes read() throws IOException, InterruptedException {
        Bytes some = rest;
        rest = Bytes.empty();
        return some.isEmpty() ? connection.receive() : some;
    }

    /// Exactly `count` bytes; memory is taken for what has arrived.
    ///
    /// @throws EOFException if the input ends before
    public Bytes read(int count) throws IOException, InterruptedException {
        if (count < 0) {
            throw new IllegalArgumentException("a count is 0 or more, not " + count);
        }
        ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        while (gathered.size() < count) {
            take(gathered, more(gathered), count - gathered.size());
        }
        return Bytes.wrap(gathered.toByteArray());
    }

    /// A line, which LF or CR LF ends; without its end.
    ///
    /// @param maxLength in bytes, its end not counted
    /// @return null at the end of the input
    /// @throws EOFException if the input ends within a line
    /// @throws ProtocolException if the line is longer
    public @Nullable Bytes readLine(int maxLength) throws IOException, InterruptedException {
        ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        int end = -1;
        while (end < 0) {
            Bytes some = gathered.size() == 0 ? read() : more(gathered);
            if (some == null) {
                return null;
            }
            end = some.indexOf((byte) '\n', 0);
            take(gathered, some, end < 0 ? some.size() : end + 1);
            if (gathered.size() > maxLength + 2L) {
                break;
            }
        }
        byte[] bytes = gathered.toByteArray();
        int length = end < 0 ? bytes.length : bytes.length - 1;
        if (end >= 0 && length > 0 && bytes[length - 1] == '\r') {
            length--;
        }
        if (length > maxLength) {
            throw connection.blame(
                    new ProtocolException(
                            "a line of more than "
                                    + maxLength
                                    + " bytes, from "
                                    + connection.peer()));
        }
        return Bytes.wrap(bytes, 0, length);
    }

    /// @param gathered what has come of the same; it is read again if the reactor stops meanwhile
    private Bytes more(ByteArrayOutputStream gathered) throws IOException, InterruptedException {
        Bytes some;
        try {
            some = read();
        } catch (CloseAskedException asked) {
            rest = Bytes.wrap(gathered.toByteArray());
            throw asked;
        }
        if (some == null) {
            throw connection.blame(
                    new EOFException(connection.peer() + " ended in the middle of what it sent"));
        }
        return some;
    }

    private void take(ByteArrayOutputStream gathered, Bytes some, int wanted) {
        int taken = Math.min(wanted, some.size());
        gathered.writeBytes(some.slice(0, taken).toArray());
        rest = some.slice(taken, some.size());
    }
}
