package dev.torsion.reactor;

import dev.torsion.reactor.ProcessLife.Output;
import java.time.Duration;

/// A running program as the system has it: what [ProcessLife] asks of whoever implements a
/// [Reactor]. All of it is called on the loop, returns at once, and calls no [ProcessLife] method
/// from inside.
public interface RunningProgram {

    /// The number the system knows it by; -1 until it runs. Thread-safe.
    long pid();

    /// Takes `data`; [ProcessLife#sent] tells when the system has it. What it throws, as when there
    /// is no memory or no thread for that, is the end of the program.
    void send(Bytes data);

    /// Closes the input when what was sent before has been taken; [ProcessLife#inputEnded] tells.
    void closeInput();

    /// Closes the input as soon as that can be done, and forgets what was not taken.
    void dropInput();

    /// Delivers no output until [#resumeReading()].
    void pauseReading();

    void resumeReading();

    /// Closes one of the outputs now: nothing more of it is delivered.
    void closeOutput(Output output);

    void signal(Signal signal);

    /// Runs `action` in a coming turn.
    void soon(Runnable action);

    /// Runs `action` after `delay`, while the reactor stops too.
    void later(Duration delay, Runnable action);

    /// The program and all its streams have ended, and its protocol has been told.
    void ended(ProcessEnd end);
}
