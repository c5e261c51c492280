package dev.torsion.netty;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessLife;
import dev.torsion.reactor.ProcessLife.Output;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.RunningProgram;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.Thrown;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One program of the operating system, from the wish to start it on.
///
/// Its streams block, and a blocked read of a pipe holds one of the 256 carriers that all virtual
/// threads have; so each stream has a platform thread. The one of the standard output starts the
/// program too. Who waits for its exit has a platform thread as well: code of ours that computes
/// without a pause can occupy all carriers, and the exit would be told late.
///
/// The threads hold the monitors of their streams from the start on, before the loop hears of it,
/// which may be late: see [PipeReader#run].
///
/// **Thread:** loop only, but for what the threads that wait for the system do: [#run], the wait
/// for the exit with what it [tells][#tell], and the kill; and for [#giveUp].
final class SystemProgram implements RunningProgram, Programs.Stoppable {
    private static final Logger log = LoggerFactory.getLogger(SystemProgram.class);

    private static final Path CHILDREN_OF_THIS_THREAD = Path.of("/proc/thread-self/children");

    private static final AtomicBoolean FIRST = new AtomicBoolean(true);

    private static final long A_WHILE = Duration.ofMillis(500).toNanos();

    private final NettyReactor reactor;
    private final Programs programs;
    private final Program program;
    private final ProcessLife life;
    private final Deferred<ProcessEnd> result;
    private final Threads threads;
    private final Map<Output, PipeReader> readers = new EnumMap<>(Output.class);
    private volatile boolean starting; // a thread does that, or has
    private volatile @Nullable Process begun; // the loop may not know of it yet
    private volatile @Nullable ProcessEnd told; // to the loop, which may not know of it yet
    private volatile @Nullable Process process; // null until it runs
    private @Nullable PipeWriter input;
    private CompletionStage<?> signals = CompletableFuture.completedStage(null);
    private @Nullable CloseReason abortWhenStarted;

    SystemProgram(
            NettyReactor reactor,
            Programs programs,
            Program program,
            ProcessProtocol protocol,
            Threads threads) {
        this.reactor = reactor;
        this.programs = programs;
        this.program = program;
        this.threads = threads;
        life = programs.life(program, protocol, this);
        result = new Deferred<>(reactor, () -> abort(new CloseReason.Aborted(null)));
    }

    /// Completes with how the program ended.
    Deferred<ProcessEnd> result() {
        return result;
    }

    // ---- starting ----

    @Override
    public void start() {
        if (result.isDone()) { // cancelled by who asked for it, before the loop came to it
            programs.ended(this);
            return;
        }
        starting = true;
        if (reactor.stopping() || reactor.life().end().over()) {
            refuse(Programs.stopped(program));
            return;
        }
        try {
            thread("out", this::run);
        } catch (OutOfMemoryError noThread) {
            refuse(Programs.refused(program, noThread));
        }
    }

    private void refuse(ProcessEnd why) {
        told = why;
        life.notStarted(why);
    }

    private void thread(String stream, Runnable work) {
        threads.start(threadName(stream), work);
    }

    private String threadName(String stream) {
        return reactor.options().threadName() + "-" + program + "-" + stream;
    }

    /// Starts the program, and reads its standard output to the end.
    private void run() {
        Process started;
        try {
            if (FIRST.getAndSet(false)) {
                loadWhatAStartNeeds();
            }
            started = threads.start(builder());
        } catch (IOException | RuntimeException refused) {
            log.debug("{} could not be started", program, refused);
            tell(life::notStarted, StartFailure.explain(program, refused));
            return;
        } catch (Error noThread) { // on which the JDK waits for the end
            killUnattended();
            tell(life::notStarted, Programs.refused(program, noThread));
            return;
        }
        boolean handedOver = false;
        try {
            // First of all: at the exit the JDK closes this stream, then that of the errors.
            synchronized (started.getInputStream()) {
                programs.begun(started, program);
                begun = started;
                if (!started.isAlive()) {
                    log.debug(
                            "{} exited before its outputs were held: what it leaves to another is"
                                    + " not read",
                            program);
                }
                PipeReader reader = reader(Output.OUT, started.getInputStream());
                handedOver = handOver(started, reader);
                if (handedOver) {
                    reader.run();
                    return;
                }
            }
        } catch (Throwable failed) { // most likely there is no memory
            if (handedOver) {
                throw failed;
            }
            leave(started);
            tell(life::notStarted, Programs.refused(program, failed));
            return;
        }
        log.debug("the loop ended while {} was starting; it is killed", program);
        started.destroyForcibly();
        awaitExit(started, List.of());
    }

