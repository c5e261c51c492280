/// The NATS door: programs that speak the NATS client protocol publish and subscribe events here,
/// with the public NATS clients unchanged.
///
/// Read first: [NatsDoor] (what a node opens), [ClientConnection] (what one client may do),
/// [CloudEventHeaders] (how a message becomes an event, and back).
///
/// Source: the NATS client protocol (docs.nats.io, *Reference / NATS Protocols*); CloudEvents 1.0,
/// *NATS Protocol Binding*, binary content mode.
///
/// **Threads.** A client and all it subscribes live on the reactor of its connection.
@NullMarked
package dev.torsion.gateways.nats;

import org.jspecify.annotations.NullMarked;
