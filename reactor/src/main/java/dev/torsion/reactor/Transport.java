package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/// One connection's way out, and its brakes.
///
/// **Thread:** loop only, all of it, except [#reactor()], [#peer()] and [#host()]: a call from
/// another thread throws [IllegalStateException]. Reach it from elsewhere through
/// [Reactor#callFromThread].
public interface Transport {
    /// The most bytes that one [Protocol#dataReceived] is given: 256 KiB.
    int LARGEST_READ = 256 << 10;

    /// The reactor this connection lives on, from its first byte to its last. Thread-safe.
    Reactor reactor();

    /// The other end. Thread-safe.
    Address peer();

    /// This end. Thread-safe.
    Address host();

    /// Hands bytes over to be sent in order; returns at once. What is written during one turn of
    /// the loop leaves together at its end. Ignored once the connection is closing or closed.
    ///
    /// The buffer has a high mark (64 KiB): above it this returns false, and
    /// [Protocol#writableAgain] follows when the buffer falls below the low mark (32 KiB). Writing
    /// on regardless is allowed up to the hard limit (64 MiB), at which the connection is reset,
    /// with [CloseReason.Failed] as the reason: a peer that does not read cannot fill the memory. A
    /// reactor may have other marks than these ([Reactor#writeMarks()]).
    ///
    /// @param data taken over at once: borrowed bytes may be passed on as they are
    /// @return whether the buffer is still below the high mark
    boolean write(Bytes data);

    /// Bytes written and not yet handed to the operating system.
    long pendingBytes();

    /// Sends what is buffered, then closes; nothing more is delivered to the protocol but
    /// `connectionLost`, with [CloseReason.Done]. If the peer does not take the rest within the
    /// close deadline (10 s) the connection is aborted. Idempotent.
    void loseConnection();

    /// Sends what is buffered, then ends this direction alone: the peer sees the end of its input
    /// and may go on sending, and this protocol goes on receiving. Further writes are ignored. When
    /// the peer has ended its direction too, the connection is over with [CloseReason.Done]. No
    /// deadline: the protocol watches [#pendingBytes()] if it must. Over TLS there is no half of a
    /// connection, and this is [#loseConnection()]. Idempotent.
    ///
    /// @throws UnsupportedOperationException if this transport has no such thing
    default void loseWriteConnection() {
        throw new UnsupportedOperationException(getClass().getName() + " has no half-close");
    }

    /// Drops what is buffered and resets the connection: `connectionLost` with
    /// [CloseReason.Aborted] comes in the next turn. A UNIX socket knows no reset: there the peer
    /// may see an end like any other. Idempotent.
    void abortConnection();

    /// Ends the connection as an exception thrown by its protocol does: it is logged, and the
    /// reason is [CloseReason.Failed]. For what goes wrong outside of the protocol's calls.
    /// Idempotent.
    void failConnection(Throwable cause);

    /// Stops reading: no [Protocol#dataReceived] after this returns until [#resumeReading()]. The
    /// peer is slowed down by its own full buffers. A lost connection may go unnoticed while
    /// paused. Idempotent.
    void pauseReading();

    /// Reads again. Idempotent.
    void resumeReading();

    /// How the TCP socket beneath is set up: as its port or its connect was told, or
    /// [#setSocketOptions] since. That is what was asked for; the machine may have rounded it.
    ///
    /// @return null where no TCP socket is beneath: over a UNIX socket, or the streams of a program
    default @Nullable SocketOptions socketOptions() {
        reactor().requireLoop("Transport.socketOptions");
        Transport beneath = beneath();
        return beneath == null ? null : beneath.socketOptions();
    }

    /// Sets up the TCP socket beneath anew, whatever layers are between, TLS too; at once, so that
    /// it holds for what was written in this turn. To change one option:
    ///
    /// ```java
    /// SocketOptions options = transport.socketOptions();
    /// if (options != null) {
    ///     transport.setSocketOptions(options.withNoDelay(false));
    /// }
    /// ```
    ///
    /// A buffer's size and the times of keep-alive that are left to the machine stay as they are,
    /// and `reuseAddress` means nothing any more. Ignored where no TCP socket is beneath, and once
    /// the connection is closed.
    ///
    /// @throws UnsupportedOperationException if its sockets have no such option, as with NIO
    ///   [SocketOptions#userTimeout()]; nothing is changed then
    /// @throws java.io.UncheckedIOException if the system refuses one, saying why; what differs of
    ///   the others may be changed or not
    default void setSocketOptions(SocketOptions options) {
        requireNonNull(options, "options");
        reactor().requireLoop("Transport.setSocketOptions");
        Transport beneath = beneath();
        if (beneath != null) {
            beneath.setSocketOptions(options);
        }
    }

    /// Who opened the other end of the UNIX socket beneath, whatever layers are between, TLS too;
    /// behind a PROXY, which speaks for others, the proxy. With NIO the machine's list of users is
    /// read for it: ask once, in [Protocol#connectionMade].
    ///
    /// @return null where no UNIX socket is beneath, where the system does not tell, and once the
    ///   connection is closed: so null is nobody to trust
    default @Nullable PeerCredentials peerCredentials() {
        reactor().requireLoop("Transport.peerCredentials");
        Transport beneath = beneath();
        return beneath == null ? null : beneath.peerCredentials();
    }

    /// The transport that this one is a view of or a layer on, for those who look for what a layer
    /// knows; null if this is the connection itself. Writing to it goes behind the back of every
    /// layer above it. Thread-safe.
    default @Nullable Transport beneath() {
        return null;
    }
}
