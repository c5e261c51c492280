package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.Probe;
import dev.torsion.reactor.testing.ProcessProbe;
import dev.torsion.reactor.testing.ScriptedProgram;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What takes its time.
final class ProcessLifeTest {
    private final ManualReactor reactor = new ManualReactor();
    private final ProcessProbe probe = new ProcessProbe();

    @AfterEach
    void keptItsPromises() {
        assertThat(probe.broken()).isEmpty();
        assertThat(reactor.failures()).isEmpty();
    }

    private CompletableFuture<ProcessEnd> spawn(ScriptedProgram program) {
        reactor.programs(_ -> program);
        CompletableFuture<ProcessEnd> end =
                reactor.spawn(Program.of("scripted"), probe).toCompletableFuture();
        reactor.runUntilIdle();
        return end;
    }

    @Test
    void hasNothingPendingOnceItIsAborted() {
        RunningProgram running =
                (RunningProgram)
                        Proxy.newProxyInstance(
                                RunningProgram.class.getClassLoader(),
                                new Class<?>[] {RunningProgram.class},
                                (_, method, _) -> method.getName().equals("pid") ? 1L : null);
        ProcessLife life =
                new ProcessLife(
                        reactor,
                        new LoopMeter(Duration.ofSeconds(1), reactor::nanoTime),
                        Program.of("scripted"),
                        probe,
                        running,
                        new ProcessLife.Limits(WriteMarks.DEFAULT, Duration.ofSeconds(1)));
        List<Long> pending = new ArrayList<>();

        reactor.callFromThread(() -> {
            life.write(Bytes.utf8("question"));
            pending.add(life.pendingBytes());
            life.abortConnection();
            life.sent(8); // before its end was told
            pending.add(life.pendingBytes());
        });
        reactor.runUntilIdle();

        assertThat(pending).containsExactly(8L, 0L);
    }

    @Test
    void logsWhatTheProgramOfAStreamSaysInOneLineThatHasABound() {
        List<String> logged =
                Logged.during(() ->
                        spawn(
                                new ScriptedProgram() {
                                    @Override
                                    protected void started() {
                                        writeErr(
                                                Bytes.utf8(
                                                        "oops\n\u001b[2J\u202e[main] all is well\n"));
                                        writeErr(Bytes.utf8("x".repeat(10_000)));
                                    }
                                },
                                new Probe()));

        assertThat(logged).hasSize(2);
        assertThat(logged.getFirst())
                .endsWith("standard error: oops\\u000a\\u001b[2J\\u202e[main] all is well");
        assertThat(logged.getLast()).endsWith("x".repeat(4096) + "… (10000 bytes)");
    }

    /// Minds neither the end of its streams nor to be asked.
    private static final class Daemon extends ScriptedProgram {
        @Override
        protected void signalled(Signal signal) {}
    }

    @Test
    void endsAProgramThatLivesOnWithoutItsStreams() {
        CompletableFuture<ProcessEnd> end = spawn(new Daemon());

        reactor.callFromThread(() -> probe.transport().loseConnection());
        reactor.advance(Duration.ofSeconds(19));
        assertThat(probe.happenings()).containsExactly("made", "in lost", "out lost", "err lost");

        reactor.advance(Duration.ofSeconds(1));
        assertThat(end).isCompletedWithValue(new ProcessEnd.Killed(9));
    }

    @Test
    void killsAtTheShutdownDeadlineWhatDoesNotEnd() {
        CompletableFuture<ProcessEnd> end = spawn(new Daemon());

        CompletableFuture<Void> stopped = reactor.stop().toCompletableFuture();
        reactor.advance(Duration.ofSeconds(9));
        assertThat(end).isNotDone();
        assertThat(stopped).isNotDone();

        reactor.advance(Duration.ofSeconds(1));
        assertThat(end).isCompletedWithValue(new ProcessEnd.Killed(9));
        assertThat(stopped).isDone();
    }

    /// Its protocol sees it as a stream.
    private void spawn(ScriptedProgram program, Protocol stream) {
        reactor.programs(_ -> program);
        var _ = reactor.spawn(Program.of("scripted"), ProcessProtocol.of(stream));
        reactor.runUntilIdle();
    }

