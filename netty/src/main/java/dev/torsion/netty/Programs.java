package dev.torsion.netty;

import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ProcessEnd.NotStarted;
import dev.torsion.reactor.ProcessLife;
import dev.torsion.reactor.ProcessLife.Limits;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.RunningProgram;
import dev.torsion.reactor.Thrown;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The programs that one reactor has started, and that have not ended.
///
/// **Thread:** loop only, except [#spawn], [#openOwnStreams], [#giveUp], and what knows the
/// processes of the system: [#begun], [#exited] and [#killLeft].
final class Programs {
    private static final Logger log = LoggerFactory.getLogger(Programs.class);

    private final NettyReactor reactor;
    private final Runnable oneLess;
    private final Set<Stoppable> running = new LinkedHashSet<>();
    private final Set<SystemProgram> unfinished = ConcurrentHashMap.newKeySet();
    private final Map<Process, Program> processes = new ConcurrentHashMap<>();

    /// A program, or our own streams, that starts and stops with the reactor.
    interface Stoppable {
        void start();

        /// The reactor is being stopped.
        void stop();

        /// It is not waited for any longer.
        void abort(CloseReason why);
    }

    /// @param oneLess is told that one has ended
    Programs(NettyReactor reactor, Runnable oneLess) {
        this.reactor = reactor;
        this.oneLess = oneLess;
    }

    SystemProgram spawn(Program program, ProcessProtocol protocol, Threads threads) {
        SystemProgram wanted = new SystemProgram(reactor, this, program, protocol, threads);
        unfinished.add(wanted);
        if (!reactor.take(() -> start(wanted))) {
            unfinished.remove(wanted);
            wanted.result().succeed(stopped(program));
        }
        return wanted;
    }

    void openOwnStreams(Protocol protocol) {
        reactor.execute(() -> start(new OwnStreams(reactor, this, protocol, Threads.SYSTEM)));
    }

    /// The life of a program with this reactor's bounds.
    ProcessLife life(Program program, ProcessProtocol protocol, RunningProgram running) {
        ReactorOptions options = reactor.options();
        return new ProcessLife(
                reactor,
                reactor.meter(),
                program,
                protocol,
                running,
                new Limits(options.marks(), options.deadlines().close()));
    }

    void start(Stoppable program) {
        running.add(program);
        program.start();
    }

    static NotStarted refused(Program program, Throwable noThread) {
        return new NotStarted(
                NotStarted.Kind.REFUSED,
                "the system has no thread, or no memory, for " + program + ": " + noThread);
    }

    static NotStarted stopped(Program program) {
        return new NotStarted(
                NotStarted.Kind.STOPPED,
                "the reactor that was to start " + program + " is stopped");
    }

    void ended(Stoppable program) {
        running.remove(program);
        unfinished.remove(program);
        oneLess.run();
    }

    /// The system has started `program`.
    void begun(Process process, Program program) {
        processes.put(process, program);
    }

    void exited(Process process) {
        processes.remove(process);
    }

    /// Names and kills what runs though the loop does nothing any more, and cannot.
    void killLeft() {
        try {
            if (!processes.isEmpty()) {
                Thrown.warn(
                        log,
                        "{} programs had not ended with the loop that started them and are killed:"
                                + " {}",
                        processes.size(),
                        processes.entrySet().stream().limit(10).map(Programs::text).toList());
            }
        } finally {
            processes.keySet().forEach(process -> process.toHandle().destroyForcibly());
        }
    }

    /// Tells who waits for one how it has ended: the loop, which was to, does nothing any more.
    void giveUp() {
        unfinished.forEach(SystemProgram::giveUp);
    }

    private static String text(Map.Entry<Process, Program> running) {
        return running.getValue() + " (pid " + running.getKey().pid() + ")";
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    /// Asks all of them to end.
    void stop() {
        List.copyOf(running).forEach(Stoppable::stop);
    }

    /// Names what has not ended, and is about to be killed.
    void logRunning() {
        if (!running.isEmpty()) {
            Thrown.warn(
                    log,
                    "at the shutdown deadline {} programs had not ended and are killed: {}",
                    running.size(),
                    running.stream().limit(10).toList());
        }
    }

    /// Kills all of them.
    void abort(String why) {
        List.copyOf(running).forEach(program -> program.abort(new CloseReason.Aborted(why)));
    }
}
