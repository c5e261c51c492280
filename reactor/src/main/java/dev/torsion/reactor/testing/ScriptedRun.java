package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessLife;
import dev.torsion.reactor.ProcessLife.Output;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Program.StandardError;
import dev.torsion.reactor.RunningProgram;
import dev.torsion.reactor.Signal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One start of a [ScriptedProgram]: its pipes, which are queues, and its exit.
final class ScriptedRun implements RunningProgram {
    private static final int LARGEST_READ = 64 << 10;
    private static final int PIPE_HOLDS = 64 << 10;
    private static final ProcessEnd CRASHED = new ProcessEnd.Killed(6);
    private static final ProcessEnd BROKEN_PIPE = new ProcessEnd.Killed(13);

    private final ManualReactor reactor;
    private final ScriptedPrograms programs;
    private final Program program;
    private final ProcessLife life;
    private final Deferred<ProcessEnd> result;
    private final Map<Output, Pipe> outputs = new EnumMap<>(Output.class);
    private final ArrayDeque<Bytes> input = new ArrayDeque<>();
    private @Nullable ScriptedProgram script; // from its start on
    private volatile long pid = -1;
    private boolean readsInput = true;
    private boolean inputClosing;
    private boolean inputOver;
    private boolean inputQueued;
    private boolean paused;
    private boolean exited;
    private @Nullable CloseReason abortWhenStarted;

    ScriptedRun(
            ManualReactor reactor,
            ScriptedPrograms programs,
            LoopMeter meter,
            Program program,
            ProcessProtocol protocol) {
        this.reactor = reactor;
        this.programs = programs;
        this.program = program;
        life = new ProcessLife(reactor, meter, program, protocol, this, ScriptedPrograms.LIMITS);
        for (Output output : Output.values()) {
            outputs.put(output, new Pipe(output));
        }
        result = new Deferred<>(reactor, () -> abort(new CloseReason.Aborted(null)));
    }

    Deferred<ProcessEnd> result() {
        return result;
    }

    Program program() {
        return program;
    }

    ManualReactor reactor() {
        return reactor;
    }

    // ---- life ----

    void notStarted(ProcessEnd why) {
        life.notStarted(why);
    }

    /// @param found knows that it runs here
    void start(ScriptedProgram found, long newPid) {
        pid = newPid;
        script = found;
        reactor.queue(() -> tell(ScriptedProgram::started)); // before any input
        life.started();
        if (abortWhenStarted != null) {
            life.abort(abortWhenStarted);
        }
    }

    void stop() {
        if (script != null) {
            life.stop();
        }
    }

    void abort(CloseReason why) {
        if (script == null) {
            abortWhenStarted = why;
        } else {
            life.abort(why);
        }
    }

    @Override
    public void ended(ProcessEnd end) {
        programs.ended(this);
        result.succeed(end);
    }

    /// Calls the script, as long as it runs; an exception crashes it.
    private void tell(Consumer<ScriptedProgram> call) {
        if (exited && outputs.values().stream().noneMatch(Pipe::open)) {
            return;
        }
        try {
            call.accept(Objects.requireNonNull(script));
        } catch (Throwable thrown) {
            exit(CRASHED, true);
            throw thrown;
        }
    }

    // ---- what the script does ----

    boolean write(Output output, Bytes data) {
        return pipe(output).write(data);
    }

    void end(Output output) {
        pipe(output).end();
    }

    void readInput(boolean reads) {
        readsInput = reads;
        queueInput();
    }

    void breakInput() {
        if (!inputOver) {
            inputOver = true;
            input.clear();
            reactor.queue(life::inputEnded);
        }
    }

    void exit(ProcessEnd end, boolean closesOutputs) {
        if (closesOutputs) {
            outputs.values().forEach(Pipe::end);
        }
        if (!exited) {
            exited = true;
            inputOver = true;
            input.clear();
            reactor.queue(() -> life.exited(end));
        }
    }

    private Pipe pipe(Output output) {
        return Objects.requireNonNull(outputs.get(output));
    }

