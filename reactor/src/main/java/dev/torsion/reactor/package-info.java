/// The contract of an event loop: everything a network program needs and nothing about how it is
/// done.
///
/// Read first: [Reactor] (the loop), [Protocol] (what you write), [Transport] (what you write to).
///
/// **Threads.** One reactor is one thread. All code of one connection, and every timer, runs on the
/// thread of its reactor, never concurrently. Each public method here says whether it may be called
/// from elsewhere; those that may not fail loudly when they are.
@NullMarked
package dev.torsion.reactor;

import org.jspecify.annotations.NullMarked;
