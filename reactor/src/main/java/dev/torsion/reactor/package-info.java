/// The contract of an event loop: everything a network program needs and nothing about how it is
/// done.
///
/// Read first: [Reactor] (the loop), [Protocol] (what you write), [Transport] (what you write to).
/// Then what you need of the rest:
///
/// - Where connections come from and lead to: [Endpoint], [ClientEndpoint], [Address], [Connector],
///   and [ClientService], which keeps one connection.
/// - What takes time: [Deferred] (of several: [Deferred#all] and [Outcome]), [LoopingCall],
///   [InOrder], [AsyncSemaphore].
/// - Bytes: [Bytes], [BytesBuilder]; what strangers say, for a log: [PeerText].
/// - What starts and stops: [Service], [ServiceGroup], [Phase].
/// - Datagrams: [DatagramProtocol] and [DatagramTransport]. Programs: [Program], [ProcessProtocol]
///   and [ProcessTransport].
///
/// **For who implements a [Reactor]**, and for nobody else: [Phases], [LoopMeter], [DatagramMeter],
/// [ThreadWork], [SignalCalls], [RunningProgram], [ProcessLife]. For all rooms of this project:
/// [Thrown], [Delays].
///
/// **Threads.** One reactor is one thread. All code of one connection, and every timer, runs on the
/// thread of its reactor, never concurrently. Each public method here says whether it may be called
/// from elsewhere; those that may not fail loudly when they are, except those for who implements a
/// reactor, which trust it.
@NullMarked
package dev.torsion.reactor;

import org.jspecify.annotations.NullMarked;
