package dev.torsion.reactor;

/// What happens to one program that was started, told to you.
///
/// ```
/// connectionMade
///     (outReceived | errReceived | writableAgain)*
///     inConnectionLost, outConnectionLost, errConnectionLost, each once
///     processExited
/// processEnded
/// ```
///
/// All that a stream brought is told before its end. Usually a program's end is also that of its
/// streams, and [#processExited] follows theirs. A program may close its streams and live on, and
/// it may leave them to a program that it started itself: then `processExited` comes first, and
/// [#processEnded] when the last stream has ended. It is the last call in any case, and the only
/// one if the program could not be started.
///
/// **Thread:** every method is called on the loop of the reactor, never concurrently, never inside
/// another, and must not block. **Exceptions:** one thrown from [#connectionMade], [#outReceived],
/// [#errReceived], [#writableAgain] or [#closeAsked] is logged and aborts this program alone, see
/// [ProcessTransport#abortConnection()]; one thrown from the others is only logged.
public interface ProcessProtocol {

    /// The program runs. Called once, before anything else.
    default void connectionMade(ProcessTransport transport) {}

    /// The program wrote to its standard output: at least one byte, at most 64 KiB, in pieces that
    /// mean nothing.
    ///
    /// @param data borrowed for the time of this call; see [Bytes]
    default void outReceived(Bytes data) {}

    /// The program wrote to its standard error, if that is [Program.StandardError#SEPARATE].
    ///
    /// @param data as in [#outReceived]
    default void errReceived(Bytes data) {}

    /// What waits to be written was over its high mark and is below the low one again.
    default void writableAgain() {}

    /// The reactor stops, and the program is to end: unless overridden, it is asked to by
    /// [Signal#TERM]. One that has not ended by the shutdown deadline is killed.
    ///
    /// @param transport that of [#connectionMade]
    default void closeAsked(ProcessTransport transport) {
        transport.signal(Signal.TERM);
    }

    /// Nothing can be written to the program any more: this side closed its standard input, or the
    /// program did, which shows when it is written to, or it ended.
    default void inConnectionLost() {}

    /// The program's standard output has ended.
    default void outConnectionLost() {}

    /// The program's standard error has ended, if it is [Program.StandardError#SEPARATE].
    default void errConnectionLost() {}

    /// The program has ended; some of its streams may not have. Never [ProcessEnd.NotStarted].
    default void processExited(ProcessEnd end) {}

    /// The program and all its streams have ended, or it could not be started. The last call this
    /// object gets.
    default void processEnded(ProcessEnd end) {}

    /// Lets `protocol` speak with a program over its standard input and output, as over any stream:
    /// what it writes goes in, what comes out is its `dataReceived`. What the program writes to its
    /// standard error, if that is separate, is logged: of each piece 4 KiB at most, in one line, as
    /// [PeerText] shows it. Both ends' addresses are that of a UNIX socket without a place.
    ///
    /// The end of the output is the end of the connection, unless the protocol is [HalfCloseable];
    /// `connectionLost` comes when the program and its streams have ended, with [CloseReason.Done]
    /// if it exited with code 0 or this side had closed the connection, and with
    /// [CloseReason.Lost], saying how the program ended, if not; of a program that was aborted it
    /// says why, as of any connection: [CloseReason.Failed] or [CloseReason.Aborted]. If it cannot
    /// be started that is the only call.
    static ProcessProtocol of(Protocol protocol) {
        return new StreamOfProcess(protocol);
    }
}
