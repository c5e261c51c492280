package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import dev.torsion.reactor.testing.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// What may happen to a client in each of its states.
final class ClientServiceStatesTest {
    private static final Address SERVER = Address.of("127.0.0.1", 4222);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofMinutes(10);

    private final ManualReactor reactor = new ManualReactor();
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<Integer> failures = new ArrayList<>();
    private CompletableFuture<Void> preparation = new CompletableFuture<>();

    // What else they do when they are called.
    private Runnable whenConnecting = () -> {};
    private Runnable whenPreparing = () -> {};
    private Runnable whenDelayed = () -> {};

    private final ClientService client =
            new ClientService(
                    reactor,
                    (factory, _) -> {
                        Attempt attempt = new Attempt(factory);
                        attempts.add(attempt);
                        whenConnecting.run();
                        return attempt.outcome;
                    },
                    _ -> new Probe(),
                    ClientOptions.DEFAULT
                            .withDelay((failed, _) -> {
                                failures.add(failed);
                                whenDelayed.run();
                                return SECOND;
                            })
                            .withPreparation(
                                    _ -> {
                                        whenPreparing.run();
                                        return preparation;
                                    },
                                    Duration.ofSeconds(5)));

    /// An attempt of which the test says what it comes to, even when it was given up.
    private final class Attempt {
        private final Outcome outcome = new Outcome();
        private final ProtocolFactory factory;
        private @Nullable Protocol protocol;
        private @Nullable MemoryTransport transport;

        Attempt(ProtocolFactory factory) {
            this.factory = factory;
        }

        MemoryTransport made() {
            Protocol built = requireNonNull(factory.buildProtocol(SERVER));
            MemoryTransport connection = MemoryTransport.connect(reactor, built);
            protocol = built;
            transport = connection;
            return connection;
        }

        void succeeded() {
            if (transport == null) {
                made();
            }
            outcome.complete(protocol);
        }

        void lost() {
            requireNonNull(transport).peerReset();
            reactor.runUntilIdle();
        }

        /// Nobody waits for it, and it has left no connection open.
        boolean isOver() {
            return transport == null ? outcome.isDone() || outcome.givenUp : transport.isClosing();
        }

        void failed() {
            outcome.completeExceptionally(new IllegalStateException("as asked"));
        }
    }

