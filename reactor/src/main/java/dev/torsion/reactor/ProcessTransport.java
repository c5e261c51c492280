package dev.torsion.reactor;

import java.time.Duration;

/// The way into a running program, its brakes, and its end.
///
/// **Thread:** loop only, all of it, except [#reactor()], [#program()] and [#pid()]: a call from
/// another thread throws [IllegalStateException].
public interface ProcessTransport {

    /// The reactor that started it, on which its protocol is called. Thread-safe.
    Reactor reactor();

    /// What was started. Thread-safe.
    Program program();

    /// The number the system knows it by; it may be another program's once this one has ended.
    /// Thread-safe.
    long pid();

    /// Hands bytes over to the program's standard input, in order; returns at once. Ignored once
    /// that is closed or being closed.
    ///
    /// The buffer has the marks of a [Transport]'s: above the high one this returns false, and
    /// [ProcessProtocol#writableAgain] follows below the low one; at the hard limit the program,
    /// which does not read, is killed.
    ///
    /// @param data taken over at once: borrowed bytes may be passed on as they are
    /// @return whether the buffer is still below the high mark
    boolean write(Bytes data);

    /// Bytes written and not yet handed to the operating system, which holds some 64 KiB more.
    long pendingBytes();

    /// Ends the program's standard input when what is buffered has been written;
    /// [ProcessProtocol#inConnectionLost] follows. Idempotent.
    void closeStdin();

    /// Stops reading what the program writes: no [ProcessProtocol#outReceived] and `errReceived`
    /// after this returns until [#resumeReading()]. The program is slowed down by its own full
    /// pipes. Its end is still told, but not the end of its output. Idempotent.
    void pauseReading();

    /// Reads again. Idempotent.
    void resumeReading();

    /// Sends the program a signal; ignored once it has exited. [Signal#TERM] and [Signal#KILL] are
    /// sent at once, others a moment later, in the order asked for, by the system's `kill`.
    void signal(Signal signal);

    /// Asks the program to end, and kills it if it has not after that long.
    ///
    /// @throws IllegalArgumentException if `killAfter` is negative
    void terminate(Duration killAfter);

    /// Closes the streams: the input when what is buffered has been written, the outputs at once;
    /// what the program still writes is lost. Each stream's end is told as ever. Most programs end
    /// then by themselves; one that has not within the close deadline (10 s) is terminated, and
    /// killed after as long again. If the program has exited already, and something it started
    /// holds its streams, this is the way out: `processEnded` follows. Idempotent.
    void loseConnection();

    /// Closes the streams at once, drops what is buffered, and kills the program. Idempotent.
    void abortConnection();
}
