package dev.torsion.reactor;

/// A protocol that may go on writing when the peer has ended its direction. (Any other protocol's
/// connection is over then.)
///
/// The connection lasts until this side ends too, by [Transport#loseWriteConnection()] or
/// [Transport#loseConnection()]; `connectionLost` follows as ever. There is no deadline for that
/// but the protocol's own.
///
/// If the peer resets the connection meanwhile, or the system gives it up, that is told at once, as
/// ever; but a reactor that nobody tells of late errors, as one on the JDK's selector, learns it
/// when something is written. A peer that is merely gone, without a reset, has told all it will
/// with its end, and is missed when something is written. So who answers late watches the time.
public interface HalfCloseable extends Protocol {

    /// The peer ended its direction, and everything it sent has been delivered: no [#dataReceived]
    /// follows. Called once, on the loop, unless the connection ended as a whole before; while
    /// reading is paused it waits. An exception closes the connection, as in the other calls.
    void readConnectionLost();
}
