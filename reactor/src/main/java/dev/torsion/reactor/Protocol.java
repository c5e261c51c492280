package dev.torsion.reactor;

/// What happens on one connection, told to you: `connectionMade`, then `dataReceived` any number of
/// times, then `connectionLost` exactly once, and nothing after it.
///
/// Bytes come in by a call and go out by a call on the [Transport]; a protocol never waits and
/// never reads, so it can be tested with no socket, one byte at a time (see
/// [dev.torsion.reactor.testing.MemoryTransport]).
///
/// **Thread:** every method is called on the thread of the connection's reactor, never
/// concurrently, and must not block. **Exceptions:** one thrown from [#connectionMade],
/// [#dataReceived], [#writableAgain] or [#closeAsked] is logged and resets this connection alone,
/// with [CloseReason.Failed]; what was written and is not sent yet is dropped, as by
/// [Transport#abortConnection]. One thrown from [#connectionLost] is only logged.
public interface Protocol {

    /// The connection can be used. Called once, before anything else. If this throws, a connect
    /// fails with [ConnectFailedException.Kind#FAILED].
    default void connectionMade(Transport transport) {}

    /// Bytes arrived: at least one, in order, in pieces that mean nothing (one read of the socket,
    /// at most [Transport#LARGEST_READ]).
    ///
    /// @param data borrowed for the time of this call; see [Bytes]
    default void dataReceived(Bytes data) {}

    /// The transport's buffer was over its high mark and has drained below the low one: writing may
    /// go on.
    default void writableAgain() {}

    /// The reactor stops, and the connection is to end in order: a protocol with a goodbye says it,
    /// and closes when it is done. Unless overridden it closes at once. Who has not closed by the
    /// shutdown deadline is aborted. A [ListeningPort#drain] does not ask. A protocol that stands
    /// between a transport and another protocol passes this on.
    ///
    /// @param transport that of [#connectionMade]
    default void closeAsked(Transport transport) {
        transport.loseConnection();
    }

    /// The connection is gone. The peer's orderly end is the end of the connection too, unless the
    /// protocol is [HalfCloseable]. The last call this object gets.
    default void connectionLost(CloseReason reason) {}
}
