package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ClientServiceTest {
    private static final int PORT = 4222;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<Probe> clients = new ArrayList<>();
    private final List<Probe> servers = new ArrayList<>();
    private final List<Integer> failures = new ArrayList<>();
    private CompletableFuture<Void> preparation = CompletableFuture.completedFuture(null);

    private final ClientOptions options =
            ClientOptions.DEFAULT
                    .withDelay((failed, _) -> {
                        failures.add(failed);
                        return SECOND;
                    })
                    .withPreparation(_ -> preparation, Duration.ofSeconds(5));
    private final ClientService service =
            new ClientService(
                    reactor,
                    Connector.to(reactor, Address.of("127.0.0.1", PORT)),
                    _ -> client(),
                    options);

    private Probe client() {
        Probe probe = new Probe();
        clients.add(probe);
        return probe;
    }

    private void listen() {
        reactor.listenTcp(
                PORT,
                _ -> {
                    Probe probe = new Probe();
                    servers.add(probe);
                    return probe;
                });
    }

    private void start() {
        service.start();
        reactor.runUntilIdle();
    }

    private CompletableFuture<Protocol> connected(int failAfterFailures) {
        return service.whenConnected(failAfterFailures).toCompletableFuture();
    }

    @Test
    void givesItsWaitersTheProtocolThatTheFactoryMade() {
        listen();
        CompletableFuture<Protocol> before = connected(0);
        start();
        assertThat(before).isCompletedWithValue(clients.getFirst());
        assertThat(connected(0)).isCompletedWithValue(clients.getFirst());
    }

    @Test
    void givesTheProtocolAsWhatItIs() {
        listen();
        start();
        CompletionStage<Probe> probe = service.whenConnected(Probe.class);
        CompletionStage<WatchedProtocol> other = service.whenConnected(WatchedProtocol.class);

        assertThat(probe).isCompletedWithValue(clients.getFirst());
        assertThat(service.whenConnected()).isCompletedWithValue(clients.getFirst());
        assertThat(other.toCompletableFuture().exceptionNow())
                .isInstanceOf(ClassCastException.class)
                .hasMessageContaining(Probe.class.getName());
    }

    @Test
    void passesOnWhatHappens() {
        listen();
        start();
        servers.getFirst().transport().write(Bytes.utf8("hello"));
        reactor.runUntilIdle();
        servers.getFirst().transport().loseConnection();
        reactor.runUntilIdle();
        assertThat(clients.getFirst().happenings())
                .containsExactly("made", "hello", "lost: closed cleanly");
        assertThat(clients.getFirst().broken()).isEmpty();
    }

    @Test
    void triesAgainUntilItIsConnected() {
        start();
        reactor.advance(SECOND);
        reactor.advance(SECOND);
        assertThat(failures).containsExactly(1, 2, 3);
        listen();
        CompletableFuture<Protocol> waiting = connected(0);
        reactor.advance(SECOND);
        assertThat(waiting).isCompletedWithValue(clients.getFirst());
    }

    @Test
    void triesAgainWhenItsConnectorHasThrown() {
        Connector real = Connector.to(reactor, Address.of("127.0.0.1", PORT));
        Connector throwing =
                (factory, timeout) -> {
                    if (failures.isEmpty()) {
                        throw new IllegalStateException("as asked");
                    }
                    return real.connect(factory, timeout);
                };
        var service = new ClientService(reactor, throwing, _ -> client(), options);
        var once = service.whenConnected(1).toCompletableFuture();
        var always = service.whenConnected(0).toCompletableFuture();
        listen();
        assertThat(service.start()).isCompleted();
        assertThatThrownBy(once::join).hasRootCauseMessage("as asked");
        reactor.advance(SECOND);
        assertThat(always).isCompletedWithValue(clients.getFirst());
        assertThat(failures).containsExactly(1);
    }

    @Test
    void saysAsAnErrorThatItsConnectorWillNeverConnect() {
        Connector impossible =
                (_, _) -> {
                    throw new UnsupportedOperationException("not here");
                };
        var service = new ClientService(reactor, impossible, _ -> client(), options);
        List<String> logged = Logged.during(() -> service.start());
        assertThat(logged)
                .anyMatch(line -> line.contains("as all will: ") && line.contains("not here"));
    }

    static List<ReconnectDelay> impossibleDelays() {
        return List.of(
                (_, _) -> Duration.ofSeconds(-1),
                (_, _) -> {
                    throw new IllegalStateException("as asked");
                });
    }

    @ParameterizedTest
    @MethodSource("impossibleDelays")
    void waitsTheStandardDelayInsteadOfOneThatCannotBe(ReconnectDelay impossible) {
        var service =
                new ClientService(
                        reactor,
                        Connector.to(reactor, Address.of("127.0.0.1", PORT)),
                        _ -> client(),
                        options.withDelay(impossible));
        List<String> logged =
                Logged.during(() -> {
                    service.start();
                    reactor.runUntilIdle();
                });
        assertThat(logged).anyMatch(line -> line.contains("the standard one is taken"));
        listen();
        reactor.advance(Duration.ofMillis(1_499));
        assertThat(clients).isEmpty();
        reactor.advance(Duration.ofMillis(1_001));
        assertThat(clients).hasSize(1);
    }

    @Test
    void connectsAgainWhenTheConnectionIsLost() {
        listen();
        start();
        servers.getFirst().transport().abortConnection();
        reactor.runUntilIdle();
        CompletableFuture<Protocol> next = connected(0);
        assertThat(next).isNotDone();
        reactor.advance(SECOND);
        assertThat(next).isCompletedWithValue(clients.get(1));
        assertThat(failures).containsExactly(0);
    }

    @Test
    void failsTheWaitersThatWaitForSoManyFailuresOnly() {
        CompletableFuture<Protocol> once = connected(1);
        CompletableFuture<Protocol> twice = connected(2);
        CompletableFuture<Protocol> always = connected(0);
        start();
        assertThat(twice).isNotDone();
        assertThatThrownBy(once::join).hasCauseInstanceOf(ConnectFailedException.class);
        reactor.advance(SECOND);
        assertThat(twice).isCompletedExceptionally();
        assertThat(always).isNotDone();
    }

    @Test
    void letsNobodyThroughBeforeTheConnectionIsPrepared() {
        preparation = new CompletableFuture<>();
        listen();
        start();
        CompletableFuture<Protocol> waiting = connected(0);
        assertThat(waiting).isNotDone();
        preparation.complete(null);
        assertThat(waiting).isCompletedWithValue(clients.getFirst());
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void countsAFailedPreparationAsAFailure() {
        preparation = CompletableFuture.failedFuture(new IllegalStateException("wrong password"));
        listen();
        CompletableFuture<Protocol> waiting = connected(1);
        start();
        assertThatThrownBy(waiting::join).hasRootCauseMessage("wrong password");
        assertThat(clients.getFirst().lost()).isCompleted();
        assertThat(failures).containsExactly(1);
    }

    @Test
    void abortsAConnectionThatIsNotPreparedInTime() {
        preparation = new CompletableFuture<>();
        listen();
        start();
        reactor.advance(Duration.ofSeconds(5));
        assertThat(clients.getFirst().lost()).isCompletedWithValue(new CloseReason.Aborted(null));
        assertThat(failures).containsExactly(1);
    }

    @Test
    void cancelsAPreparationThatIsWantedNoMore() {
        preparation = new CompletableFuture<>();
        listen();
        start();
        reactor.advance(Duration.ofSeconds(5));
        assertThat(preparation).isCancelled();

        preparation = new CompletableFuture<>();
        reactor.advance(SECOND);
        service.stop();
        assertThat(preparation).isCancelled();
    }

    @Test
    void forgetsAWaiterWhoCancelsWhateverHeDerived() {
        for (int i = 0; i < 10_001; i++) {
            connected(0).thenApply(Object::toString).cancel(false);
        }
        assertThat(connected(0)).isNotDone();
    }

    @Test
    void stopsEvenIfTheStageOfItsStopIsCancelled() {
        listen();
        start();
        service.stop().toCompletableFuture().cancel(false);
        reactor.runUntilIdle();
        assertThat(clients.getFirst().lost()).isCompleted();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void countsAConnectionLostInItsPreparationAsAFailure() {
        preparation = new CompletableFuture<>();
        listen();
        CompletableFuture<Protocol> waiting = connected(1);
        start();
        servers.getFirst().transport().abortConnection();
        reactor.runUntilIdle();
        assertThatThrownBy(waiting::join).hasMessageContaining("before it was prepared");
        preparation.complete(null);
        assertThat(connected(0)).isNotDone();
    }

    @Test
    void closesItsConnectionWhenStopped() {
        listen();
        start();
        CompletionStage<Void> stopped = service.stop();
        assertThat(stopped.toCompletableFuture()).isNotDone();
        reactor.runUntilIdle();
        assertThat(stopped.toCompletableFuture()).isCompleted();
        assertThat(clients.getFirst().lost()).isCompletedWithValue(new CloseReason.Done());
        reactor.advance(Duration.ofMinutes(2));
        assertThat(clients).hasSize(1);
    }

    @Test
    void failsItsWaitersWhenStopped() {
        start();
        CompletableFuture<Protocol> waiting = connected(0);
        assertThat(service.stop().toCompletableFuture()).isCompleted();
        assertThatThrownBy(waiting::join).isInstanceOf(CancellationException.class);
        assertThat(connected(0)).isCompletedExceptionally();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void givesUpAnAttemptWhenStopped() {
        listen();
        service.start();
        assertThat(service.stop().toCompletableFuture()).isCompleted();
        reactor.runUntilIdle();
        assertThat(clients).isEmpty();
    }

    @Test
    void triesAsLongAsItsEndpointSaysUnlessItHasATimeoutOfItsOwn() {
        var network = new MemoryNetwork(1);
        ManualReactor client = network.reactor("client");
        network.reactor("server");
        network.cut("client", "server", Cut.HOLD);
        Connector fiveSeconds = ClientEndpoint.parse("tcp:server:7000:timeout=5").connector(client);

        for (ClientOptions each : List.of(options, options.withConnectTimeout(SECOND))) {
            var patient = new ClientService(client, fiveSeconds, _ -> new Probe(), each);
            Duration time = each.connectTimeout() == null ? SECOND.multipliedBy(5) : SECOND;
            patient.start();
            var failed = patient.whenConnected(1).toCompletableFuture();
            network.advance(time.minusMillis(1));
            assertThat(failed).isNotDone();
            network.advance(Duration.ofMillis(1));
            assertThat(failed).isCompletedExceptionally();
            patient.stop();
        }
    }

    @Test
    void mayBeStartedAgainEvenWhileItCloses() {
        listen();
        start();
        service.stop();
        service.start();
        CompletableFuture<Protocol> next = connected(0);
        assertThat(next).isNotDone();
        reactor.runUntilIdle();
        assertThat(next).isCompletedWithValue(clients.get(1));
        assertThat(clients.getFirst().lost()).isCompleted();
    }

    @Test
    void connectsOnceWhenItIsStartedByWhoWaitedForItsStop() {
        listen();
        start();
        service.stop().thenRun(service::start);
        reactor.runUntilIdle();
        assertThat(servers).hasSize(2);
        assertThat(clients).hasSize(2);
        assertThat(connected(0)).isCompletedWithValue(clients.getLast());
        assertThat(clients.getLast().lost()).isNotDone();
    }

    @Test
    void connectsWhenItIsStartedByAWaiterWhoIsToldThatItStops() {
        listen();
        service.start();
        var _ = connected(0).whenComplete((_, _) -> service.start());
        service.stop();
        CompletableFuture<Protocol> next = connected(0);
        reactor.runUntilIdle();
        assertThat(next).isCompletedWithValue(clients.getFirst());
        assertThat(clients).hasSize(1);
    }

    @Test
    void mayBeStoppedByItsProtocol() {
        listen();
        ClientService[] self = new ClientService[1];
        Probe probe = new Probe().onMade(_ -> self[0].stop());
        self[0] =
                new ClientService(
                        reactor,
                        Connector.to(reactor, Address.of("127.0.0.1", PORT)),
                        _ -> probe,
                        options);
        self[0].start();
        reactor.advance(Duration.ofMinutes(1));
        assertThat(probe.happenings()).containsExactly("made", "lost: closed cleanly");
        assertThat(servers).hasSize(1);
    }

    @Test
    void forgetsAWaiterThatCancels() {
        CompletableFuture<Protocol> waiting = connected(1);
        waiting.cancel(false);
        start();
        assertThat(waiting).isCancelled();
    }

    @Test
    void turnsAwayMoreWaitersThanItsBound() {
        for (int i = 0; i < 10_000; i++) {
            var _ = connected(0);
        }
        assertThatThrownBy(connected(0)::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void cannotBeStartedTwice() {
        start();
        assertThat(service.start().toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void waitsAsItIsToldHowDelaysGrow() {
        ReconnectDelay delay =
                ReconnectDelay.growing(
                        Duration.ofMillis(100), 2, Duration.ofSeconds(1), Duration.ZERO);
        var chance = new SplittableRandom(1);
        assertThat(IntStream.range(0, 6).mapToObj(failed -> delay.after(failed, chance).toMillis()))
                .containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
        assertThatThrownBy(() ->
                        ReconnectDelay.growing(
                                Duration.ZERO, 0.5, Duration.ofSeconds(1), Duration.ZERO))
                .hasMessageEndingWith("not 0.5");
    }

    @Test
    void waitsLongerAfterEachFailureButNeverMuchLongerThanAMinute() {
        var chance = new SplittableRandom(1);
        for (int failed = 0; failed < 2000; failed++) {
            long least = (long) (Math.min(Math.pow(1.5, failed), 60) * 1000);
            assertThat(ReconnectDelay.standard().after(failed, chance).toMillis())
                    .isBetween(least, least + 1000);
        }
    }
}
