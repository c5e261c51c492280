package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
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
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What [Reactor#spawn] promises, with the [ProcessTransport]s and [ProcessProtocol] calls it
/// makes. An implementation inherits this class and says what its programs are.
public abstract class ProcessContract {
    private static final int MEBIBYTE = 1 << 20;
    private static final int MUCH = 50_000_000;

    /// What a program of these tests does. Each is the command of that name, in small letters.
    public enum Behaviour {
        /// Writes what it reads, and exits with code 0 at the end of its input.
        ECHO,
        /// Writes `hello` to its output and `oops` to its error, and exits with code 3.
        TALK,
        /// Exits with code 0, at once.
        NOTHING,
        /// Closes its output, reads something, and exits with code 4.
        CLOSE_OUT,
        /// Closes its input, writes `ready`, and waits for ever.
        CLOSE_IN,
        /// Writes `ready`, and waits for ever, reading nothing.
        WAIT,
        /// As `WAIT`, and does not mind SIGTERM.
        STUBBORN,
        /// Writes fifty million bytes, and exits with code 0.
        MUCH,
        /// Reads something, and exits with code 5, leaving its outputs to a program that writes
        /// `late` now and then, until nobody reads it any more.
        LEAVE;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// The reactor of one test, with close and shutdown deadlines of no more than ten seconds.
    public interface World extends ReactorContract.World {
        Program program(Behaviour behaviour);
    }

    private final List<ProcessProbe> probes = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // start() comes first
    private World world;

    @SuppressWarnings("NullAway.Init") // start() comes first
    private Reactor reactor;

    /// A new world, for one test.
    protected abstract World world();

    @BeforeEach
    void start() {
        world = world();
        reactor = world.reactor();
    }

    @AfterEach
    void stop() {
        world.await(reactor.stop());
        for (ProcessProbe probe : probes) {
            assertThat(probe.broken()).isEmpty();
        }
    }

    private ProcessProbe probe() {
        ProcessProbe probe = new ProcessProbe();
        probes.add(probe);
        return probe;
    }

    private CompletionStage<ProcessEnd> spawn(Behaviour behaviour, ProcessProtocol protocol) {
        return reactor.spawn(world.program(behaviour), protocol);
    }

    private ProcessEnd run(Behaviour behaviour, ProcessProtocol protocol) {
        return world.await(spawn(behaviour, protocol));
    }

    private void onLoop(Runnable action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
            }
        });
        world.await(done);
    }

    // ---- order ----

    @Test
    void tellsWhatAProgramWritesThenTheEndsOfItsStreamsThenItsOwn() {
        ProcessProbe probe = probe();

        assertThat(run(Behaviour.TALK, probe)).isEqualTo(new Exited(3));

        assertThat(probe.out()).isEqualTo("hello");
        assertThat(probe.err()).isEqualTo("oops");
        assertThat(probe.happenings())
                .startsWith("made")
                .endsWith("exited", "ended")
                .containsExactlyInAnyOrder(
                        "made", "out", "err", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void speaksWithAProgramUntilItsInputIsClosed() {
        ProcessProbe probe = probe();
        probe.onMade(transport -> transport.write(Bytes.utf8("hello")))
                .onOut(_ -> probe.transport().closeStdin());

        assertThat(run(Behaviour.ECHO, probe)).isEqualTo(new Exited(0));

        assertThat(probe.out()).isEqualTo("hello");
        assertThat(probe.happenings())
                .containsExactly(
                        "made", "out", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void tellsOfAProgramThatClosesItsOutputAndLivesOn() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.CLOSE_OUT, probe);
        world.await(probe.outLost());
        assertThat(probe.exited()).isNotDone();

        onLoop(() -> probe.transport().write(Bytes.utf8("go\n")));

        assertThat(world.await(end)).isEqualTo(new Exited(4));
        assertThat(probe.happenings())
                .containsExactly("made", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void tellsTheExitFirstWhenTheProgramLeavesItsStreamsToAnother() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.LEAVE, probe);
        world.await(probe.made());
        onLoop(() -> probe.transport().write(Bytes.utf8("go\n")));
        assertThat(world.await(probe.exited())).isEqualTo(new Exited(5));
        CompletableFuture<Void> late = new CompletableFuture<>();
        onLoop(() -> probe.onOut(_ -> late.complete(null)));
        world.await(late);
        assertThat(probe.happenings()).doesNotContain("out lost", "ended");

        onLoop(() -> probe.transport().loseConnection());

        assertThat(world.await(end)).isEqualTo(new Exited(5));
        assertThat(probe.happenings()).endsWith("ended").contains("out lost", "err lost");
    }

    @Test
    void completesOnTheLoopAfterTheLastCall() {
        ProcessProbe probe = probe();
        CompletableFuture<Boolean> onLoopAtTheEnd = new CompletableFuture<>();

        world.await(
                spawn(Behaviour.TALK, probe)
                        .thenAccept(_ ->
                                onLoopAtTheEnd.complete(
                                        reactor.inLoop()
                                                && probe.happenings().getLast().equals("ended"))));

        assertThat(onLoopAtTheEnd.join()).isTrue();
    }

    // ---- bytes ----

    @Test
    void carriesEveryByteUnchanged() {
        byte[] bytes = new byte[3 * MEBIBYTE];
        new Random(1).nextBytes(bytes);
        ProcessProbe probe = probe();
        probe.onMade(transport -> {
            transport.write(Bytes.wrap(bytes.clone()));
            transport.closeStdin();
        });

        assertThat(run(Behaviour.ECHO, probe)).isEqualTo(new Exited(0));

        assertThat(probe.outBytes()).isEqualTo(bytes);
    }

    @Test
    void deliversAllOfMuchBeforeItsEnd() {
        long[] count = {0};
        ProcessProtocol counting =
                new ProcessProtocol() {
                    @Override
                    public void outReceived(Bytes data) {
                        count[0] += data.size();
                    }
                };

        assertThat(run(Behaviour.MUCH, counting)).isEqualTo(new Exited(0));

        assertThat(count[0]).isEqualTo(MUCH);
    }

    @Test
    void deliversNothingWhileReadingIsPausedAndAllAfterwards() {
        long[] count = {0};
        boolean[] paused = {false};
        boolean[] deliveredInPause = {false};
        ProcessProtocol pausing =
                new ProcessProtocol() {
                    private int pauses;

                    @SuppressWarnings("NullAway.Init") // by connectionMade
                    private ProcessTransport transport;

                    @Override
                    public void connectionMade(ProcessTransport made) {
                        transport = made;
                    }

                    @Override
                    public void outReceived(Bytes data) {
                        deliveredInPause[0] |= paused[0];
                        count[0] += data.size();
                        if (pauses++ < 20) {
                            paused[0] = true;
                            transport.pauseReading();
                            transport.reactor().callLater(Duration.ofMillis(2), this::resume);
                        }
                    }

                    private void resume() {
                        paused[0] = false;
                        transport.resumeReading();
                    }
                };

        assertThat(run(Behaviour.MUCH, pausing)).isEqualTo(new Exited(0));

        assertThat(deliveredInPause[0]).isFalse();
        assertThat(count[0]).isEqualTo(MUCH);
    }

    @Test
    void tellsTheExitButNotTheEndOfTheOutputWhileReadingIsPaused() {
        ProcessProbe probe = probe();
        probe.onOut(_ -> {
            probe.transport().pauseReading();
            probe.transport().signal(Signal.KILL);
        });
        var end = spawn(Behaviour.WAIT, probe);
        assertThat(world.await(probe.exited())).isEqualTo(new Killed(9));
        assertThat(probe.happenings()).containsExactly("made", "out", "in lost", "exited");

        onLoop(() -> probe.transport().resumeReading());

        assertThat(world.await(end)).isEqualTo(new Killed(9));
        assertThat(probe.happenings()).endsWith("out lost", "err lost", "ended");
    }

    @Test
    void endsTheLoanOfBytesWithTheCall() {
        List<Bytes> kept = new ArrayList<>();
        ProcessProbe probe = probe();
        probe.onOut(kept::add);

        run(Behaviour.TALK, probe);

        onLoop(() ->
                assertThatThrownBy(() -> kept.getFirst().at(0))
                        .isInstanceOf(IllegalStateException.class));
    }

    @Test
    void mergesTheStandardErrorIntoTheOutput() {
        ProcessProbe probe = probe();

        world.await(
                reactor.spawn(
                        world.program(Behaviour.TALK).withStandardError(StandardError.MERGED),
                        probe));

        assertThat(probe.out()).isEqualTo("hellooops");
        assertThat(probe.happenings())
                .containsExactly("made", "out", "in lost", "out lost", "exited", "ended");
    }

    @Test
    void throwsTheStandardErrorAway() {
        ProcessProbe probe = probe();

        world.await(
                reactor.spawn(
                        world.program(Behaviour.TALK).withStandardError(StandardError.DISCARDED),
                        probe));

        assertThat(probe.out()).isEqualTo("hello");
        assertThat(probe.happenings()).doesNotContain("err", "err lost");
    }

    // ---- writing ----

    @Test
    void saysWhenTheBufferIsOverItsHighMarkAndWhenItIsBelowTheLowOne() {
        ProcessProbe probe = probe();
        List<Boolean> below = new ArrayList<>();
        probe.onMade(transport -> {
            below.add(transport.write(Bytes.wrap(new byte[1000])));
            below.add(transport.write(Bytes.wrap(new byte[MEBIBYTE])));
            below.add(transport.pendingBytes() > 64 << 10);
        });
        var end = spawn(Behaviour.ECHO, probe);

        world.await(probe.becameWritable());
        onLoop(() -> probe.transport().closeStdin());

        assertThat(world.await(end)).isEqualTo(new Exited(0));
        assertThat(below).containsExactly(true, false, true);
        assertThat(probe.outBytes()).hasSize(MEBIBYTE + 1000);
    }

    @Test
    void abortsAProgramThatReadsNothingAtTheHardLimit() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.WAIT, probe);
        world.await(probe.spoke());

        onLoop(() -> {
            Bytes mebibyte = Bytes.wrap(new byte[MEBIBYTE]);
            for (int i = 0; i < 70; i++) {
                probe.transport().write(mebibyte);
            }
            assertThat(probe.transport().pendingBytes()).isZero();
        });

        assertThat(world.await(end)).isEqualTo(new Killed(9));
        assertThat(probe.happenings())
                .containsExactly(
                        "made", "out", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void ignoresWhatIsWrittenToAProgramThatEnds() {
        ProcessProbe probe = probe();
        probe.onMade(transport -> transport.write(Bytes.wrap(new byte[MEBIBYTE])));

        assertThat(run(Behaviour.NOTHING, probe)).isEqualTo(new Exited(0));

        assertThat(probe.happenings()).containsSubsequence("made", "in lost", "exited", "ended");
        onLoop(() -> {
            assertThat(probe.transport().write(Bytes.utf8("too late"))).isFalse();
            assertThat(probe.transport().pendingBytes()).isZero();
        });
    }

    @Test
    void tellsThatTheInputWasClosedWhenItIsNextWrittenTo() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.CLOSE_IN, probe);
        world.await(probe.spoke());

        onLoop(() -> probe.transport().write(Bytes.utf8("too late")));

        world.await(probe.inLost());
        assertThat(probe.exited()).isNotDone();
        onLoop(() -> {
            assertThat(probe.transport().write(Bytes.utf8("too late"))).isFalse();
            assertThat(probe.transport().pendingBytes()).isZero();
            probe.transport().signal(Signal.KILL);
        });
        assertThat(world.await(end)).isEqualTo(new Killed(9));
        assertThat(probe.out()).isEqualTo("ready\n");
    }

    @Test
    void ignoresWhatIsWrittenAfterTheInputWasClosed() {
        ProcessProbe probe = probe();
        probe.onMade(transport -> {
            transport.write(Bytes.utf8("before"));
            transport.closeStdin();
            transport.closeStdin();
            assertThat(transport.write(Bytes.utf8("after"))).isFalse();
        });

        run(Behaviour.ECHO, probe);

        assertThat(probe.out()).isEqualTo("before");
    }

    // ---- ends ----

    @Test
    void sendsSignals() {
        for (Signal signal : List.of(Signal.TERM, Signal.KILL, Signal.USR1, Signal.USR2)) {
            ProcessProbe probe = probe();
            probe.onOut(_ -> probe.transport().signal(signal));

            assertThat(run(Behaviour.WAIT, probe)).isEqualTo(new Killed(signal.number()));
        }
    }

    @Test
    void killsAProgramThatDoesNotEndWhenAskedTo() {
        ProcessProbe probe = probe();
        probe.onOut(_ -> probe.transport().terminate(Duration.ofMillis(300)));

        assertThat(run(Behaviour.STUBBORN, probe)).isEqualTo(new Killed(9));
    }

    @Test
    void closesTheStreamsAndWaitsForTheProgramToEnd() {
        ProcessProbe probe = probe();
        probe.onOut(_ -> {
            probe.transport().loseConnection();
            probe.transport().loseConnection();
        });
        probe.onMade(transport -> transport.write(Bytes.utf8("hello")));

        // It reads the end of its input, unless it notices first that nobody reads its output.
        assertThat(run(Behaviour.ECHO, probe)).isIn(new Exited(0), new Killed(13));

        assertThat(probe.happenings())
                .containsExactly(
                        "made", "out", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void abortsAtOnce() {
        ProcessProbe probe = probe();
        probe.onOut(_ -> {
            probe.transport().abortConnection();
            probe.transport().abortConnection();
        });

        assertThat(run(Behaviour.STUBBORN, probe)).isEqualTo(new Killed(9));
    }

    @Test
    void abortsAProgramWhoseProtocolThrows() {
        ProcessProbe probe = probe();
        probe.onOut(_ -> {
            throw new IllegalStateException("not today");
        });

        assertThat(run(Behaviour.STUBBORN, probe)).isEqualTo(new Killed(9));
    }

    @Test
    void endsAllTheSameWhenProcessExitedThrows() {
        ProcessProbe probe = probe();
        probe.onExited(() -> {
            throw new IllegalStateException("not today");
        });

        assertThat(run(Behaviour.TALK, probe)).isEqualTo(new Exited(3));
        assertThat(probe.happenings()).endsWith("ended");
    }

    @Test
    void abortsAProgramWhoseStageIsCancelled() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.STUBBORN, probe);
        world.await(probe.spoke());

        assertThat(end.toCompletableFuture().cancel(false)).isTrue();

        assertThat(world.await(probe.exited())).isEqualTo(new Killed(9));
    }

    @Test
    void startsNothingThatIsCancelledInTheTurnThatAskedForIt() {
        ProcessProbe probe = probe();

        onLoop(() -> spawn(Behaviour.NOTHING, probe).toCompletableFuture().cancel(false));
        world.await(reactor.stop());

        assertThat(probe.happenings()).isEmpty();
    }

    @Test
    void saysThatThereIsNoSuchProgram() {
        ProcessProbe probe = probe();

        ProcessEnd end = world.await(reactor.spawn(Program.of("no-such-program"), probe));

        assertThat(end)
                .isInstanceOfSatisfying(
                        NotStarted.class,
                        why -> {
                            assertThat(why.kind()).isEqualTo(NotStarted.Kind.NOT_FOUND);
                            assertThat(why.why()).contains("no-such-program");
                        });
        assertThat(probe.happenings()).containsExactly("ended");
    }

    @Test
    void saysThatArgumentsAreGivenOneByOne() {
        ProcessEnd end = world.await(reactor.spawn(Program.of("no-such-program -x"), probe()));

        assertThat(end.toString())
                .endsWith(
                        "; no shell takes a command line apart: give its arguments one by one, as"
                                + " in Program.of(\"no-such-program\", …)");
    }

    @Test
    void endsItsProgramsWhenTheReactorIsStopped() {
        ProcessProbe probe = probe();
        var end = spawn(Behaviour.WAIT, probe);
        world.await(probe.spoke());

        world.await(reactor.stop());

        assertThat(world.await(end)).isEqualTo(new Killed(15));
        assertThat(probe.happenings()).endsWith("ended");
    }

    @Test
    void asksAStreamProtocolToCloseWhenTheReactorIsStopped() {
        Probe stream = new Probe();
        stream.onMade(transport -> transport.write(Bytes.utf8("hello")));
        var end = spawn(Behaviour.ECHO, ProcessProtocol.of(stream));
        world.await(stream.received(5));

        world.await(reactor.stop());

        assertThat(world.await(end)).isEqualTo(new Exited(0));
        assertThat(stream.happenings()).endsWith("lost: closed cleanly");
    }

    @Test
    void startsNothingOnceTheReactorIsStopped() {
        world.await(reactor.stop());

        assertThat(world.await(spawn(Behaviour.NOTHING, new ProcessProbe())))
                .isInstanceOfSatisfying(
                        NotStarted.class,
                        why -> assertThat(why.kind()).isEqualTo(NotStarted.Kind.STOPPED));
    }

    @Test
    void belongsToTheLoop() {
        ProcessProbe probe = probe();
        spawn(Behaviour.WAIT, probe);
        ProcessTransport transport = world.await(probe.made());

        OffTheLoop.refused("ProcessTransport.write", () -> transport.write(Bytes.utf8("x")));
        OffTheLoop.refused("ProcessTransport.pendingBytes", transport::pendingBytes);
        OffTheLoop.refused("ProcessTransport.closeStdin", transport::closeStdin);
        OffTheLoop.refused("ProcessTransport.pauseReading", transport::pauseReading);
        OffTheLoop.refused("ProcessTransport.resumeReading", transport::resumeReading);
        OffTheLoop.refused("ProcessTransport.signal", () -> transport.signal(Signal.TERM));
        OffTheLoop.refused(
                "ProcessTransport.terminate", () -> transport.terminate(Duration.ofSeconds(1)));
        OffTheLoop.refused("ProcessTransport.loseConnection", transport::loseConnection);
        OffTheLoop.refused("ProcessTransport.abortConnection", transport::abortConnection);
        assertThat(world.await(reactor.callInThread(transport::pid))).isPositive();
        assertThat(probe.happenings()).doesNotContain("in lost", "exited");
    }

    @Test
    void belongsToTheLoopAsAStreamToo() {
        Probe stream = new Probe();
        spawn(Behaviour.ECHO, ProcessProtocol.of(stream));
        OffTheLoop.refuses(world.await(stream.made()));
        onLoop(() -> stream.transport().write(Bytes.utf8("hello")));

        assertThat(world.await(stream.received(1))).startsWith("h");
    }

    // ---- run to its end ----

    @Test
    void keepsWhatAProgramWritesThatIsRunToItsEnd() {
        Program talk = world.program(Behaviour.TALK);

        ProgramResult result = world.await(reactor.runProgram(talk));

        assertThat(result.program()).isEqualTo(talk);
        assertThat(result.end()).isEqualTo(new Exited(3));
        assertThat(result.out().utf8()).isEqualTo("hello");
        assertThat(result.err().utf8()).isEqualTo("oops");
    }

    @Test
    void givesTheWholeInputToAProgramThatIsRunToItsEnd() {
        byte[] bytes = new byte[3 * MEBIBYTE];
        new Random(1).nextBytes(bytes);

        ProgramResult result =
                world.await(
                        reactor.runProgram(
                                world.program(Behaviour.ECHO),
                                Bytes.wrap(bytes.clone()),
                                bytes.length));

        assertThat(result.end()).isEqualTo(new Exited(0));
        assertThat(result.out().toArray()).isEqualTo(bytes);
    }

    @Test
    void needsNoProgramToReadTheInputThatItIsGiven() {
        Bytes moreThanMayWait = Bytes.wrap(new byte[70 * MEBIBYTE]);

        ProgramResult result =
                world.await(
                        reactor.runProgram(world.program(Behaviour.TALK), moreThanMayWait, 100));

        assertThat(result.end()).isEqualTo(new Exited(3));
        assertThat(result.out().utf8()).isEqualTo("hello");
    }

    @Test
    void keepsAsMuchAsItMayOfOutputAndErrorTogether() {
        Program talk = world.program(Behaviour.TALK);

        assertThat(world.await(reactor.runProgram(talk, Bytes.empty(), 9)).end())
                .isEqualTo(new Exited(3));
        assertThatThrownBy(() -> world.await(reactor.runProgram(talk, Bytes.empty(), 8)))
                .hasRootCauseInstanceOf(ProgramFailedException.class);
    }

    @Test
    void killsAProgramThatWritesMoreThanMayBeKept() {
        Program much = world.program(Behaviour.MUCH);

        assertThatThrownBy(() -> world.await(reactor.runProgram(much)))
                .rootCause()
                .isInstanceOf(ProgramFailedException.class)
                .hasMessage(
                        much
                                + " wrote more than the 1048576 bytes that were to be kept of it,"
                                + " and was killed: allow more, or take what it writes as it comes,"
                                + " by Reactor.spawn");
    }

    @Test
    void saysOfAProgramThatCannotBeRunWhyInItsResult() {
        ProgramResult result = world.await(reactor.runProgram(Program.of("no-such-program")));

        assertThat(result.end())
                .isInstanceOfSatisfying(
                        NotStarted.class,
                        why -> assertThat(why.kind()).isEqualTo(NotStarted.Kind.NOT_FOUND));
        assertThat(result.out().isEmpty()).isTrue();
        assertThat(result.err().isEmpty()).isTrue();
    }

    // ---- as a stream ----

    @Test
    void carriesAnyStreamProtocol() {
        Probe stream = new Probe();
        stream.onMade(transport -> transport.write(Bytes.utf8("hello")))
                .onData(_ -> stream.transport().loseConnection());

        run(Behaviour.ECHO, ProcessProtocol.of(stream));

        assertThat(stream.happenings()).containsExactly("made", "hello", "lost: closed cleanly");
        assertThat(stream.broken()).isEmpty();
    }

    @Test
    void hasNeitherSocketOptionsNorAPeersCredentialsAsAStream() {
        Probe stream = new Probe();
        spawn(Behaviour.ECHO, ProcessProtocol.of(stream));
        Transport transport = world.await(stream.made());
        onLoop(() -> {
            transport.setSocketOptions(SocketOptions.DEFAULT);
            assertThat(transport.socketOptions()).isNull();
            assertThat(transport.peerCredentials()).isNull();
            transport.write(Bytes.utf8("hello"));
        });

        assertThat(world.await(stream.received(5))).isEqualTo("hello");
    }

    @Test
    void closesAStreamHalfAndThenWhole() {
        List<String> told = new ArrayList<>();
        HalfCloseable stream =
                new HalfCloseable() {
                    @SuppressWarnings("NullAway.Init") // by connectionMade
                    private Transport transport;

                    @Override
                    public void connectionMade(Transport made) {
                        transport = made;
                        made.write(Bytes.utf8("hello"));
                        made.loseWriteConnection();
                    }

                    @Override
                    public void dataReceived(Bytes data) {
                        told.add(data.utf8());
                    }

                    @Override
                    public void readConnectionLost() {
                        told.add("read lost");
                        transport.loseConnection();
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        told.add(reason.toString());
                    }
                };

        run(Behaviour.ECHO, ProcessProtocol.of(stream));

        assertThat(told).containsExactly("hello", "read lost", "closed cleanly");
    }

    @Test
    void tellsAStreamHowItsProgramFailed() {
        Probe stream = new Probe();

        run(Behaviour.TALK, ProcessProtocol.of(stream));

        assertThat(stream.lost().join())
                .isInstanceOfSatisfying(
                        CloseReason.Lost.class,
                        lost ->
                                assertThat(lost.cause())
                                        .isInstanceOf(IOException.class)
                                        .hasMessage("exited with code 3"));
    }

    @Test
    void failsAStreamWhoseProtocolThrows() {
        Probe stream = new Probe();
        RuntimeException thrown = new IllegalStateException("not today");
        stream.onData(_ -> {
            throw thrown;
        });

        run(Behaviour.STUBBORN, ProcessProtocol.of(stream));

        assertThat(stream.lost().join()).isEqualTo(new CloseReason.Failed(thrown));
    }

    @Test
    @SuppressWarnings("NullAway") // what callers without it do
    void failsAStreamForNoMissingReason() {
        Probe stream = new Probe();
        stream.onMade(made -> {
            assertThatThrownBy(() -> made.failConnection(null)).hasMessage("cause");
            made.loseConnection();
        });

        run(Behaviour.ECHO, ProcessProtocol.of(stream));

        assertThat(stream.lost().join()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void failsAStreamWhoseProtocolSaysSoLater() {
        Probe stream = new Probe();
        RuntimeException thrown = new IllegalStateException("not today");
        stream.onMade(made -> made.reactor().callFromThread(() -> made.failConnection(thrown)));

        run(Behaviour.STUBBORN, ProcessProtocol.of(stream));

        assertThat(stream.lost().join()).isEqualTo(new CloseReason.Failed(thrown));
    }
}
