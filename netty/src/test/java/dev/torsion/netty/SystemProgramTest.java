package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessEnd.Exited;
import dev.torsion.reactor.ProcessEnd.Killed;
import dev.torsion.reactor.ProcessEnd.NotStarted;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.ProcessTransport;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Program.StandardError;
import dev.torsion.reactor.ProgramFailedException;
import dev.torsion.reactor.ProgramResult;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ProcessContract;
import dev.torsion.reactor.testing.ProcessProbe;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Programs of the operating system: what every program does, and what only a real one can.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its programs are written for a shell")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SystemProgramTest extends ProcessContract {

    @Override
    protected World world() {
        return new World() {
            @Override
            public Reactor reactor() {
                return create();
            }

            @Override
            public <T> T await(CompletionStage<T> stage) {
                return awaited(stage);
            }

            @Override
            public Program program(Behaviour behaviour) {
                return SystemProgramTest.program(behaviour);
            }
        };
    }

    private static NettyReactor create() {
        return create(Duration.ofSeconds(10));
    }

    private static NettyReactor create(Duration shutdownDeadline) {
        return NettyReactor.create(
                ReactorOptions.DEFAULT
                        .withIo(ReactorOptions.Io.NIO)
                        .withShutdownDeadline(shutdownDeadline));
    }

    private static <T> T awaited(CompletionStage<T> stage) {
        return stage.toCompletableFuture().copy().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static Program program(ProcessContract.Behaviour behaviour) {
        return switch (behaviour) {
            case ECHO -> Program.of("cat");
            case TALK -> shell("printf hello; printf oops >&2; exit 3");
            case NOTHING -> Program.of("true");
            case CLOSE_OUT -> shell("exec >&-; read x; exit 4");
            case CLOSE_IN -> shell("exec <&-; echo ready; exec sleep 1000");
            case WAIT -> shell("echo ready; exec sleep 1000");
            case STUBBORN -> shell("trap '' TERM; echo ready; exec sleep 1000");
            case MUCH -> Program.of("head", "-c", "50000000", "/dev/zero");
            case LEAVE -> shell("read x; (while sleep 0.05; do echo late; done) & exit 5");
        };
    }

    private static Program shell(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        command.addAll(List.of(arguments));
        return Program.of(command.toArray(String[]::new));
    }

    /// What a program did, on a reactor of its own, which is stopped then.
    private static ProcessProbe ran(Program program) {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        awaited(reactor.spawn(program, probe));
        awaited(reactor.stop());
        assertThat(probe.broken()).isEmpty();
        return probe;
    }

    private static NotStarted refused(Program program) {
        NettyReactor reactor = create();
        ProcessEnd end = awaited(reactor.spawn(program, new ProcessProbe()));
        awaited(reactor.stop());
        assertThat(end).isInstanceOf(NotStarted.class);
        return (NotStarted) end;
    }

    private static SystemProgram started(
            NettyReactor reactor, Program program, ProcessProbe probe, Threads threads) {
        return reactor.opened().programs().spawn(program, probe, threads);
    }

    private interface Start {
        Process of(ProcessBuilder program) throws IOException;
    }

    /// Those of the machine, but programs start like this.
    private static Threads starting(Start start) {
        return new Threads() {
            @Override
            public Process start(ProcessBuilder program) throws IOException {
                return start.of(program);
            }
        };
    }

    /// Those of the machine, but none of a name with this end.
    private static Threads noThreadFor(String end) {
        return new Threads() {
            @Override
            public void start(String name, Runnable work) {
                if (name.endsWith(end)) {
                    throw new OutOfMemoryError("by the test");
                }
                Threads.super.start(name, work);
            }
        };
    }

    private static void isRefused(Threads threads) {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        SystemProgram wanted =
                started(reactor, shell("echo hello; exec sleep 1000"), probe, threads);

        assertThat(awaited(wanted.result()))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.REFUSED,
                                "the system has no thread, or no memory, for sh:"
                                        + " java.lang.OutOfMemoryError: by the test"));
        awaited(reactor.stop());
        assertThat(probe.happenings()).containsExactly("ended");
        assertThat(probe.broken()).isEmpty();
    }

    /// @param handedOver what is made of a program that runs already
    private static void isRefusedAndKilled(UnaryOperator<Process> handedOver) throws Exception {
        CompletableFuture<Process> begun = new CompletableFuture<>();
        isRefused(
                starting(program -> {
                    begun.complete(program.start());
                    return handedOver.apply(begun.join());
                }));

        assertThat(awaited(begun).waitFor()).isEqualTo(128 + Signal.KILL.number());
    }

    @Test
    void isRefusedAndKilledWithoutAThreadForItsErrors() {
        isRefused(noThreadFor("-err"));
    }

    @Test
    void isRefusedAndKilledWithoutAThreadThatWaitsForItsEnd() throws Exception {
        assumeThat(Path.of("/proc/thread-self/children")).exists();
        isRefusedAndKilled(_ -> {
            throw new OutOfMemoryError("by the test");
        });
    }

    /// The system's, as far as a test does not say otherwise.
    private static class RealProcess extends Process {
        private final Process real;

        RealProcess(Process real) {
            this.real = real;
        }

        @Override
        public OutputStream getOutputStream() {
            return real.getOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return real.getInputStream();
        }

        @Override
        public InputStream getErrorStream() {
            return real.getErrorStream();
        }

        @Override
        public int waitFor() throws InterruptedException {
            return real.waitFor();
        }

        @Override
        public int exitValue() {
            return real.exitValue();
        }

        @Override
        public void destroy() {
            real.destroy();
        }

        @Override
        public Process destroyForcibly() {
            return real.destroyForcibly();
        }

        @Override
        public ProcessHandle toHandle() {
            return real.toHandle();
        }
    }

    @Test
    void isRefusedAndKilledWithoutMemoryToHandItOver() throws Exception {
        isRefusedAndKilled(begun ->
                new RealProcess(begun) {
                    @Override
                    public InputStream getInputStream() {
                        throw new OutOfMemoryError("by the test");
                    }
                });
    }

    @Test
    void tellsItsExitThoughThereWasNoMemoryForThatAtFirst() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        AtomicBoolean lacked = new AtomicBoolean();
        SystemProgram wanted =
                started(
                        reactor,
                        program(Behaviour.TALK),
                        probe,
                        starting(program ->
                                new RealProcess(program.start()) {
                                    @Override
                                    public int waitFor() throws InterruptedException {
                                        if (!lacked.getAndSet(true)) {
                                            throw new OutOfMemoryError("by the test");
                                        }
                                        return super.waitFor();
                                    }
                                }));

        assertThat(awaited(wanted.result())).isEqualTo(new Exited(3));
        awaited(reactor.stop());
        assertThat(probe.out()).isEqualTo("hello");
    }

    /// It would wait for the rest of its input; it stays at its end, which may come before the
    /// signal.
    @Test
    void isAbortedWithoutAThreadForItsInput() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        SystemProgram wanted =
                started(reactor, shell("cat; exec sleep 1000"), probe, noThreadFor("-in"));
        ProcessTransport program = awaited(probe.made());
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        reactor.execute(() -> {
            taken.complete(program.write(Bytes.utf8("hello")));
            program.closeStdin();
        });

        assertThat(awaited(taken)).isFalse();
        assertThat(awaited(wanted.result())).isEqualTo(new Killed(9));
        awaited(reactor.stop());
        assertThat(probe.broken()).isEmpty();
    }

    /// What sends it is a program too, which must not start where descriptors are short.
    @Test
    void saysWhichSignalCouldNotBeSentForWantOfWhatAProgramNeeds() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<Void> refused = new CompletableFuture<>();
        Threads onlyOnce =
                starting(program -> {
                    if (begun.getAndSet(true)) {
                        refused.complete(null);
                        throw new IOException("by the test");
                    }
                    return Threads.SYSTEM.start(program);
                });
        SystemProgram wanted = started(reactor, program(Behaviour.WAIT), probe, onlyOnce);
        awaited(probe.spoke());

        List<String> logged =
                Logged.during(() -> {
                    reactor.execute(() -> probe.transport().signal(Signal.HUP));
                    awaited(refused);
                    reactor.execute(() -> probe.transport().signal(Signal.TERM));
                    awaited(wanted.result());
                    awaited(reactor.stop()); // which waits for work in threads
                });

        assertThat(logged).anyMatch(line -> line.contains("HUP was not sent to sh (pid "));
    }

    @Test
    void tellsWhoWaitsHowItEndedThoughItsLoopHasDied() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        CompletionStage<ProcessEnd> end = reactor.spawn(program(Behaviour.STUBBORN), probe);
        awaited(probe.spoke());

        RealWorld.die(reactor);

        assertThat(awaited(end)).isEqualTo(new Killed(9));
    }

    @Test
    void killsWhatStartsWhileItsLoopDies() {
        NettyReactor reactor = create();

        assertThat(awaited(startedAfterTheDeathOf(reactor, Program.of("sleep", "1000"))))
                .isEqualTo(new Killed(9));
    }

    @Test
    void tellsWhoWaitsThatItCouldNotBeStartedThoughItsLoopHasDied() {
        NettyReactor reactor = create();

        assertThat(awaited(startedAfterTheDeathOf(reactor, Program.of("no-such-program"))))
                .isInstanceOf(NotStarted.class);
    }

    private static CompletionStage<ProcessEnd> startedAfterTheDeathOf(
            NettyReactor reactor, Program program) {
        CompletableFuture<Runnable> starts = new CompletableFuture<>();
        SystemProgram wanted =
                started(
                        reactor,
                        program,
                        new ProcessProbe(),
                        new Threads() {
                            @Override
                            public void start(String name, Runnable work) {
                                if (!starts.complete(work)) {
                                    Threads.super.start(name, work);
                                }
                            }
                        });
        Runnable start = awaited(starts);
        RealWorld.die(reactor);
        Thread.ofPlatform().daemon().start(start);
        return wanted.result();
    }

    // ---- what it is started with ----

    @Test
    void passesArgumentsAsTheyAre() {
        String[] odd = {"", " ", "a b", "\"'\\$(id)*", "é\u20ac", "-n", "a\nb"};

        String out = ran(shell("for a; do printf '%s|' \"$a\"; done", odd)).out();

        assertThat(new String(out.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), UTF_8))
                .isEqualTo(String.join("|", odd) + "|");
    }

    @Test
    void givesTheWholeInputWhereLittleMayWait() {
        NettyReactor narrow =
                NettyReactor.create(
                        ReactorOptions.DEFAULT
                                .withIo(ReactorOptions.Io.NIO)
                                .withMarks(100, 1000, 1500));
        Bytes input = Bytes.utf8("0123456789".repeat(10_000));
        ProgramResult result = awaited(narrow.runProgram(Program.of("cat"), input, 100_000));
        awaited(narrow.stop());

        assertThat(result.orThrow().out()).isEqualTo(input);
    }

    @Test
    void killsWhatIsRunToItsEndWhenThatIsCancelled() {
        NettyReactor reactor = create(Duration.ofHours(1)); // which a program left would hold up
        var result = reactor.runProgram(program(Behaviour.STUBBORN));

        result.toCompletableFuture().cancel(false);

        awaited(reactor.stop());
    }

    @Test
    void runsInItsDirectory(@TempDir Path directory) throws IOException {
        assertThat(ran(Program.of("pwd").withDirectory(directory)).out())
                .isEqualTo(directory.toRealPath() + "\n");
    }

    @Test
    void addsToTheEnvironmentOrReplacesIt() {
        Program shows = shell("echo \"$HOME|$ONE\"");

        assertThat(ran(shows.withVariable("ONE", "1")).out())
                .isEqualTo(System.getenv("HOME") + "|1\n");
        assertThat(ran(shows.withVariable("HOME", "here").withVariable("ONE", "")).out())
                .isEqualTo("here|\n");
        assertThat(
                        ran(Program.of("env")
                                        .withoutInheritedEnvironment()
                                        .withVariable("ONE", "1"))
                                .out())
                .isEqualTo("ONE=1\n");
    }

    @Test
    void takesALargeEnvironment() {
        Program program = shell("echo ${#V7}");
        for (int i = 0; i < 10; i++) {
            program = program.withVariable("V" + i, "x".repeat(100_000));
        }

        assertThat(ran(program).out()).isEqualTo("100000\n");
    }

    @Test
    void saysWhatIsWrongWithAnEnvironmentThatIsTooLarge() {
        NotStarted why = refused(Program.of("true").withVariable("V", "x".repeat(20_000_000)));

        assertThat(why.kind()).isEqualTo(NotStarted.Kind.TOO_LARGE);
        assertThat(why.why()).contains("true").contains("more than the system takes");
    }

    @Test
    void saysThatArgumentsAreGivenOneByOne() {
        String cure =
                "; no shell takes a command line apart: give its arguments one by one, as in"
                        + " Program.of(\"cat\", …)";
        assertThat(refused(Program.of("cat /dev/null")))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.NOT_FOUND,
                                "there is no program cat /dev/null" + cure));
        assertThat(refused(Program.of("cat -n", "file")).why())
                .isEqualTo("there is no program \"cat -n\" in any directory of PATH" + cure);
    }

    @Test
    void saysWhatIsWrongWithTheProgramOrItsDirectory(@TempDir Path directory) throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "no program");
        Path script = Files.writeString(directory.resolve("script"), "#!/no/such/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Path nowhere = directory.resolve("nowhere");

        assertThat(refused(Program.of(nowhere.toString())))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.NOT_FOUND, "there is no program " + nowhere));
        assertThat(refused(Program.of("no-such-program")).why())
                .isEqualTo("there is no program \"no-such-program\" in any directory of PATH");
        assertThat(refused(Program.of(text.toString())))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.NOT_EXECUTABLE, text + " may not be executed"));
        assertThat(refused(Program.of(directory.toString())))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.NOT_EXECUTABLE,
                                directory + " is a directory, not a program"));
        assertThat(refused(Program.of(script.toString())).why())
                .contains(script.toString())
                .contains("interpreter that is not there");
        assertThat(refused(Program.of("true").withDirectory(nowhere)))
                .isEqualTo(
                        new NotStarted(
                                NotStarted.Kind.NO_DIRECTORY,
                                "there is no directory " + nowhere + " to run true in"));
    }

    @Test
    void findsAPathFromItsDirectory(@TempDir Path directory) throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/bin/sh\necho here\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();

        assertThat(ran(Program.of("./script").withDirectory(directory)).out()).isEqualTo("here\n");
    }

    @Test
    void letsItsStandardErrorGoWhereOursGoes() {
        ProcessProbe probe = ran(shell("echo out").withStandardError(StandardError.INHERITED));

        assertThat(probe.happenings())
                .containsExactly("made", "out", "in lost", "out lost", "exited", "ended");
    }

    // ---- many, and what is left of them ----

    @Test
    void leavesNothingBehindOfManyPrograms() throws Exception {
        NettyReactor reactor = create();
        awaited(reactor.spawn(Program.of("true"), new ProcessProtocol() {}));
        long filesBefore = files();
        List<ProcessProbe> probes = new ArrayList<>();
        List<CompletableFuture<ProcessEnd>> ends = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            ProcessProbe probe = new ProcessProbe();
            probe.onMade(transport -> transport.write(Bytes.utf8("line\n")));
            probes.add(probe);
            ends.add(
                    reactor.spawn(shell("read x; echo $x; exit $1", "" + i % 100), probe)
                            .toCompletableFuture());
        }
        for (int i = 0; i < 200; i++) {
            assertThat(awaited(ends.get(i))).isEqualTo(new Exited(i % 100));
            assertThat(probes.get(i).out()).isEqualTo("line\n");
            assertThat(probes.get(i).broken()).isEmpty();
        }
        awaited(reactor.stop());

        assertThat(ProcessHandle.current().children().map(ProcessHandle::pid))
                .doesNotContainAnyElementsOf(
                        probes.stream().map(probe -> probe.transport().pid()).toList());
        awaitThatNoThreadIsLeft();
        assertThat(files()).isLessThanOrEqualTo(filesBefore);
    }

    /// A thread that reads a stream closes it, and tells the loop of its end, before it ends
    /// itself.
    private static void awaitThatNoThreadIsLeft() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().matches("reactor-.*-(in|out|err)")) {
                assertThat(thread.join(Duration.ofSeconds(60)))
                        .as("%s ends", thread.getName())
                        .isTrue();
            }
        }
    }

    private static long files() throws IOException {
        Path open = Path.of("/proc/self/fd");
        if (!Files.isDirectory(open)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(open)) {
            return files.count();
        }
    }

    @Test
    void leavesVirtualThreadsTheirCarriersHoweverManyProgramsAreSilent() {
        NettyReactor reactor = create();
        List<CompletableFuture<ProcessEnd>> ends = new ArrayList<>();
        List<ProcessProbe> probes = new ArrayList<>();
        for (int i = 0; i < 130; i++) {
            ProcessProbe probe = new ProcessProbe();
            probes.add(probe);
            ends.add(reactor.spawn(Program.of("cat"), probe).toCompletableFuture());
        }
        probes.forEach(probe -> awaited(probe.made()));

        assertThat(awaited(reactor.callInThread(() -> "work still runs"))).isNotEmpty();

        reactor.callFromThread(() -> probes.forEach(probe -> probe.transport().closeStdin()));
        ends.forEach(end -> assertThat(awaited(end)).isEqualTo(new Exited(0)));
        awaited(reactor.stop());
    }

    @Test
    void tellsAnExitThoughWorkThatComputesOccupiesAllCarriers() {
        NettyReactor reactor = create();
        AtomicBoolean enough = new AtomicBoolean();
        int carriers = 2 * Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < carriers; i++) {
            var _ =
                    reactor.callInThread(() -> {
                        while (!enough.get()) {
                            Thread.onSpinWait();
                        }
                        return true;
                    });
        }
        try {
            assertThat(awaited(reactor.spawn(program(Behaviour.NOTHING), new ProcessProbe())))
                    .isEqualTo(new Exited(0));
        } finally {
            enough.set(true);
        }
        awaited(reactor.stop());
    }

    @Test
    void killsAtTheShutdownDeadlineWhatDoesNotEnd() {
        NettyReactor reactor = create(Duration.ofMillis(300));
        ProcessProbe probe = new ProcessProbe();
        var end = reactor.spawn(program(Behaviour.STUBBORN), probe);
        awaited(probe.spoke());

        awaited(reactor.stop());

        assertThat(awaited(end)).isEqualTo(new Killed(9));
        assertThat(probe.happenings()).endsWith("exited", "ended");
        assertThat(probe.broken()).isEmpty();
    }

    @Test
    void killsWhatALoopThatIsGivenUpHasStarted() {
        NettyReactor reactor = create(Duration.ofMillis(1));
        ProcessProbe probe = new ProcessProbe();
        var _ = reactor.spawn(program(Behaviour.STUBBORN), probe);
        awaited(probe.spoke());
        ProcessHandle program = ProcessHandle.of(awaited(probe.made()).pid()).orElseThrow();
        CompletableFuture<Void> let = new CompletableFuture<>();
        reactor.execute(let::join);
        try {
            List<String> logged = Logged.during(() -> awaited(reactor.stop()));

            awaited(program.onExit());
            assertThat(logged)
                    .anyMatch(line ->
                            line.contains("1 programs had not ended with the loop")
                                    && line.contains("[sh (pid " + program.pid() + ")]"));
        } finally {
            let.complete(null);
        }
    }

    /// Those of the machine. The one of this end, before it works, has the loop hang.
    private record Hanging(
            NettyReactor reactor,
            String end,
            CompletableFuture<Void> hangs,
            CompletableFuture<Void> worked,
            CompletableFuture<Void> let)
            implements Threads {

        Hanging(NettyReactor reactor, String end) {
            this(
                    reactor,
                    end,
                    new CompletableFuture<>(),
                    new CompletableFuture<>(),
                    new CompletableFuture<>());
        }

        @Override
        public void start(String name, Runnable work) {
            Threads.super.start(name, name.endsWith(end) ? () -> hangAndDo(work) : work);
        }

        private void hangAndDo(Runnable work) {
            reactor.execute(() -> {
                hangs.complete(null);
                let.join();
            });
            awaited(hangs);
            work.run();
            worked.complete(null);
        }
    }

    @Test
    void saysThatItWasNotStartedByALoopThatIsGivenUpBeforeItCameToIt() {
        NettyReactor reactor = create(Duration.ofMillis(1));
        CompletableFuture<Void> let = new CompletableFuture<>();
        reactor.execute(let::join);
        try {
            CompletionStage<ProcessEnd> end =
                    reactor.spawn(program(Behaviour.NOTHING), new ProcessProbe());
            awaited(reactor.stop());

            assertThat(awaited(end))
                    .isEqualTo(
                            new NotStarted(
                                    NotStarted.Kind.STOPPED,
                                    "the reactor that was to start true is stopped"));
        } finally {
            let.complete(null);
        }
    }

    @Test
    void tellsHowItEndedThoughItsLoopIsGivenUpBeforeItHearsOfTheStart() {
        NettyReactor reactor = create(Duration.ofMillis(1));
        Hanging threads = new Hanging(reactor, "-out");
        try {
            SystemProgram started =
                    started(reactor, program(Behaviour.WAIT), new ProcessProbe(), threads);
            awaited(threads.hangs());
            awaited(reactor.stop());

            assertThat(awaited(started.result())).isEqualTo(new Killed(9));
        } finally {
            threads.let().complete(null);
        }
    }

    @Test
    void tellsHowItEndedThoughItsLoopIsGivenUpBeforeItHearsOfTheEnd() {
        NettyReactor reactor = create(Duration.ofMillis(1));
        Hanging threads = new Hanging(reactor, "-exit");
        try {
            SystemProgram started = started(reactor, shell("exit 3"), new ProcessProbe(), threads);
            awaited(threads.worked());
            awaited(reactor.stop());

            assertThat(awaited(started.result())).isEqualTo(new Exited(3));
        } finally {
            threads.let().complete(null);
        }
    }

    @Test
    void bringsTheErrorsOfOneThatOutlivesItThoughTheLoopHearsOfTheStartLate(@TempDir Path directory)
            throws Exception {
        NettyReactor reactor = create(Duration.ofSeconds(10));
        CompletableFuture<Void> let = new CompletableFuture<>();
        CompletableFuture<Void> outEnded = new CompletableFuture<>();
        Threads late =
                new Threads() {
                    @Override
                    public Process start(ProcessBuilder program) throws IOException {
                        reactor.execute(let::join);
                        return program.start();
                    }

                    @Override
                    public void start(String name, Runnable work) {
                        Threads.super.start(
                                name,
                                () -> {
                                    work.run();
                                    if (name.endsWith("-out")) {
                                        outEnded.complete(null);
                                    }
                                });
                    }
                };
        ProcessProbe probe = new ProcessProbe();
        String fifo = directory.resolve("go").toString();
        Process made = new ProcessBuilder("mkfifo", fifo).start();
        assertThat(made.waitFor()).isZero();
        SystemProgram started =
                started(
                        reactor,
                        shell("(exec >&-; read go <'" + fifo + "'; echo late >&2) &"),
                        probe,
                        late);

        try {
            awaited(outEnded);
        } finally {
            let.complete(null);
        }
        Files.writeString(Path.of(fifo), "go\n");

        assertThat(awaited(started.result())).isEqualTo(new Exited(0));
        assertThat(probe.err()).isEqualTo("late\n");
        awaited(reactor.stop());
    }

    @Test
    void failsWhatIsRunToItsEndOnALoopThatDiesBefore() {
        NettyReactor reactor = create();
        var result = reactor.runProgram(program(Behaviour.WAIT));

        RealWorld.die(reactor);

        assertThatThrownBy(() -> awaited(result))
                .rootCause()
                .isInstanceOf(ProgramFailedException.class)
                .hasMessageContaining("what it wrote is not whole");
    }

    @Test
    void doesNotWaitAtItsStopForAProgramThatKeepsTheStreamsOfAnother() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        var end = reactor.spawn(program(Behaviour.LEAVE), probe);
        ProcessTransport transport = awaited(probe.made());
        reactor.callFromThread(() -> transport.write(Bytes.utf8("go\n")));
        awaited(probe.exited());

        awaited(reactor.stop());

        assertThat(awaited(end)).isEqualTo(new Exited(5));
        assertThat(probe.happenings()).endsWith("ended");
    }

    @Test
    void abortsAProgramWhoseInputNobodyReads() {
        NettyReactor reactor = create();
        ProcessProbe probe = new ProcessProbe();
        probe.onMade(transport -> transport.write(Bytes.wrap(new byte[1 << 20])))
                .onOut(_ -> probe.transport().abortConnection());

        assertThat(awaited(reactor.spawn(program(Behaviour.WAIT), probe))).isEqualTo(new Killed(9));
        awaited(reactor.stop());
        assertThat(probe.broken()).isEmpty();
    }
}
