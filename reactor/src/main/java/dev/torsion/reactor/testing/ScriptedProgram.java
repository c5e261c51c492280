package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessLife.Output;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A program that is no program: a test says what it reads, writes and does, and
/// [ManualReactor#programs] when it is started.
///
/// ```java
/// final class Upper extends ScriptedProgram {
///     @Override
///     protected void inputReceived(Bytes data) {
///         writeOut(Bytes.utf8(data.utf8().toUpperCase(Locale.ROOT)));
///     }
///
///     @Override
///     protected void inputEnded() {
///         exit(0);
///     }
/// }
/// ```
///
/// It is called in turns of the reactor, each call in one of its own. One that throws crashes the
/// program, which is killed by signal 6 (ABRT) then; the exception is among the
/// [ManualReactor#failures()].
public abstract class ScriptedProgram {
    private @Nullable ScriptedRun run;

    void start(ScriptedRun newRun) {
        if (run != null) {
            throw new IllegalStateException(
                    "a scripted program runs once: make a new one for each start");
        }
        run = newRun;
    }

    private ScriptedRun run() {
        return Objects.requireNonNull(run, "the program was not started");
    }

    // ---- what happens to it ----

    /// It runs. Called once, before anything else.
    protected void started() {}

    /// Something was written to it, and it is reading.
    ///
    /// @param data borrowed for the time of this call, at most 64 KiB
    protected void inputReceived(Bytes data) {}

    /// Its standard input was closed, and it has read everything.
    protected void inputEnded() {}

    /// What it had written has been read.
    protected void outputTaken() {}

    /// It is sent a signal other than [Signal#KILL]. Unless it overrides this it is killed by it;
    /// [Signal#CONT] and [Signal#WINCH] do nothing.
    protected void signalled(Signal signal) {
        if (signal != Signal.CONT && signal != Signal.WINCH) {
            run().exit(new ProcessEnd.Killed(signal.number()), true);
        }
    }

    // ---- what it can do ----

    /// What was started.
    protected final Program program() {
        return run().program();
    }

    /// Time and chance for it.
    protected final Reactor reactor() {
        return run().reactor();
    }

    /// Writes to its standard output; ignored once it has closed that. If its parent has, it is
    /// killed, by signal 13 (PIPE).
    ///
    /// @return whether less than a pipe holds (64 KiB) waits to be read; a program that goes on
    ///   regardless is one that buffers
    protected final boolean writeOut(Bytes data) {
        return run().write(Output.OUT, data);
    }

    /// As [#writeOut], to its standard error.
    protected final boolean writeErr(Bytes data) {
        return run().write(Output.ERR, data);
    }

    /// Reads nothing until [#resumeInput()].
    protected final void pauseInput() {
        run().readInput(false);
    }

    protected final void resumeInput() {
        run().readInput(true);
    }

    /// Closes its standard input: what is written to it breaks.
    protected final void closeInput() {
        run().breakInput();
    }

    protected final void closeOut() {
        run().end(Output.OUT);
    }

    protected final void closeErr() {
        run().end(Output.ERR);
    }

    /// Exits, which closes its streams. What it wrote before is still read.
    ///
    /// @param code 0 to 255
    protected final void exit(int code) {
        run().exit(ProcessEnd.ofExitValue(code), true);
    }

    /// Exits as one that leaves its outputs to a program that it has started: they stay open, and
    /// this object goes on as that program, until it closes them.
    ///
    /// @param code 0 to 255
    protected final void exitLeavingOutputs(int code) {
        run().exit(ProcessEnd.ofExitValue(code), false);
    }
}
