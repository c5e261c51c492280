/// Connections in blocking style: code that reads and writes as if it waited, on a virtual thread
/// beside the loop, one for each connection.
///
/// Read first: [Conversation] (what you write), [BlockingConnection] (what it talks to), [Framing]
/// (how bytes become messages).
///
/// **Threads.** A conversation and its connection belong to its thread; the protocol below stays on
/// its loop. It costs a hop between the two for each wait, so what serves many messages a second
/// without waiting for anything else is better written as a protocol.
@NullMarked
package dev.torsion.protocols.blocking;

import org.jspecify.annotations.NullMarked;
