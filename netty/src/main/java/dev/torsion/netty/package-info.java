/// The reactor on Netty: real sockets, real time.
///
/// Read first: [NettyReactor] (one loop), [NettyReactorGroup] (several), [ReactorOptions] (their
/// bounds), [Resolver] (names), [ShutdownHook] (signals). Everything else is private to the
/// package; the way of a byte is `Listener` or `Dial` (a socket comes to be), `ReadBuffers` (what
/// it is read into), `Incoming` (what waits while reading is paused), `Connection` (what happens on
/// it), `Outgoing` (what is still to be sent). What Netty itself gets wrong is mended by
/// `StayingRegistration` and `HalfClosedSocket` (epoll), `AcceptingSocket` and `HungUpSocket`
/// (io_uring) and `SeenEnd` (UNIX sockets, and the peer's end with io_uring).
///
/// **Threads.** A reactor is one thread, and all state here belongs to it. What may be called from
/// elsewhere says so; the rest fails loudly.
@NullMarked
package dev.torsion.netty;

import org.jspecify.annotations.NullMarked;
