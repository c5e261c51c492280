package dev.torsion.reactor;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of one running program, for whoever implements a [Reactor]: it turns what the system
/// tells into the calls that a [ProcessProtocol] is promised, and what is asked of a
/// [ProcessTransport] into what a [RunningProgram] can do.
///
/// ```
/// input    OPEN ──closeStdin──▶ CLOSING ──▶ CLOSED
/// outputs  open ──▶ ended
/// program  running ──▶ exited, its outputs perhaps still to be read ──▶ exit told
/// ```
///
/// When all three are at their end, so is this.
///
/// **Thread:** loop only.
public final class ProcessLife implements ProcessTransport {
    private static final Logger log = LoggerFactory.getLogger(ProcessLife.class);

    /// How long an exit is kept back for the ends of the outputs, which the system reports at the
    /// same time, on other threads.
    private static final Duration SETTLE = Duration.ofMillis(500);

    /// What a program writes to.
    public enum Output {
        OUT,
        ERR
    }

    /// The bounds of a program's input and of its end.
    ///
    /// @param closeDeadline how long it may take to end when it is told to, more than no time
    public record Limits(WriteMarks marks, Duration closeDeadline) {
        public Limits {
            Objects.requireNonNull(marks, "marks");
            Delays.requirePositive("a timeout", closeDeadline);
        }
    }

    private enum Input {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Reactor reactor;
    private final LoopMeter meter;
    private final Program program;
    private final ProcessProtocol protocol;
    private final RunningProgram running;
    private final Limits limits;

    private final Set<Output> outputs = EnumSet.allOf(Output.class);
    private Input input = Input.OPEN;
    private long pending;
    private boolean overHighMark;
    private @Nullable ProcessEnd end; // from the exit on
    private boolean exitTold;
    private boolean closing;
    private @Nullable CloseReason aborted; // from an abort on
    private boolean stopping;
    private boolean cut; // an output was closed before its end

    public ProcessLife(
            Reactor reactor,
            LoopMeter meter,
            Program program,
            ProcessProtocol protocol,
            RunningProgram running,
            Limits limits) {
        this.reactor = reactor;
        this.meter = meter;
        this.program = program;
        this.protocol = protocol;
        this.running = running;
        this.limits = limits;
        if (program.standardError() != Program.StandardError.SEPARATE) {
            outputs.remove(Output.ERR);
        }
    }

    // ---- what the system tells, each in a turn of its own ----

    /// The program could not be started; nothing else is told.
    public void notStarted(ProcessEnd why) {
        tell("processEnded", () -> protocol.processEnded(why));
        running.ended(why);
    }

    /// The program runs.
    public void started() {
        call("connectionMade", () -> protocol.connectionMade(this));
    }

    /// It wrote something, and reading is not paused.
    ///
    /// @param data borrowed
    public void received(Output output, Bytes data) {
        if (!outputs.contains(output)) {
            return;
        }
        switch (output) {
            case OUT -> call("outReceived", () -> protocol.outReceived(data));
            case ERR -> call("errReceived", () -> protocol.errReceived(data));
        }
    }

    /// An output has ended, and all it brought has been delivered. Idempotent.
    public void outputEnded(Output output) {
        if (!outputs.remove(output)) {
            return;
        }
        switch (output) {
            case OUT -> tell("outConnectionLost", protocol::outConnectionLost);
            case ERR -> tell("errConnectionLost", protocol::errConnectionLost);
        }
        goOn();
    }

    /// The system took `count` of the bytes sent.
    public void sent(int count) {
        if (input == Input.CLOSED || aborted != null) {
            return; // nothing is pending any more
        }
        pending -= count;
        if (overHighMark && pending < limits.marks().low()) {
            overHighMark = false;
            if (input == Input.OPEN) {
                call("writableAgain", protocol::writableAgain);
            }
        }
    }

    /// The input is closed, as was asked, or because the program reads no more. Idempotent.
    public void inputEnded() {
        if (input != Input.CLOSED) {
            tellInputEnded();
            goOn();
        }
    }

    private void tellInputEnded() {
        input = Input.CLOSED;
        pending = 0;
        tell("inConnectionLost", protocol::inConnectionLost);
    }

    /// The program has ended. Idempotent: the first word counts.
    public void exited(ProcessEnd how) {
        if (!running()) {
            return;
        }
        end = how;
        if (!outputs.isEmpty()) {
            running.later(SETTLE, this::tellExit);
        }
        goOn();
    }

    private void tellExit() {
        if (exitTold) {
            return;
        }
        exitTold = true;
        if (input != Input.CLOSED) {
            running.dropInput();
            tellInputEnded();
        }
        ProcessEnd how = Objects.requireNonNull(end);
        tell("processExited", () -> protocol.processExited(how));
        if (stopping) {
            closeOutputs();
        }
        goOn();
    }