    /// One output on its way.
    private final class Pipe {
        private final Output output;
        private final ArrayDeque<Bytes> waiting = new ArrayDeque<>();
        private int size;
        private boolean ending;
        private boolean over;
        private boolean unread;
        private boolean queued;

        Pipe(Output output) {
            this.output = output;
        }

        boolean open() {
            return !ending && !over;
        }

        boolean write(Bytes data) {
            Pipe target = target();
            if (target != this) {
                return target.write(data);
            }
            if (unread) {
                exit(BROKEN_PIPE, true);
                return false;
            }
            if (open()) {
                for (int from = 0; from < data.size(); from += LARGEST_READ) {
                    int to = Math.min(data.size(), from + LARGEST_READ);
                    waiting.add(Bytes.wrap(data.slice(from, to).toArray()));
                }
                size += data.size();
                queue();
            }
            return size < PIPE_HOLDS;
        }

        private Pipe target() {
            boolean merged =
                    output == Output.ERR && program.standardError() == StandardError.MERGED;
            return merged ? pipe(Output.OUT) : this;
        }

        void end() {
            ending = true;
            queue();
        }

        /// Nobody reads it any more.
        void close() {
            unread = true;
            over = true;
            waiting.clear();
            size = 0;
        }

        void queue() {
            if (!queued && !paused && !over && (ending || !waiting.isEmpty())) {
                queued = true;
                reactor.queue(this::deliver);
            }
        }

        private void deliver() {
            queued = false;
            if (paused || over) {
                return;
            }
            Bytes next = waiting.poll();
            if (next == null) {
                over = true;
                life.outputEnded(output);
                return;
            }
            size -= next.size();
            BorrowedBytes loan = new BorrowedBytes(next, 0, next.size());
            life.received(output, loan);
            loan.end();
            if (waiting.isEmpty()) {
                reactor.queue(() -> tell(ScriptedProgram::outputTaken));
            }
            queue();
        }
    }

    // ---- what its life asks for ----

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public void send(Bytes data) {
        for (int from = 0; from < data.size(); from += LARGEST_READ) {
            input.add(
                    Bytes.wrap(
                            data.slice(from, Math.min(data.size(), from + LARGEST_READ))
                                    .toArray()));
        }
        queueInput();
    }

    @Override
    public void closeInput() {
        inputClosing = true;
        queueInput();
    }

    @Override
    public void dropInput() {
        input.clear();
        closeInput();
    }

    private void queueInput() {
        if (!inputQueued && readsInput && !inputOver && (inputClosing || !input.isEmpty())) {
            inputQueued = true;
            reactor.queue(this::takeInput);
        }
    }

    private void takeInput() {
        inputQueued = false;
        if (!readsInput || inputOver) {
            return;
        }
        Bytes next = input.poll();
        if (next == null) {
            inputOver = true;
            reactor.queue(life::inputEnded);
            tell(ScriptedProgram::inputEnded);
            return;
        }
        BorrowedBytes loan = new BorrowedBytes(next, 0, next.size());
        try {
            tell(script -> script.inputReceived(loan));
        } finally {
            loan.end();
            reactor.queue(() -> life.sent(next.size()));
            queueInput();
        }
    }

    @Override
    public void pauseReading() {
        paused = true;
    }

    @Override
    public void resumeReading() {
        paused = false;
        outputs.values().forEach(Pipe::queue);
    }

    @Override
    public void closeOutput(Output output) {
        pipe(output).close();
    }

    @Override
    public void signal(Signal signal) {
        if (signal == Signal.KILL) {
            exit(new ProcessEnd.Killed(signal.number()), true);
        } else {
            reactor.queue(() -> tell(script -> script.signalled(signal)));
        }
    }

    @Override
    public void soon(Runnable action) {
        reactor.queue(action);
    }

    @Override
    public void later(Duration delay, Runnable action) {
        reactor.after(delay, action);
    }

    @Override
    public String toString() {
        return life.toString();
    }
}
