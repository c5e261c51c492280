package dev.torsion.protocols.blocking;

import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;

/// How a stream becomes the messages of a [Conversation]: any protocol that is given messages, with
/// a way to send one.
///
/// ```java
/// final class Lines extends LineProtocol implements Framing.Framed<Bytes> {
///     private final Framing.Inbox<Bytes> inbox;
///     …
///     @Override
///     protected void lineReceived(Bytes line) {
///         inbox.received(line.owned(), transport());
///     }
///
///     @Override
///     public boolean send(Bytes line) {
///         return sendLine(line);
///     }
/// }
///
/// Framing<Bytes> lines = Lines::new;
/// ```
///
/// @param <M> a message; it goes from the loop to a thread and back, so it must not change
@FunctionalInterface
public interface Framing<M> {

    /// The protocol of one connection; of one that goes on over TLS two, one after the other, of
    /// which the first is told that its connection is lost when TLS starts.
    Framed<M> protocol(Inbox<M> inbox);

    /// A protocol that hands what it receives to an [Inbox]. All of it is called on the loop. The
    /// peer's end is no end of the connection here; one that is [dev.torsion.reactor.HalfCloseable]
    /// is told of it. That the reactor stops is told to the conversation alone, not by
    /// [#closeAsked].
    interface Framed<M> extends Protocol {

        /// Sends a message.
        ///
        /// @return as [Transport#write]
        /// @throws RuntimeException if it cannot be sent; the conversation gets it
        boolean send(M message);

        /// Whether nothing is kept of a message that has begun to arrive. (What a
        /// [dev.torsion.protocols.FramingProtocol] keeps while its reading is paused is looked at
        /// besides.) Where this is not overridden there is no [BlockingConnection#startTls], and,
        /// unless it is a [dev.torsion.protocols.FramingProtocol] or calls [Inbox#cutOff], nobody
        /// hears of a message that the peer's end cuts off.
        default boolean isBetweenMessages() {
            return false;
        }
    }

    /// Where a conversation's messages wait for it. Loop only.
    interface Inbox<M> {

        /// A message arrived.
        ///
        /// @param message owned
        /// @param transport what the protocol was given: its reading is paused when 16 messages
        ///   wait, or 64 KiB of them
        void received(M message, Transport transport);

        /// What arrived is no message, and nothing more will be received: who waits gets a
        /// [java.net.ProtocolException] that says why, after the messages before.
        void refused(String why);

        /// The input ends within a message, of which `bytes` had arrived: if the connection is not
        /// lost besides, who waits gets a [java.io.EOFException] that says so, after the messages
        /// before. To be called before that end is told, as
        /// [dev.torsion.protocols.FramingProtocol#cutOff] is.
        void cutOff(int bytes);
    }

    /// Bytes as they come, in pieces that mean nothing; see [ByteReader].
    static Framing<Bytes> bytes() {
        return Framings.Raw::new;
    }

    /// Lines that end with CR LF, of at most [LineProtocol#MAX_LENGTH] bytes.
    static Framing<Bytes> lines() {
        return lines(LineEnd.CR_LF, LineProtocol.MAX_LENGTH);
    }

    /// Lines of another kind, as [LineProtocol] has them.
    static Framing<Bytes> lines(LineEnd end, int maxLength) {
        return inbox -> new Framings.Lines(end, maxLength, inbox);
    }

    /// Netstrings, as [dev.torsion.protocols.NetstringProtocol] has them.
    static Framing<Bytes> netstrings(int maxLength) {
        return inbox -> new Framings.Netstrings(maxLength, inbox);
    }

    /// Frames, as [dev.torsion.protocols.FrameProtocol] has them.
    static Framing<Bytes> frames(LengthPrefix prefix, int maxLength) {
        return inbox -> new Framings.Frames(prefix, maxLength, inbox);
    }
}
