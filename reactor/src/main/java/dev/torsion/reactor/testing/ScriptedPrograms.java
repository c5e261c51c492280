package dev.torsion.reactor.testing;

import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessEnd.NotStarted;
import dev.torsion.reactor.ProcessEnd.NotStarted.Kind;
import dev.torsion.reactor.ProcessLife.Limits;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.WriteMarks;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The programs of one [ManualReactor]: which there are, and which of them run.
final class ScriptedPrograms {
    static final Limits LIMITS = new Limits(WriteMarks.DEFAULT, Duration.ofSeconds(10));

    private final ManualReactor reactor;
    private final LoopMeter meter;
    private final Runnable oneLess;
    private final Set<ScriptedRun> running = new LinkedHashSet<>();
    private Function<Program, @Nullable ScriptedProgram> installed = _ -> null;
    private boolean stopping;
    private long lastPid = 1000;

    /// @param oneLess is told that one has ended
    ScriptedPrograms(ManualReactor reactor, LoopMeter meter, Runnable oneLess) {
        this.reactor = reactor;
        this.meter = meter;
        this.oneLess = oneLess;
    }

    void install(Function<Program, @Nullable ScriptedProgram> programs) {
        installed = programs;
    }

    CompletionStage<ProcessEnd> spawn(Program program, ProcessProtocol protocol) {
        ScriptedRun run = new ScriptedRun(reactor, this, meter, program, protocol);
        reactor.callFromThread(() -> start(run));
        return run.result();
    }

    private void start(ScriptedRun run) {
        if (run.result().isDone()) {
            return; // cancelled by who asked for it, in the same turn
        }
        running.add(run);
        Program program = run.program();
        if (stopping) {
            run.notStarted(stopped(program));
            return;
        }
        ScriptedProgram found;
        try {
            found = installed.apply(program);
            if (found != null) {
                found.start(run);
            }
        } catch (Throwable thrown) {
            run.notStarted(
                    new NotStarted(
                            Kind.REFUSED,
                            "ManualReactor.programs has no script to start for "
                                    + program
                                    + ": "
                                    + Thrown.text(thrown)));
            throw thrown;
        }
        if (found == null) {
            run.notStarted(
                    NotStarted.notFound(
                            program,
                            "nothing real is started here, and ManualReactor.programs (of a"
                                    + " simulated node: SimulatedNode.programs) has no program \""
                                    + program
                                    + "\""));
        } else {
            run.start(found, ++lastPid);
        }
    }

    static ProcessEnd stopped(Program program) {
        return new NotStarted(
                Kind.STOPPED, "the reactor that was to start " + program + " is stopped");
    }

    void ended(ScriptedRun run) {
        running.remove(run);
        oneLess.run();
    }

    List<Program> running() {
        return running.stream().map(ScriptedRun::program).toList();
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    void stop() {
        stopping = true;
        List.copyOf(running).forEach(ScriptedRun::stop);
    }

    void giveUp() {
        CloseReason late = new CloseReason.Aborted("the reactor stopped before the program ended");
        List.copyOf(running).forEach(run -> run.abort(late));
    }
}
