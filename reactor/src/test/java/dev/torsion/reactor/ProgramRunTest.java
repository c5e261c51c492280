package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.ScriptedProgram;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Beside what `ProcessContract` says of every reactor.
final class ProgramRunTest {
    private static final Program STUBBORN = Program.of("stubborn", "secret");

    private final ManualReactor reactor = new ManualReactor();
    private int started;

    ProgramRunTest() {
        reactor.programs(_ -> new Stubborn());
    }

    /// Ends only when it is killed.
    private final class Stubborn extends ScriptedProgram {
        @Override
        protected void started() {
            started++;
        }

        @Override
        protected void signalled(Signal signal) {
            // It does not mind.
        }
    }

    private boolean stopsAtOnce() {
        var stopped = reactor.stop().toCompletableFuture();
        reactor.runUntilIdle();
        return stopped.isDone();
    }

    @Test
    void killsTheProgramWhenItIsCancelled() {
        var result = reactor.runProgram(STUBBORN).toCompletableFuture();
        reactor.runUntilIdle();

        result.cancel(false);
        reactor.runUntilIdle();

        assertThat(started).isEqualTo(1);
        assertThat(stopsAtOnce()).isTrue();
    }

    @Test
    void killsTheProgramWhenItsTimeIsOver() {
        CompletableFuture<ProgramResult> result =
                reactor.runProgram(STUBBORN).toCompletableFuture().orTimeout(1, TimeUnit.MINUTES);
        reactor.advance(Duration.ofSeconds(59));
        assertThat(result).isNotDone();

        reactor.advance(Duration.ofSeconds(1));

        assertThat(result).isCompletedExceptionally();
        assertThat(result.exceptionNow()).isInstanceOf(TimeoutException.class);
        assertThat(stopsAtOnce()).isTrue();
    }

    /// As for want of memory.
    @Test
    void failsWhenWhatTheProgramWroteIsNotWhole() {
        AtomicReference<ProcessLife> life = new AtomicReference<>();
        InvocationHandler watching =
                (_, _, asked) -> {
                    ProcessProtocol run = (ProcessProtocol) asked[1];
                    return reactor.spawn(
                            STUBBORN,
                            new ProcessProtocol() {
                                @Override
                                public void connectionMade(ProcessTransport made) {
                                    life.set((ProcessLife) made);
                                    run.connectionMade(made);
                                }

                                @Override
                                public void processEnded(ProcessEnd end) {
                                    run.processEnded(end);
                                }
                            });
                };
        Reactor watched =
                (Reactor)
                        Proxy.newProxyInstance(
                                Reactor.class.getClassLoader(),
                                new Class<?>[] {Reactor.class},
                                watching);
        var result = ProgramRun.start(watched, STUBBORN, Bytes.empty(), 1).toCompletableFuture();
        reactor.runUntilIdle();

        life.get().abort(new CloseReason.Failed(new OutOfMemoryError("by the test")));
        reactor.runUntilIdle();

        assertThatThrownBy(result::join)
                .rootCause()
                .isInstanceOf(ProgramFailedException.class)
                .hasMessage(
                        "stubborn was killed, what it was given or wrote is not whole: by the test");
    }

    @Test
    void failsWhenTheReactorStopsBeforeTheOutputsOfAProgramThatHasExitedEnd() {
        reactor.programs(_ ->
                new ScriptedProgram() {
                    @Override
                    protected void started() {
                        writeOut(Bytes.utf8("part"));
                        exitLeavingOutputs(0);
                    }
                });
        var result = reactor.runProgram(STUBBORN).toCompletableFuture();
        reactor.advance(Duration.ofSeconds(1));
        assertThat(result).isNotDone();

        assertThat(stopsAtOnce()).isTrue();

        assertThatThrownBy(result::join)
                .rootCause()
                .isInstanceOf(ProgramFailedException.class)
                .hasMessage(
                        "stubborn exited with code 0, and what it wrote is not whole: the reactor"
                                + " was stopped before its outputs had ended");
    }

    @Test
    void failsWhenItsOutputsAreClosedAtTheShutdownDeadline() {
        reactor.programs(_ -> new Stubborn());
        var result = reactor.runProgram(STUBBORN).toCompletableFuture();
        reactor.runUntilIdle();
        var stopped = reactor.stop().toCompletableFuture();

        reactor.advance(Duration.ofHours(1));

        assertThat(stopped).isDone();
        assertThatThrownBy(result::join)
                .rootCause()
                .isInstanceOf(ProgramFailedException.class)
                .hasMessageContaining("killed by signal 9 (KILL), and what it wrote is not whole");
    }

    @Test
    void startsNothingThatIsCancelledInTheTurnThatAskedForIt() {
        reactor.runProgram(STUBBORN).toCompletableFuture().cancel(false);
        reactor.runUntilIdle();

        assertThat(started).isZero();
    }

    @Test
    void refusesABoundOfLessThanNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reactor.runProgram(STUBBORN, Bytes.empty(), -1))
                .withMessageContaining("not -1");
    }

    private static ProgramResult result(ProcessEnd end, String err) {
        return new ProgramResult(STUBBORN, end, Bytes.utf8("out"), Bytes.utf8(err));
    }

    @Test
    void throwsOnlyIfTheProgramDidNotExitWithZero() {
        ProgramResult success = result(new ProcessEnd.Exited(0), "a warning\n");

        assertThat(success.orThrow()).isSameAs(success);
        assertThatThrownBy(() -> result(new ProcessEnd.Killed(9), "").orThrow())
                .isInstanceOf(ProgramFailedException.class)
                .hasMessage("stubborn killed by signal 9 (KILL)");
    }

    @Test
    void saysTheEndOfTheErrorInOneLineWithABound() {
        assertThatThrownBy(() ->
                        result(new ProcessEnd.Exited(1), "a warning\nno such \033[31mfile\n")
                                .orThrow())
                .hasMessage("stubborn exited with code 1: a warning / no such \\u001b[31mfile");
        assertThatThrownBy(() -> result(new ProcessEnd.Exited(1), "x".repeat(1000) + "y").orThrow())
                .hasMessage("stubborn exited with code 1: …" + "x".repeat(199) + "y");
    }

    @Test
    void saysTheEndOfTheOutputOfWhatWritesItsErrorsThere() {
        Program merged = STUBBORN.withStandardError(Program.StandardError.MERGED);
        ProgramResult result =
                new ProgramResult(
                        merged, new ProcessEnd.Exited(2), Bytes.utf8("no\n"), Bytes.empty());

        assertThatThrownBy(result::orThrow).hasMessage("stubborn exited with code 2: no");
    }

    @Test
    void showsNeitherArgumentsNorWhatWasWritten() {
        assertThat(result(new ProcessEnd.Exited(0), "oops"))
                .hasToString("stubborn exited with code 0 (3 bytes of output, 4 of error)");
    }
}