    /// The first start of a JVM takes milliseconds longer to give its streams out, in which a
    /// program could end, and lose what another that it leaves behind is yet to write.
    private static void loadWhatAStartNeeds() {
        try {
            var _ =
                    Descriptors.SYSTEM
                            .start(() -> new ProcessBuilder("/bin/sh", "-c", ":").start())
                            .waitFor();
        } catch (Throwable cannot) {
            log.debug("the first program starts without another before it", cannot);
        }
    }

    /// Gives it to the loop, and has its errors read behind that.
    ///
    /// @return false if the loop has ended
    private boolean handOver(Process started, PipeReader out) {
        if (program.standardError() != Program.StandardError.SEPARATE) {
            return reactor.take(() -> started(started, Map.of(Output.OUT, out)));
        }
        PipeReader errors = reader(Output.ERR, started.getErrorStream());
        CompletableFuture<Boolean> handedOver = new CompletableFuture<>();
        try {
            readErrors(errors, started.getErrorStream(), handedOver);
            boolean taken =
                    reactor.take(
                            () -> started(started, Map.of(Output.OUT, out, Output.ERR, errors)));
            handedOver.complete(taken);
            return taken;
        } finally {
            handedOver.complete(false);
        }
    }

    /// Returns when a thread holds the monitor of `stream`, which it reads if that is handed over.
    private void readErrors(
            PipeReader reader, InputStream stream, CompletableFuture<Boolean> handedOver) {
        CompletableFuture<Boolean> held = new CompletableFuture<>();
        thread(
                "err",
                () -> {
                    synchronized (stream) {
                        held.complete(true);
                        if (handedOver.join()) {
                            reader.run();
                        }
                    }
                });
        held.join();
    }

    /// Kills what nobody will attend to.
    private void leave(Process started) {
        started.destroyForcibly();
        programs.exited(started);
    }

    /// Has the loop tell how it ended. If there is none any more, its protocol cannot be told, but
    /// whoever waits for the result is.
    private void tell(Consumer<ProcessEnd> outcome, ProcessEnd end) {
        told = end;
        if (!insist(() -> reactor.take(() -> outcome.accept(end)))) {
            log.debug("the loop ended before {} did", this);
            result.succeed(end);
        }
    }

    /// Tries until there is memory for it: nobody else would do it.
    private <T> T insist(Supplier<T> step) {
        while (true) {
            try {
                return step.get();
            } catch (OutOfMemoryError lacking) {
                Thrown.log(log, "the end of " + program + " cannot be told yet", lacking);
                LockSupport.parkNanos(A_WHILE);
            }
        }
    }

    /// Kills what the JDK has started and then forgotten. It has told nobody which process that is,
    /// but Linux knows the children of each thread, and this thread has no other. What is left is a
    /// zombie, and the descriptors of its pipes, until the JVM ends: only the JDK could free them.
    private void killUnattended() {
        try (Scanner children = new Scanner(CHILDREN_OF_THIS_THREAD, StandardCharsets.US_ASCII)) {
            while (children.hasNextLong()) {
                long pid = children.nextLong();
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
                log.warn(
                        "{} (pid {}) was killed: there was no thread to wait for its end",
                        program,
                        pid);
            }
        } catch (IOException cannotBeSeen) {
            log.warn(
                    "{} may have begun and run on unattended: there was no thread to wait for its"
                            + " end",
                    program,
                    cannotBeSeen);
        }
    }

    private ProcessBuilder builder() {
        ProcessBuilder builder = new ProcessBuilder(program.command());
        if (program.directory() != null) {
            builder.directory(program.directory().toFile());
        }
        if (!program.inheritsEnvironment()) {
            builder.environment().clear();
        }
        builder.environment().putAll(program.environment());
        return switch (program.standardError()) {
            case SEPARATE -> builder;
            case MERGED -> builder.redirectErrorStream(true);
            case INHERITED -> builder.redirectError(Redirect.INHERIT);
            case DISCARDED -> builder.redirectError(Redirect.DISCARD);
        };
    }

    private PipeReader reader(Output output, InputStream stream) {
        return new PipeReader(
                reactor,
                stream,
                data -> life.received(output, data),
                this::broken,
                () -> life.outputEnded(output));
    }

    private void broken(Throwable why) {
        life.abort(new CloseReason.Failed(why));
    }

    private void started(Process started, Map<Output, PipeReader> reading) {
        readers.putAll(reading);
        try {
            input =
                    new PipeWriter(
                            reactor,
                            started.getOutputStream(),
                            threads,
                            threadName("in"),
                            life::sent,
                            this::broken,
                            life::inputEnded);
            List<PipeReader> both = List.copyOf(readers.values());
            thread("exit", () -> awaitExit(started, both));
        } catch (OutOfMemoryError noThread) {
            readers.values().forEach(PipeReader::close);
            leave(started);
            life.notStarted(Programs.refused(program, noThread));
            return;
        }
        process = started;
        life.started();
        if (abortWhenStarted != null) {
            life.abort(abortWhenStarted);
        } else if (reactor.stopping()) {
            life.stop();
        }
    }

