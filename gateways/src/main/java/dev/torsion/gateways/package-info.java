/// Doors for programs that are not Torsion nodes: each turns what a wire protocol says into events
/// and back.
///
/// Read first: [Gateway] (what a configuration opens on a port),
/// [dev.torsion.gateways.lines.LinesGateway] (the smallest one),
/// [dev.torsion.gateways.nats.NatsDoor] (the door for programs in any language).
///
/// **Threads.** A connection lives on one reactor: what it subscribes runs there too, so that its
/// protocol is never called concurrently.
@NullMarked
package dev.torsion.gateways;

import org.jspecify.annotations.NullMarked;
