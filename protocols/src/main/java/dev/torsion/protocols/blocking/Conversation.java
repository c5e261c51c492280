package dev.torsion.protocols.blocking;

import dev.torsion.reactor.ProtocolFactory;

/// What is done with one connection, from its first byte to its last, in blocking style.
///
/// ```java
/// reactor.listenTcp(8888, Conversation.over(Framing.lines(), peer -> {
///     peer.send(Bytes.utf8("who are you?"));
///     Bytes name = peer.receive();
///     if (name != null) {
///         peer.send(Bytes.utf8("hello " + name.utf8()));
///     }
/// }));
/// ```
///
/// @param <M> a message, as its [Framing] cuts them
@FunctionalInterface
public interface Conversation<M> {

    /// Called once, on a virtual thread of its own ([dev.torsion.reactor.Reactor#callInThread]),
    /// when the connection can be used. When it returns, the connection is closed in good order:
    /// what was sent arrives. If it throws, that is logged, and the connection ends with
    /// [dev.torsion.reactor.CloseReason.Failed]. What `peer` threw because of the other end (it was
    /// lost, late, or sent what is no message) may be thrown on: the connection is aborted, and the
    /// reason is in the log at debug level, since strangers must not be able to fill it.
    ///
    /// When the connection is lost, whatever of `peer` it waits for throws
    /// [ConnectionLostException]. Other code is left alone: it ends when it is done.
    ///
    /// When the reactor stops, or [dev.torsion.protocols.ConnectionGroup#closeAll] is called, what
    /// is under way goes on: to send, to compute, to wait for other things. Where the conversation
    /// waits for its peer next, or does so already, [BlockingConnection#receive] throws
    /// [CloseAskedException]: once, so that it may say goodbye, or first finish what it is about.
    /// If it throws that on, the connection is closed in good order, and nothing is logged. One
    /// that never receives looks at [BlockingConnection#isCloseAsked]. Who has not ended by the
    /// shutdown deadline is aborted.
    ///
    /// @param peer for this thread alone
    void talk(BlockingConnection<M> peer) throws Exception;

    /// Protocols that hold `conversation`, for `listen` and `connect` alike. There are as many
    /// threads as connections: [dev.torsion.protocols.ConnectionLimit] bounds both.
    static <M> ProtocolFactory over(Framing<M> framing, Conversation<M> conversation) {
        return _ -> new Talk<>(framing, conversation);
    }
}
