package dev.torsion.netty;

import io.netty.channel.IoHandle;

/// Stands between a socket of Netty's and the handler that watches it: passes every call on, but
/// those that it mends.
@SuppressWarnings("try") // of close(), which throws what its interface says
interface MendedSocket extends IoHandle {
    IoHandle socket();

    @Override
    default void registered() {
        socket().registered();
    }

    @Override
    default void unregistered() {
        socket().unregistered();
    }

    @Override
    default void close() throws Exception {
        socket().close();
    }
}