    /// Tells the exit no earlier than the readers could see the ends of their streams.
    private void awaitExit(Process started, List<PipeReader> reading) {
        tell(life::exited, insist(() -> exit(started, reading)));
    }

    private ProcessEnd exit(Process started, List<PipeReader> reading) {
        try {
            ProcessEnd end = ProcessEnd.ofExitValue(started.waitFor());
            programs.exited(started);
            for (PipeReader reader : reading) {
                reader.awaitBegun();
            }
            return end;
        } catch (InterruptedException nobodyElsesThread) {
            throw new IllegalStateException(nobodyElsesThread);
        }
    }

    // ---- ending ----

    /// The loop does nothing any more, and what it was told of this may wait there for ever: who
    /// waits for the result is told how it ended, or that it never began. Thread-safe.
    void giveUp() {
        ProcessEnd known = told;
        Process running = begun;
        if (known != null) {
            result.succeed(known);
        } else if (running != null) {
            var _ = running.onExit().thenAccept(it -> result.succeed(endOf(it)));
        } else if (!starting) {
            result.succeed(Programs.stopped(program));
        }
    }

    private static ProcessEnd endOf(Process exited) {
        return ProcessEnd.ofExitValue(exited.exitValue());
    }

    @Override
    public void stop() {
        if (process != null) {
            life.stop();
        }
    }

    @Override
    public void abort(CloseReason why) {
        if (process == null) {
            abortWhenStarted = why;
        } else {
            life.abort(why);
        }
    }

    @Override
    public void ended(ProcessEnd end) {
        programs.ended(this);
        reactor.complete(result, () -> result.succeed(end));
    }

    // ---- what its life asks for ----

    @Override
    public long pid() {
        Process started = process;
        return started == null ? -1 : started.pid();
    }

    private Process running() {
        return Objects.requireNonNull(process);
    }

    private PipeWriter input() {
        return Objects.requireNonNull(input);
    }

    @Override
    public void send(Bytes data) {
        input().send(data);
    }

    @Override
    public void closeInput() {
        input().close();
    }

    @Override
    public void dropInput() {
        input().drop();
    }

    @Override
    public void pauseReading() {
        readers.values().forEach(PipeReader::pause);
    }

    @Override
    public void resumeReading() {
        readers.values().forEach(PipeReader::resume);
    }

    @Override
    public void closeOutput(Output output) {
        Objects.requireNonNull(readers.get(output)).close();
    }

    /// By its handle: [Process#destroy] would close its streams as well.
    @Override
    @SuppressWarnings("ReturnValueIgnored") // false says that it has ended, which is told anyway
    public void signal(Signal signal) {
        ProcessHandle handle = running().toHandle();
        switch (signal) {
            case TERM -> handle.destroy();
            case KILL -> handle.destroyForcibly();
            case HUP, INT, QUIT, USR1, USR2, CONT, STOP, WINCH ->
                    signals =
                            signals.thenCompose(_ -> killInThread(signal))
                                    .exceptionally(failure -> notSent(signal, failure));
        }
    }

    private CompletionStage<Boolean> killInThread(Signal signal) {
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        thread(
                "kill",
                () -> {
                    try {
                        sent.complete(kill(signal));
                    } catch (Throwable failed) {
                        sent.completeExceptionally(failed);
                    }
                });
        return sent;
    }

    private boolean kill(Signal signal) throws IOException, InterruptedException {
        if (!running().isAlive()) {
            return false;
        }
        String script = "kill -s \"$0\" \"$1\"";
        ProcessBuilder sending =
                new ProcessBuilder("/bin/sh", "-c", script, signal.name(), Long.toString(pid()))
                        .redirectInput(Redirect.from(new File("/dev/null")))
                        .redirectOutput(Redirect.DISCARD)
                        .redirectError(Redirect.DISCARD);
        int code = threads.start(sending).waitFor();
        if (code != 0 && running().isAlive()) {
            log.warn("{} was not sent to {}: kill exited with code {}", signal, this, code);
        }
        return code == 0;
    }

    private boolean notSent(Signal signal, Throwable failure) {
        log.warn("{} was not sent to {}", signal, this, failure);
        return false;
    }

    @Override
    public void soon(Runnable action) {
        reactor.execute(action);
    }

    @Override
    public void later(Duration delay, Runnable action) {
        var _ = reactor.schedule(delay, action);
    }

    @Override
    public String toString() {
        return process == null ? program + " (starting)" : life.toString();
    }
}