    @Test
    void failsAStreamThatWritesPastTheHardLimit() {
        Probe stream = new Probe();
        int hard = WriteMarks.DEFAULT.hard();
        stream.onMade(made -> {
            assertThat(made.write(Bytes.wrap(new byte[hard + 1]))).isFalse();
            made.abortConnection();
        });

        spawn(new Daemon(), stream);

        assertThat(stream.lost().join())
                .isInstanceOfSatisfying(
                        CloseReason.Failed.class,
                        why ->
                                assertThat(why.cause())
                                        .hasMessageContaining("hard limit of " + hard + " bytes"));
    }

    @Test
    void abortsAStreamAtTheShutdownDeadline() {
        Probe stream = new Probe().onCloseAsked(_ -> {});
        spawn(new Daemon(), stream);

        var _ = reactor.stop();
        reactor.advance(Duration.ofSeconds(10));

        assertThat(stream.lost().join())
                .isEqualTo(new CloseReason.Aborted("the reactor stopped before the program ended"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsAStreamWhoseTwoHalvesHaveEnded(boolean writingFirst) {
        List<CloseReason> lost = new ArrayList<>();
        HalfCloseable stream =
                new HalfCloseable() {
                    private @Nullable Transport transport;

                    @Override
                    public void connectionMade(Transport made) {
                        transport = made;
                        if (writingFirst) {
                            made.loseWriteConnection();
                        }
                    }

                    @Override
                    public void readConnectionLost() {
                        if (!writingFirst) {
                            requireNonNull(transport).loseWriteConnection();
                        }
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        lost.add(reason);
                    }
                };
        spawn(
                new ScriptedProgram() {
                    @Override
                    protected void started() {
                        reactor().callLater(Duration.ofSeconds(1), this::closeOutputs);
                    }

                    private void closeOutputs() {
                        closeOut();
                        closeErr();
                    }

                    @Override
                    protected void inputEnded() {}

                    @Override
                    protected void signalled(Signal signal) {}
                },
                stream);

        reactor.advance(Duration.ofSeconds(21));

        assertThat(lost).hasSize(1);
    }

    @Test
    void keepsAnExitBackForTheEndsOfTheOutputs() {
        var _ =
                spawn(
                        new ScriptedProgram() {
                            @Override
                            protected void started() {
                                exitLeavingOutputs(0);
                                reactor().callLater(Duration.ofMillis(50), this::closeOutputs);
                            }

                            private void closeOutputs() {
                                closeOut();
                                closeErr();
                            }
                        });

        reactor.advance(Duration.ofMillis(50));

        assertThat(probe.happenings())
                .containsExactly("made", "in lost", "out lost", "err lost", "exited", "ended");
    }

    @Test
    void tellsTheExitOfAProgramWhoseOutputIsNotReadNow() {
        CompletableFuture<ProcessEnd> end =
                spawn(
                        new ScriptedProgram() {
                            @Override
                            protected void inputEnded() {
                                writeOut(Bytes.utf8("last words"));
                                exit(0);
                            }
                        });
        reactor.callFromThread(() -> {
            probe.transport().pauseReading();
            probe.transport().closeStdin();
        });
        reactor.advance(Duration.ofSeconds(1));
        assertThat(probe.exited()).isCompletedWithValue(new ProcessEnd.Exited(0));
        assertThat(end).isNotDone();

        reactor.callFromThread(() -> probe.transport().resumeReading());
        reactor.runUntilIdle();

        assertThat(end).isCompletedWithValue(new ProcessEnd.Exited(0));
        assertThat(probe.out()).isEqualTo("last words");
    }

    @Test
    void toleratesAProgramThatClosesItsInputAndLivesOn() {
        CompletableFuture<ProcessEnd> end =
                spawn(
                        new ScriptedProgram() {
                            @Override
                            protected void started() {
                                closeInput();
                                reactor().callLater(Duration.ofSeconds(1), () -> exit(7));
                            }
                        });
        assertThat(probe.happenings()).containsExactly("made", "in lost");
        reactor.callFromThread(
                () -> assertThat(probe.transport().write(Bytes.utf8("x"))).isFalse());

        reactor.advance(Duration.ofSeconds(1));

        assertThat(end).isCompletedWithValue(new ProcessEnd.Exited(7));
    }
}
