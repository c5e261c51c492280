package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// Where a [Connection] comes from: the dial that makes it, or the port that has accepted it. Each
/// is told of what it has a use for.
sealed interface Origin permits Dial, Port {

    /// Who builds its protocol.
    ProtocolFactory factory();

    /// How the socket was set up, if it is of TCP.
    SocketOptions options();

    /// Where the UNIX socket is that listens; null if it is another.
    Address.@Nullable Unix place();

    /// Whether nobody waits for the connection any more.
    default boolean abandoned() {
        return false;
    }

    /// The connection was closed before its factory was asked: nobody waits for it any more, the
    /// reactor stops, or the socket was gone already.
    default void unused(DuplexChannel socket) {}

    /// The connection has the socket from now on, and ends it: the factory is asked next.
    default void used(DuplexChannel socket) {}

    /// The factory built no protocol, or threw `cause`.
    default void refused(@Nullable Throwable cause) {}

    /// The connection was made, and its protocol failed at once.
    default void failed(Throwable cause) {}

    /// The connection was made, and `protocol` has been told.
    ///
    /// @return false if nobody has it
    default boolean made(Protocol protocol) {
        return true;
    }

    /// The loop of `reactor`, which served the connection, has let its socket go.
    default void gone(NettyReactor reactor) {}
}
