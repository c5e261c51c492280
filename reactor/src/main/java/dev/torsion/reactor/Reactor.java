package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An event loop: one thread that waits for something to happen and calls whoever asked to be told.
///
/// It is also the only source of time, chance and threads for the code that runs on it, so that a
/// simulation can stand in its place. A process may have many; see [ReactorGroup] for one per core.
///
/// Methods say whether they are *thread-safe* or *loop only*. The latter throw
/// [IllegalStateException] off the thread. An argument that is null is refused at once, with a
/// [NullPointerException] that names it.
public interface Reactor {

    // ---- life ----

    /// Runs the loop: returns when it has been stopped and everything on it is closed, at once if
    /// that is so already.
    ///
    /// @throws IllegalStateException when it dies, or has died, with what it died of as its cause
    void run();

    /// Asks the loop to stop; returns at once. Idempotent. Thread-safe. In this order, and within
    /// the shutdown deadline (10 s unless configured) but for the moment that is told of below:
    ///
    /// 1. What was registered for [Phase#BEFORE_SHUTDOWN] is done, while everything still works.
    /// 2. Ports stop accepting, timers run no more, connections are asked to close
    ///    ([Protocol#closeAsked]) and flush what is buffered, and work in threads is waited for.
    ///    What has not ended at the deadline is aborted.
    /// 3. What was registered for [Phase#AFTER_SHUTDOWN] is done.
    ///
    /// What a phase waits for at the deadline is named in the log, abandoned, and cancelled as far
    /// as nobody else waits for it; the steps after it get a moment all the same.
    ///
    /// @return completes when the loop has ended; with what it died of, if it did not end in this
    ///   way; cancelling it ends the wait, not the stop
    CompletionStage<Void> stop();

    /// Has `action` done in a phase of this reactor's life, on the loop, after what was registered
    /// for that phase before. A phase is over when all its actions are. Thread-safe.
    ///
    /// @param what names it where the log tells that it failed or was not done in time
    /// @throws IllegalStateException if it comes too late: that phase of the shutdown has begun
    ///   already or, for [Phase#STARTUP], the shutdown has
    Registration at(Phase phase, String what, PhaseAction action);

    /// Has `action` called on the loop each time this process gets `signal`, as [Signal#HUP] to
    /// read its settings again. Signals that come before a call for one has begun are no further
    /// call. An exception it throws is logged, and the loop goes on. Thread-safe.
    ///
    /// What the process does at that signal otherwise (at `HUP` a JVM ends) it does not as long as
    /// any of its reactors is called for it.
    ///
    /// @return ends that: a call that has not begun is not made. So does the end of the reactor,
    ///   [Phase#AFTER_SHUTDOWN]
    /// @throws IllegalArgumentException if the signal cannot be had: `KILL` and `STOP` by nobody,
    ///   `QUIT` and `USR2` because the JVM has them, `INT` and `TERM` because they stop the
    ///   reactor, for which there is [#at]; others because of how this process was started or of
    ///   its system. It says which
    /// @throws IllegalStateException if the reactor has ended
    Registration onSignal(Signal signal, Runnable action);

    /// Whether the caller is on this loop's thread. Thread-safe.
    boolean inLoop();

    /// Refuses a caller that is not on this loop's thread: the first line of what is *loop only*.
    /// Thread-safe.
    ///
    /// @param what was called: `Transport.write`
    /// @throws IllegalStateException which says that, on which thread, whose loop it belongs to and
    ///   how to get there
    default void requireLoop(String what) {
        Loops.require(this, what);
    }

    // ---- calls ----

    /// Queues `action` for the loop: run in the order asked for, in a coming turn, never inside
    /// this call. An exception it throws is logged, and the loop goes on. After the loop has ended
    /// it is not taken, and the caller is told. Thread-safe.
    ///
    /// @return whether it was queued; false if the loop has ended
    boolean callFromThread(Runnable action);

    /// Runs `action` once after `delay`; equal deadlines run in the order they were asked for.
    /// `Duration.ZERO` means a coming turn. An exception it throws is logged, and the loop goes on.
    /// Loop only.
    ///
    /// Once ports and connections are asked to close (step 2 of [#stop]) it never runs, and one
    /// asked for then is taken and never runs either: no pace and no deadline holds any more but
    /// that of the shutdown. What is to end in order before that ends in [Phase#BEFORE_SHUTDOWN],
    /// or when its protocol is told by [Protocol#closeAsked].
    ///
    /// @throws IllegalArgumentException if `delay` is negative
    DelayedCall callLater(Duration delay, Runnable action);

