package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.PeerCredentials;

/// What travels on a [Wire].
sealed interface Packet {
    /// How many bytes of data it carries.
    default int dataBytes() {
        return this instanceof Data data ? data.bytes.size() : 0;
    }

    /// A client asks for a connection.
    record Open() implements Packet {}

    /// The server agrees, which is `who`.
    record Accepted(PeerCredentials who) implements Packet {}

    /// Nothing listens there.
    record Refused() implements Packet {}

    record Data(Bytes bytes) implements Packet {}

    /// `count` bytes have been read, so there is room for as many more.
    record Read(int count) implements Packet {}

    record Finish() implements Packet {}

    record Reset() implements Packet {}
}