    private static final class Outcome extends CompletableFuture<Protocol> {
        private boolean givenUp;

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            givenUp = true;
            return false;
        }
    }

    enum At {
        NEW,
        CONNECTING,
        MADE,
        PREPARING,
        CONNECTED,
        FAILED,
        WAITING,
        STOPPING,
        STOPPING_TO_START_AGAIN,
        STOPPED
    }

    private void reach(At state) {
        switch (state) {
            case NEW -> {}
            case CONNECTING -> client.start();
            case MADE -> {
                reach(At.CONNECTING);
                last().made();
            }
            case PREPARING -> {
                reach(At.MADE);
                last().succeeded();
            }
            case CONNECTED -> {
                reach(At.PREPARING);
                preparation.complete(null);
            }
            case FAILED -> {
                reach(At.PREPARING);
                preparation.completeExceptionally(new IllegalStateException("as asked"));
            }
            case WAITING -> {
                reach(At.CONNECTING);
                last().failed();
            }
            case STOPPING -> {
                reach(At.CONNECTED);
                client.stop();
            }
            case STOPPING_TO_START_AGAIN -> {
                reach(At.STOPPING);
                client.start();
            }
            case STOPPED -> {
                reach(At.WAITING);
                client.stop();
            }
        }
    }

    private Attempt last() {
        return attempts.getLast();
    }

    /// What can be made of the state it is in.
    private void connect() {
        CompletableFuture<Void> going = preparation;
        preparation = CompletableFuture.completedFuture(null);
        going.complete(null);
        reactor.advance(SECOND);
        last().succeeded();
    }

    private CompletableFuture<Protocol> connected(int failAfterFailures) {
        return client.whenConnected(failAfterFailures).toCompletableFuture();
    }

    private void assertComesBackNoMore() {
        int tried = attempts.size();
        reactor.advance(LONG);
        assertThat(attempts).hasSize(tried).allMatch(Attempt::isOver);
        assertThat(reactor.pendingTimers()).isZero();
    }

    // ---- start ----

    @ParameterizedTest
    @EnumSource(names = {"NEW", "STOPPING", "STOPPED"})
    void connectsOnceWhenItIsStarted(At state) {
        reach(state);
        int before = attempts.size();
        assertThat(client.start()).isCompleted();
        reactor.runUntilIdle();
        assertThat(attempts).hasSize(before + 1);
        connect();
        assertThat(connected(0)).isCompleted();
        assertThat(attempts).hasSize(before + 1);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"NEW", "STOPPING", "STOPPED"},
            mode = Mode.EXCLUDE)
    void cannotBeStartedTwice(At state) {
        reach(state);
        int before = attempts.size();
        assertThatThrownBy(client.start().toCompletableFuture()::join)
                .hasMessageContaining("started already");
        assertThat(attempts).hasSize(before);
    }

    // ---- stop ----

    @ParameterizedTest
    @EnumSource
    void isOverWhenItIsStopped(At state) {
        reach(state);
        CompletableFuture<Protocol> asked = connected(0);
        List<CompletionStage<Void>> stops = List.of(client.stop(), client.stop());
        reactor.runUntilIdle();
        assertThat(stops).allMatch(it -> it.toCompletableFuture().isDone());
        assertThat(asked).isDone();
        assertThatThrownBy(connected(0)::join).isInstanceOf(CancellationException.class);
        assertComesBackNoMore();
    }

    @ParameterizedTest
    @EnumSource
    void connectsOnceWhenItIsStoppedAndStartedAgain(At state) {
        reach(state);
        int before = attempts.size();
        client.stop();
        assertThat(client.start()).isCompleted();
        reactor.runUntilIdle();
        assertThat(attempts).hasSize(before + 1);
        reactor.advance(LONG);
        assertThat(attempts).hasSize(before + 1);
    }

    @Test
    void givesUpAnAttemptInWhichItIsStopped() {
        whenConnecting = client::stop;
        reach(At.CONNECTING);
        assertComesBackNoMore();
        assertThatThrownBy(connected(0)::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancelsAPreparationInWhichItIsStopped() {
        whenPreparing = client::stop;
        reach(At.PREPARING);
        assertThat(preparation).isCancelled();
        assertComesBackNoMore();
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECTED", "FAILED", "WAITING"})
    void doesNotComeBackWhenTheChoiceOfADelayStopsIt(At state) {
        List<CompletionStage<Void>> stops = new ArrayList<>();
        whenDelayed = () -> stops.add(client.stop());
        reach(state);
        if (state != At.WAITING) {
            last().lost();
        }
        assertThat(failures).hasSize(1);
        assertThat(stops).allMatch(it -> it.toCompletableFuture().isDone());
        assertComesBackNoMore();
    }

    @Test
    void doesNotComeBackWhenItIsStoppedByWhoHearsOfAFailure() {
        var _ = connected(1).whenComplete((_, _) -> client.stop());
        reach(At.WAITING);
        assertComesBackNoMore();
    }

    // ---- whenConnected ----

    @ParameterizedTest
    @EnumSource(
            names = {"CONNECTED", "STOPPING", "STOPPED"},
            mode = Mode.EXCLUDE)
    void letsWaitForAConnectionThatIsPrepared(At state) {
        reach(state);
        CompletableFuture<Protocol> waiting = connected(0);
        assertThat(waiting).isNotDone();
        if (state == At.NEW) {
            client.start();
        }
        connect();
        assertThat(waiting).isCompleted();
        assertThat(connected(0)).isCompletedWithValue(waiting.join());
    }

    @ParameterizedTest
    @EnumSource(names = {"STOPPING", "STOPPED"})
    void letsNobodyWaitWhenItIsStopped(At state) {
        reach(state);
        assertThatThrownBy(connected(0)::join).isInstanceOf(CancellationException.class);
    }

    // ---- what comes late of an attempt that was given up ----

    @Test
    void abortsAConnectionThatIsMadeAfterItsStop() {
        reach(At.CONNECTING);
        client.stop();
        assertThat(last().outcome.givenUp).isTrue();
        last().succeeded();
        reactor.runUntilIdle();
        assertThat(requireNonNull(last().transport).isAborted()).isTrue();
        assertComesBackNoMore();
    }

    @Test
    void isNotDisturbedByAnAttemptBeforeItsStop() {
        reach(At.CONNECTING);
        client.stop();
        client.start();
        Attempt before = attempts.getFirst();
        MemoryTransport late = before.made();
        before.failed();
        reactor.runUntilIdle();
        assertThat(late.isAborted()).isTrue();
        assertThat(failures).isEmpty();

        CompletableFuture<Protocol> waiting = connected(0);
        connect();
        assertThat(waiting).isCompleted();
        assertThat(requireNonNull(last().transport).isClosing()).isFalse();
        assertThat(attempts).hasSize(2);
    }

    // ---- loss and failure ----

    @Test
    void countsAnAttemptThatFailsWhenItsConnectionIsMadeOnce() {
        CompletableFuture<Protocol> waiting = connected(1);
        reach(At.MADE);
        last().failed();
        assertThat(waiting).isNotDone();
        last().lost();
        assertThatThrownBy(waiting::join).hasRootCauseMessage("as asked");
        assertThat(failures).containsExactly(1);
    }

    @Test
    void preparesNoConnectionThatIsLostBeforeItsAttemptIsOver() {
        whenPreparing = () -> failures.add(-1);
        CompletableFuture<Protocol> waiting = connected(1);
        reach(At.MADE);
        last().lost();
        assertThatThrownBy(waiting::join).hasMessageContaining("before it was prepared");
        last().succeeded();
        assertThat(failures).containsExactly(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"MADE", "PREPARING", "CONNECTED", "FAILED"})
    void connectsAgainWhenItsConnectionIsLost(At state) {
        reach(state);
        last().lost();
        assertThat(failures).containsExactly(state == At.CONNECTED ? 0 : 1);
        assertThat(attempts).hasSize(1);
        reactor.advance(SECOND);
        assertThat(attempts).hasSize(2);
    }

    @Test
    void triesAgainWhenAnAttemptComesToNothingWithoutAFailure() {
        reach(At.CONNECTING);
        last().outcome.complete(new Probe());
        assertThat(failures).containsExactly(0);
        reactor.advance(SECOND);
        assertThat(attempts).hasSize(2);
    }

    @Test
    void abortsAConnectionThatItsConnectorIsNotContentWith() {
        reach(At.MADE);
        CompletableFuture<Protocol> waiting = connected(1);
        last().failed();
        reactor.runUntilIdle();

        assertThat(attempts.getFirst().isOver()).isTrue();
        assertThatThrownBy(waiting::join).hasRootCauseMessage("as asked");
        assertThat(failures).containsExactly(1);
        reactor.advance(SECOND);
        assertThat(attempts).hasSize(2);
    }

    @Test
    void waitsItsDelayAfterAFailureThatCannotSayWhatItIs() {
        reach(At.PREPARING);
        preparation.completeExceptionally(
                new RuntimeException() {
                    @Override
                    public String getMessage() {
                        throw new IllegalStateException("unspeakable");
                    }
                });
        CompletableFuture<Protocol> waiting = connected(1);
        reactor.runUntilIdle();
        assertThat(attempts).hasSize(1);
        assertThat(waiting).isCompletedExceptionally();
        reactor.advance(SECOND);
        assertThat(attempts).hasSize(2);
    }
}
