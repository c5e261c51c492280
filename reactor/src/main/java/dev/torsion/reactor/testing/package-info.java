/// Doubles to test network code with, no socket and no waiting: bytes are handed over by a call and
/// time is moved by hand.
///
/// Read first: [MemoryTransport] (one protocol, fed by the test), [ManualReactor] (a loop whose
/// clock the test moves), [MemoryNetwork] (several loops, connections between them, faults).
///
/// **Threads.** Everything here belongs to the thread that made it: the test drives, and what is
/// due runs inside the test's own calls. Between two turns the test counts as being on every loop;
/// during a turn only the loop whose turn it is counts, so that code which touches another
/// reactor's connections fails as it would in production. Another thread may call what
/// [dev.torsion.reactor.Reactor] and its ports say it may; it is done when the test moves time
/// next.
///
/// **Chance.** One seed drives everything: the same seed and the same calls give the same run.
@NullMarked
package dev.torsion.reactor.testing;

import org.jspecify.annotations.NullMarked;
