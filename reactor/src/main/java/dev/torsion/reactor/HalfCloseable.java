package dev.torsion.reactor;

/// A protocol that may go on writing when the peer has ended its direction. (Any other protocol's
/// connection is over then.)
///
/// The connection lasts until this side ends too, by [Transport#loseWriteConnection()] or
/// [Transport#loseConnection()]; `connectionLost` follows as ever. There is no deadline for that
/// but the protocol's own, and a connection that is lost meanwhile may go unnoticed until something
/// is written: who answers late watches the time.
public interface HalfCloseable extends Protocol {

    /// The peer ended its direction, and everything it sent has been delivered: no [#dataReceived]
    /// follows. Called once, on the loop, unless the connection ended as a whole before; while
    /// reading is paused it waits. An exception closes the connection, as in the other calls.
    void readConnectionLost();
}