    /// Tells what can be told now.
    private void goOn() {
        if (end == null || !outputs.isEmpty()) {
            return;
        }
        if (!exitTold) {
            tellExit();
        } else if (input == Input.CLOSED) {
            ProcessEnd how = end;
            end = null;
            tell("processEnded", () -> protocol.processEnded(how));
            running.ended(how);
        }
    }

    // ---- what the reactor asks ----

    /// The reactor is being stopped: the program is to end. Idempotent.
    public void stop() {
        if (stopping) {
            return;
        }
        stopping = true;
        if (exitTold) {
            closeOutputs();
        } else {
            call("closeAsked", () -> protocol.closeAsked(this));
        }
    }

    /// Does as [#abortConnection()], which it is too late for a protocol to call.
    ///
    /// @param why is told to a protocol that sees the program as a stream
    public void abort(CloseReason why) {
        if (aborted != null) {
            return;
        }
        aborted = why;
        closing = true;
        if (input != Input.CLOSED) {
            input = Input.CLOSING;
            pending = 0;
            running.dropInput();
            running.soon(this::inputEnded);
        }
        closeOutputs();
        signal(Signal.KILL);
    }

    /// Why it was aborted; null if it was not.
    @Nullable CloseReason aborted() {
        return aborted;
    }

    /// Whether an output was closed before it had ended: what it brought may not be whole.
    boolean cut() {
        return cut;
    }

    // ---- what a protocol may do ----

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public Program program() {
        return program;
    }

    @Override
    public long pid() {
        return running.pid();
    }

    @Override
    public boolean write(Bytes data) {
        reactor.requireLoop("ProcessTransport.write");
        if (input != Input.OPEN) {
            return false;
        }
        if (pending + data.size() > limits.marks().hard()) {
            String why =
                    "wrote past the hard limit of %d bytes: the program does not read as fast"
                            .formatted(limits.marks().hard());
            log.warn("{} is aborted: {}", this, why);
            abort(new CloseReason.Failed(new IOException(why)));
            return false;
        }
        pending += data.size();
        try {
            running.send(data);
        } catch (Throwable thrown) { // most likely there is no memory for it, or no thread
            Thrown.log(log, "a write to " + this + " threw; it is aborted", thrown);
            abort(new CloseReason.Failed(thrown));
            return false;
        }
        overHighMark |= pending > limits.marks().high();
        return pending <= limits.marks().high();
    }

    @Override
    public long pendingBytes() {
        reactor.requireLoop("ProcessTransport.pendingBytes");
        return pending;
    }

    @Override
    public void closeStdin() {
        reactor.requireLoop("ProcessTransport.closeStdin");
        if (input == Input.OPEN) {
            input = Input.CLOSING;
            running.closeInput();
        }
    }

    @Override
    public void pauseReading() {
        reactor.requireLoop("ProcessTransport.pauseReading");
        running.pauseReading();
    }

    @Override
    public void resumeReading() {
        reactor.requireLoop("ProcessTransport.resumeReading");
        running.resumeReading();
    }

    @Override
    public void signal(Signal signal) {
        reactor.requireLoop("ProcessTransport.signal");
        if (running()) {
            running.signal(signal);
        }
    }

    @Override
    public void terminate(Duration killAfter) {
        reactor.requireLoop("ProcessTransport.terminate");
        Delays.requireNotNegative("a delay", killAfter);
        signal(Signal.TERM);
        if (running()) {
            running.later(killAfter, this::killLate);
        }
    }

    private void killLate() {
        if (running()) {
            log.warn("{} was asked to end, did not in time, and is killed", this);
            running.signal(Signal.KILL);
        }
    }

    @Override
    public void loseConnection() {
        reactor.requireLoop("ProcessTransport.loseConnection");
        closeStdin();
        if (!closing) {
            closing = true;
            closeOutputs();
            running.later(limits.closeDeadline(), () -> terminate(limits.closeDeadline()));
        }
    }

    @Override
    public void abortConnection() {
        reactor.requireLoop("ProcessTransport.abortConnection");
        abort(new CloseReason.Aborted(null));
    }

    private void closeOutputs() {
        cut |= !outputs.isEmpty();
        for (Output output : outputs) {
            running.closeOutput(output);
            running.soon(() -> outputEnded(output));
        }
    }

    private boolean running() {
        return end == null && !exitTold;
    }

    // ---- calling the protocol ----

    /// Calls it, and aborts the program if it throws.
    private void call(String method, Runnable call) {
        Throwable thrown = tell(method, call);
        if (thrown != null) {
            abort(new CloseReason.Failed(thrown));
        }
    }

    /// Calls it; gives what it throws.
    private @Nullable Throwable tell(String method, Runnable call) {
        meter.beginCall(protocol, method);
        try {
            call.run();
            return null;
        } catch (Throwable thrown) {
            Thrown.log(log, method + " of the protocol of " + this + " threw", thrown);
            return thrown;
        } finally {
            meter.endCall();
        }
    }

    @Override
    public String toString() {
        return pid() < 0 ? program.toString() : program + " (pid " + pid() + ")";
    }
}
