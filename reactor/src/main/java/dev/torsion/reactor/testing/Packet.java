package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;

/// What travels on a [Wire].
sealed interface Packet {
    /// A client asks for a connection.
    record Open() implements Packet {}

    /// The server agrees.
    record Accepted() implements Packet {}

    /// Nothing listens there.
    record Refused() implements Packet {}

    record Data(Bytes bytes) implements Packet {}

    /// `count` bytes have been read, so there is room for as many more.
    record Read(int count) implements Packet {}

    record Finish() implements Packet {}

    record Reset() implements Packet {}
}