    /// Runs `work`, which may block, on a virtual thread. Thread-safe.
    ///
    /// [#stop] waits for it, unless it was cancelled. What has not ended at the shutdown deadline
    /// is named in the log and interrupted, and its stage fails with [IllegalStateException]; so
    /// does what is asked for after the loop has ended, and never runs.
    ///
    /// @return completes, on this loop, with its result or its exception; cancelling it interrupts
    ///   the thread, or keeps the work from beginning, and what the work comes to then is logged if
    ///   it is a failure of another kind than an interruption, and else dropped
    <T> CompletionStage<T> callInThread(Callable<T> work);

    /// As [#callInThread], for the short steps of a layer or a policy, such as those of a TLS
    /// handshake: on one of a few platform threads, so that they wait for no work of the program's,
    /// which holds up what is on virtual threads when it computes on all processors. They wait for
    /// each other, so a step computes, and waits for nothing. Thread-safe.
    default <T> CompletionStage<T> callInLayerThread(Callable<T> step) {
        return callInThread(step);
    }

    /// Waits for `stage` in a thread beside the loop, in blocking style. Thread-safe.
    ///
    /// @return its result
    /// @throws InterruptedException if the thread is interrupted; the stage is cancelled then,
    ///   unless others wait for it
    /// @throws Exception what the stage failed with
    /// @throws IllegalStateException on this loop, which would wait for itself
    default <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
        return Loops.await(this, stage);
    }

    /// How this loop is doing. Thread-safe.
    LoopMetrics metrics();

    // ---- time and chance ----

    /// A clock that only goes forward; only differences mean something. Thread-safe.
    long nanoTime();

    /// The time of day. Thread-safe.
    Instant now();

    /// This loop's source of chance. Loop only (the generator itself is not thread-safe).
    RandomGenerator random();

    // ---- sockets ----

    /// How many bytes that were written may wait, on each of its connections. Thread-safe.
    ///
    /// @return [WriteMarks#DEFAULT] unless configured
    default WriteMarks writeMarks() {
        return WriteMarks.DEFAULT;
    }

    /// Listens, and serves what it accepts on this loop. The port is open when this returns; the
    /// caller waits for that, and for the look-up if the endpoint has a host's name. Thread-safe.
    ///
    /// @throws CannotListenException if the endpoint cannot be bound
    /// @throws IllegalStateException on the loop of another reactor, which must not wait for this
    ///   one
    ListeningPort listen(Endpoint endpoint, ProtocolFactory factory);

    /// Listens on TCP `port` of loopback; 0 takes any free one. Thread-safe.
    ///
    /// @throws CannotListenException if the port cannot be bound
    default ListeningPort listenTcp(int port, ProtocolFactory factory) {
        return listen(Endpoint.tcp(port), factory);
    }

    /// Connects. Thread-safe.
    ///
    /// If a host name has several addresses they are tried one after the other, IPv6 and IPv4 in
    /// turn: the next when the one before has failed, or has not answered for a quarter of a
    /// second, unless the reactor was told another time. The first connection that is made is the
    /// one, and ends the other attempts (RFC 8305).
    ///
    /// @return completes, on this loop, with the connection's protocol after its `connectionMade`,
    ///   even if that closed or aborted the connection again, as in Twisted; or with
    ///   [ConnectFailedException], also if `connectionMade` threw, or failed the connection
    ///   ([Transport#failConnection]), which is the cause then. Cancelling it gives the attempt up,
    ///   and aborts the connection if that is being made meanwhile
    /// @throws UnsupportedOperationException if this reactor has no such sockets, whatever the peer
    ///   does: the message says which it has not, and what to do
    CompletionStage<Protocol> connect(ClientEndpoint endpoint, ProtocolFactory factory);

    /// Connects with the socket as it is by default. Thread-safe.
    ///
    /// @param timeout how long it may take; more than zero
    default CompletionStage<Protocol> connect(
            Address address, ProtocolFactory factory, Duration timeout) {
        return connect(ClientEndpoint.to(address).withTimeout(timeout), factory);
    }

    /// Connects a protocol that is there already, for this one connection. Thread-safe.
    ///
    /// @return as of [#connect(ClientEndpoint, ProtocolFactory)], and completes with `protocol`
    default <P extends Protocol> CompletionStage<P> connectProtocol(
            ClientEndpoint endpoint, P protocol) {
        requireNonNull(protocol, "protocol");
        return connect(endpoint, _ -> protocol).thenApply(_ -> protocol);
    }

    // ---- programs ----

    /// Starts a program, whose standard streams are a connection to it. Its start never holds the
    /// loop. Thread-safe.
    ///
    /// When the reactor is stopped, programs it started are asked to end
    /// ([ProcessProtocol#closeAsked]), and at the shutdown deadline named in the log and killed,
    /// also if the loop hangs.
    ///
    /// @return completes, on this loop, when the protocol's `processEnded` has been called, with
    ///   what it was told; never with an exception. Cancelling it aborts the program, see
    ///   [ProcessTransport#abortConnection()]; before its start, in the turn that asked for it, it
    ///   is not started, and the protocol is not called. If the loop has ended already it completes
    ///   at once, with [ProcessEnd.NotStarted], and the protocol is not called. If the loop dies,
    ///   the program is killed, and this completes when it has ended, though the protocol cannot be
    ///   told any more
    CompletionStage<ProcessEnd> spawn(Program program, ProcessProtocol protocol);

    /// Runs a program to its end, and keeps what it writes. Thread-safe.
    ///
    /// @param input is written to its standard input, which is closed then. One that reads less is
    ///   no failure
    /// @param mostBytes how much of its standard output and standard error together may be kept;
    ///   one that writes more is killed
    /// @return completes, on this loop, when the program and its streams have ended, however that
    ///   was, also if it could not be started: see [ProgramResult#orThrow]. With
    ///   [ProgramFailedException] if it wrote more than may be kept, or if what it was given or
    ///   wrote is not whole: most likely for want of memory, or because the reactor stopped, or its
    ///   loop ended, before the outputs had ended, which another program may hold when this one has
    ///   exited. Cancelling it, or [Deferred#orTimeout], kills the program
    /// @throws IllegalArgumentException if `mostBytes` is negative
    default CompletionStage<ProgramResult> runProgram(Program program, Bytes input, int mostBytes) {
        return ProgramRun.start(this, program, input, mostBytes);
    }

    /// Runs a program to its end, without any input, and keeps what it writes: at most 1 MiB.
    /// Thread-safe.
    ///
    /// @return as of [#runProgram(Program, Bytes, int)]
    default CompletionStage<ProgramResult> runProgram(Program program) {
        return runProgram(program, Bytes.empty(), ProgramRun.DEFAULT_MOST_BYTES);
    }

    // ---- datagrams ----

    /// Opens a UDP port on this loop. It is open, and `protocol` has been told that it started,
    /// when this returns. Thread-safe.
    ///
    /// @param address where to bind, in its textual form; port 0 takes any free one. Only what is
    ///   sent to this very address arrives, unless it is that of all addresses (`0.0.0.0`, `::`)
    /// @throws CannotListenException if the port cannot be opened, or the protocol's `started`
    ///   throws
    /// @throws IllegalStateException on the loop of another reactor, which must not wait for this
    ///   one
    DatagramTransport listenUdp(
            Address.Inet address, DatagramProtocol protocol, DatagramOptions options);

    /// Opens UDP `port` of loopback; 0 takes any free one. Thread-safe.
    ///
    /// @throws CannotListenException if the port cannot be opened
    default DatagramTransport listenUdp(int port, DatagramProtocol protocol) {
        return listenUdp(Endpoint.tcp(port).address(), protocol, DatagramOptions.DEFAULT);
    }

    /// Opens any free UDP port on this loop and connects it: it sends to `peer` and hears from
    /// nobody else, and is told when nothing listens there. Nothing is sent for that, and nobody
    /// needs to be there. Thread-safe.
    ///
    /// @param peer a host name means the first of its addresses
    /// @param timeout how long finding that may take
    /// @return completes, on this loop, with the port after its protocol's `started`, or with
    ///   [ConnectFailedException]. Cancelling it gives that up, and stops the port if that is being
    ///   started meanwhile
    CompletionStage<DatagramTransport> connectUdp(
            Address.Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options,
            Duration timeout);
}
