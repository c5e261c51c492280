package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.ServiceGroup;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
final class NettyReactorLifeTest {

    @Test
    void runReturnsWhenTheReactorWasStopped() throws Exception {
        Reactor reactor = NettyReactor.create();
        Thread runner = Thread.ofPlatform().start(reactor::run);
        while (runner.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        stop(reactor);
        assertThat(runner.join(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void readsTheClockThatNobodySets() throws Exception {
        Reactor reactor = NettyReactor.create();
        long before = System.nanoTime();
        long told = reactor.nanoTime();
        assertThat(told - before).isBetween(0L, System.nanoTime() - before);
        stop(reactor);
    }

    @Test
    void namesTheCallThatHoldsItTooLong() throws Exception {
        Reactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withCallLimit(Duration.ofMillis(20)));
        CompletableFuture<Void> let = new CompletableFuture<>();
        reactor.callFromThread(let::join);
        reactor.callFromThread(() -> {});
        while (reactor.metrics().queueDepth() != 1) {
            Thread.onSpinWait();
        }
        long began = System.nanoTime();
        while (System.nanoTime() - began < Duration.ofMillis(30).toNanos()) {
            Thread.onSpinWait();
        }
        let.complete(null);
        stop(reactor);
        LoopMetrics metrics = reactor.metrics();
        assertThat(metrics.callsOverLimit()).isGreaterThanOrEqualTo(1);
        assertThat(metrics.slowestCall()).isGreaterThan(Duration.ofMillis(20));
        assertThat(metrics.slowestCallee()).contains("NettyReactorLifeTest").endsWith(".run");
        assertThat(metrics.longestLag()).isGreaterThan(Duration.ofMillis(20));
        assertThat(metrics.longestTurn()).isGreaterThanOrEqualTo(metrics.slowestCall());
        assertThat(metrics.busyTime()).isGreaterThanOrEqualTo(metrics.longestTurn());
    }

    @Test
    void theWatchdogSeesTheStackOfTheCallThatHoldsTheLoop() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        LoopMeter meter = new LoopMeter(Duration.ofNanos(1), System::nanoTime);
        Loop loop =
                new Loop(
                        turns -> new Thread(turns, "held").start(),
                        new NioSockets().watcher(),
                        meter,
                        _ -> {});
        CompletableFuture<Void> ended = new CompletableFuture<>();
        loop.execute(() -> holdUntil(meter, seen));
        Watchdog watchdog = new Watchdog(loop, meter, Duration.ofMillis(1), ended, seen::complete);
        Thread.ofVirtual().start(watchdog);
        assertThat(seen.get(60, TimeUnit.SECONDS))
                .contains("NettyReactorLifeTest.held has held its loop for")
                .contains("NettyReactorLifeTest.holdUntil");
        ended.complete(null);
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS);
    }

    @Test
    void theWatchdogGoesOnThoughItCouldNotTell() throws Exception {
        LoopMeter meter = new LoopMeter(Duration.ofNanos(1), System::nanoTime);
        Loop loop =
                new Loop(
                        turns -> new Thread(turns, "held").start(),
                        new NioSockets().watcher(),
                        meter,
                        _ -> {});
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        loop.execute(() -> holdUntil(meter, first));
        loop.execute(() -> holdUntil(meter, second));
        Watchdog watchdog =
                new Watchdog(
                        loop,
                        meter,
                        Duration.ofMillis(1),
                        ended,
                        report -> {
                            if (first.complete(report)) {
                                throw new OutOfMemoryError("by the test");
                            }
                            second.complete(report);
                        });
        Thread.ofVirtual().start(watchdog);
        assertThat(second.get(60, TimeUnit.SECONDS)).contains("has held its loop for");
        ended.complete(null);
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS);
    }

    private void holdUntil(LoopMeter meter, CompletableFuture<String> seen) {
        meter.beginCall(this, "held");
        var _ = seen.join();
        meter.endCall();
    }

    @Test
    void hasNothingToWaitForAfterItsEnd() throws Exception {
        Reactor reactor = NettyReactor.create();
        stop(reactor);
        reactor.run();
        assertThatThrownBy(() -> reactor.listenTcp(0, _ -> null))
                .isInstanceOf(CannotListenException.class)
                .hasMessageEndingWith("the reactor was stopped");
        stop(reactor);
    }

    @Test
    void refusesToWaitForItself() throws Exception {
        Reactor reactor = NettyReactor.create();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            try {
                reactor.run();
            } catch (IllegalStateException refused) {
                thrown.complete(refused);
            }
        });
        assertThat(thrown.get(60, TimeUnit.SECONDS)).hasMessageContaining("run()");
        stop(reactor);
    }

    @Test
    void opensAPortForAnotherOnAThreadWhoseOwnLoopDoesNotTurnYet() throws Exception {
        NettyReactor here = NettyReactor.createHere();
        Reactor another = NettyReactor.create();
        assertThat(another.listenTcp(0, _ -> new Recorder()).port()).isPositive();
        stop(here);
        stop(another);
    }

    @Test
    void runsOnTheThreadThatMadeIt() throws Exception {
        NettyReactor reactor = NettyReactor.createHere();
        Thread home = Thread.currentThread();
        List<String> ran = new ArrayList<>();
        Recorder server = new Recorder();
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        var _ = reactor.callLater(Duration.ZERO, () -> ran.add("timer"));
        reactor.callFromThread(() -> ran.add("call"));
        var _ = reactor.connect(port.address(), _ -> new Recorder(), Duration.ofMinutes(1));
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        server.onLoop(_ -> ran.add(Thread.currentThread().getName()));
                    } catch (Exception failed) {
                        throw new AssertionError(failed);
                    }
                    var _ = reactor.stop();
                });
        assertThat(reactor.inLoop()).isTrue();
        assertThat(ran).isEmpty();
        reactor.run();
        assertThat(ran).containsExactlyInAnyOrder("timer", "call", home.getName());
        assertThat(reactor.inLoop()).isFalse();
        reactor.run();
        stop(reactor);
    }

    @Test
    void runsOnNoOtherThreadThanTheOneThatMadeIt() throws Exception {
        NettyReactor reactor = NettyReactor.createHere();
        CompletableFuture<String> refused = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        reactor.run();
                    } catch (IllegalStateException thrown) {
                        refused.complete(thrown.getMessage());
                    }
                });
        assertThat(refused.get(60, TimeUnit.SECONDS)).contains("the thread that made it");
        stop(reactor);
    }

    @Test
    void closesWhatWasOpenedWhenItIsStoppedBeforeItRuns() {
        NettyReactor reactor = NettyReactor.createHere();
        ListeningPort port = reactor.listenTcp(0, _ -> new Recorder());
        assertThat(reactor.stop().toCompletableFuture()).isCompleted();
        assertThat(port.stopListening().toCompletableFuture()).isCompleted();
        reactor.run();
    }

    @Test
    void beginsNoTurnBeforeItRuns() throws Exception {
        NettyReactor reactor = NettyReactor.createHere();
        reactor.listenUdp(0, new DatagramProtocol() {});
        reactor.meter().endTurn();
        assertThat(reactor.metrics().turns()).isZero();
        stop(reactor);
    }

    /// Of its loop, and of the thread that watches over its end.
    @Test
    void stopsHoweverLongItMayTake() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withShutdownDeadline(
                                ChronoUnit.FOREVER.getDuration()));
        CompletableFuture<Void> closing = new CompletableFuture<>();
        var _ = reactor.at(Phase.BEFORE_SHUTDOWN, "wait", () -> closing);
        List<String> logged =
                Logged.during(() -> {
                    CompletionStage<Void> stopped = reactor.stop();
                    reactor.callFromThread(() -> closing.complete(null));
                    stopped.toCompletableFuture().orTimeout(60, SECONDS).join();
                });

        assertThat(logged).noneMatch(line -> line.contains("ArithmeticException"));
    }

    @Test
    void stopsThoughNoThreadCanBeHad() {
        NettyReactor reactor =
                new NettyReactor(
                        ReactorOptions.DEFAULT,
                        true,
                        new Threads() {
                            @Override
                            public void start(String name, Runnable work) {
                                throw new OutOfMemoryError("by the test");
                            }
                        });
        ListeningPort port = reactor.listenTcp(0, _ -> new Recorder());

        List<String> logged =
                Logged.during(() -> assertThat(reactor.stop().toCompletableFuture()).isCompleted());

        assertThat(port.stopListening().toCompletableFuture()).isCompleted();
        assertThat(logged)
                .anyMatch(line -> line.contains("no thread can be had to give the loop up"));
    }

    /// What was to be done before a shutdown on the loop that never turned is told and left.
    @Test
    void stopsTheOthersThoughNoThreadCanBeHadForALoopThatHasNotTurned() {
        NettyReactor unused =
                new NettyReactor(
                        ReactorOptions.DEFAULT,
                        false,
                        new Threads() {
                            @Override
                            public void startLoop(String name, Runnable turns) {
                                throw new OutOfMemoryError("by the test");
                            }
                        });
        NettyReactor before = NettyReactor.create();
        NettyReactor after = NettyReactor.create();
        List<NettyReactor> group = List.of(before, unused, after);
        List<String> done = new CopyOnWriteArrayList<>();
        for (NettyReactor reactor : group) {
            for (Phase phase : List.of(Phase.BEFORE_SHUTDOWN, Phase.AFTER_SHUTDOWN)) {
                reactor.at(
                        phase,
                        "what is to be done",
                        () -> {
                            done.add(phase.name());
                            return null;
                        });
            }
        }
        List<String> logged =
                Logged.during(() -> {
                    List<CompletableFuture<Void>> stops =
                            Life.stop(group.stream().map(NettyReactor::life).toList()).stream()
                                    .map(stop -> stop.toCompletableFuture().orTimeout(60, SECONDS))
                                    .toList();

                    assertThatThrownBy(stops.get(1)::join)
                            .hasRootCauseInstanceOf(OutOfMemoryError.class);
                    stops.get(0).join();
                    stops.get(2).join();
                });
        assertThat(done)
                .containsExactly(
                        "BEFORE_SHUTDOWN", "BEFORE_SHUTDOWN", "AFTER_SHUTDOWN", "AFTER_SHUTDOWN");
        assertThat(logged).anyMatch(line -> line.contains("cannot be told to stop"));
    }

    @Test
    void endsInItsRunWhenItWasStoppedFromElsewhereBefore() throws Exception {
        NettyReactor reactor = NettyReactor.createHere();
        Thread.ofVirtual().start(reactor::stop).join();
        reactor.run();
        assertThat(reactor.stop().toCompletableFuture()).isCompleted();
    }

    @Test
    void abandonsAtTheShutdownDeadlineWhatHoldsAPhaseUp() throws Exception {
        Reactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withShutdownDeadline(Duration.ofMillis(50)));
        List<String> done = new ArrayList<>();
        for (Phase phase : List.of(Phase.BEFORE_SHUTDOWN, Phase.AFTER_SHUTDOWN)) {
            reactor.at(phase, "what hangs", CompletableFuture::new);
            reactor.at(
                    phase,
                    "what does not",
                    () -> {
                        done.add(phase.name());
                        return null;
                    });
        }
        List<String> logged =
                Logged.during(
                        () -> reactor.stop().toCompletableFuture().orTimeout(60, SECONDS).join());
        assertThat(done).containsExactly("BEFORE_SHUTDOWN", "AFTER_SHUTDOWN");
        for (String phase : done) {
            String late = phase + ": \"what hangs\" was not done in time and is abandoned";
            assertThat(logged).filteredOn(line -> line.endsWith(late)).hasSize(1);
        }
        assertThat(logged).noneMatch(line -> line.contains("what does not"));
    }

    @Test
    void aGroupRunsUntilAllItsReactorsHaveEnded() throws Exception {
        NettyReactorGroup group = NettyReactorGroup.create(3, ReactorOptions.DEFAULT);
        Thread runner = Thread.ofPlatform().start(group::run);
        while (runner.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        get(group.stop());
        assertThat(runner.join(Duration.ofMinutes(1))).isTrue();
        group.run();
    }

    @Test
    void runsNoTimerAfterItWasStopped() throws Exception {
        Reactor reactor = NettyReactor.create();
        List<String> ran = new ArrayList<>();
        CompletableFuture<Boolean> asked = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            var _ = reactor.callLater(Duration.ZERO, () -> ran.add("timer"));
            var _ = reactor.stop();
            asked.complete(true);
        });
        get(asked);
        stop(reactor);
        assertThat(ran).isEmpty();
    }

    @Test
    void refusesCallsAndDoesNoWorkAfterItsEnd() throws Exception {
        Reactor reactor = NettyReactor.create();
        stop(reactor);
        List<String> ran = new CopyOnWriteArrayList<>();
        assertThat(reactor.callFromThread(() -> ran.add("call"))).isFalse();
        assertThatThrownBy(() -> get(reactor.callInThread(() -> ran.add("work"))))
                .hasMessageContaining("the reactor has ended");
        assertThat(ran).isEmpty();
    }

    @Test
    void namesAndInterruptsAtTheShutdownDeadlineWhatHangsInAThread() throws Exception {
        Reactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withShutdownDeadline(Duration.ofMillis(50)));
        CompletableFuture<String> interrupted = new CompletableFuture<>();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletionStage<String> work =
                reactor.callInThread(() -> {
                    try {
                        begun.complete(null);
                        return new CompletableFuture<String>().get();
                    } catch (InterruptedException expected) {
                        interrupted.complete("interrupted");
                        throw expected;
                    }
                });
        get(begun);
        List<String> logged = Logged.during(() -> reactor.stop().toCompletableFuture().join());

        assertThat(get(interrupted)).isEqualTo("interrupted");
        assertThatThrownBy(() -> get(work))
                .hasMessageContaining("the reactor ended before the work did");
        assertThat(logged)
                .filteredOn(line -> line.contains("1 calls in threads had not ended"))
                .singleElement()
                .asString()
                .contains(NettyReactorLifeTest.class.getName());
    }

    @ParameterizedTest
    @ValueSource(strings = {"own", "here", "group"})
    void endsWithWhatItDiedOf(String where) throws Exception {
        CompletableFuture<ReactorGroup> made = new CompletableFuture<>();
        FutureTask<Boolean> run =
                new FutureTask<>(() -> {
                    ReactorGroup group =
                            switch (where) {
                                case "here" -> ReactorGroup.of(NettyReactor.createHere());
                                case "group" -> NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
                                default -> ReactorGroup.of(NettyReactor.create());
                            };
                    made.complete(group);
                    group.run();
                    return true;
                });
        Thread.ofPlatform().start(run);
        NettyReactor reactor = (NettyReactor) get(made).reactors().getFirst();
        Recorder server = new Recorder();
        var port = reactor.listenTcp(0, _ -> server);
        CompletionStage<String> work = reactor.callInThread(new CompletableFuture<String>()::get);
        reactor.at(Phase.BEFORE_SHUTDOWN, "goodbye", () -> null);
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            server.transport();
            Logged.inVain(() -> {
                reactor.execute(() -> {
                    throw new OutOfMemoryError("by the test");
                });
                assertThatThrownBy(() -> run.get(60, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("a loop has died")
                        .hasRootCauseInstanceOf(OutOfMemoryError.class);
                assertThat(server.lost()).isNotNull();
            });
        }

        assertThat(reactor.callFromThread(() -> {})).isFalse();
        assertThatThrownBy(() -> get(reactor.stop())).hasCauseInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> get(work))
                .hasMessageContaining("the reactor ended before the work did");
        assertThatThrownBy(() -> get(reactor.callInThread(() -> 1)))
                .hasMessageContaining("the reactor has ended");
        assertThatThrownBy(() -> reactor.at(Phase.STARTUP, "hello", () -> null))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> reactor.listenTcp(0, _ -> null))
                .isInstanceOf(CannotListenException.class);
        assertThatThrownBy(reactor::run).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isGivenUpWhenItHangsWhileItDies() throws Exception {
        CompletableFuture<Void> let = new CompletableFuture<>();
        CompletableFuture<Void> hangs = new CompletableFuture<>();
        NettyReactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT
                                .withShutdownDeadline(Duration.ofMillis(1))
                                .withResolver(_ -> {
                                    let.join();
                                    return List.of();
                                }));
        CompletionStage<Void> told =
                reactor.connect(Address.of("nobody", 1), _ -> new Recorder(), Duration.ofMinutes(1))
                        .handle((_, _) -> {
                            hangs.complete(null);
                            return let.join();
                        });
        Logged.inVain(() -> {
            reactor.execute(() -> {
                throw new OutOfMemoryError("by the test");
            });
            get(hangs);
            assertThatThrownBy(() -> get(reactor.stop()))
                    .hasCauseInstanceOf(OutOfMemoryError.class);
        });
        let.complete(null);
        get(told);
    }

    @Test
    void endsItsLoopWhenItGivesUpWhatNeverEnds() throws Exception {
        FutureTask<NettyReactor> run =
                new FutureTask<>(() -> {
                    NettyReactor reactor =
                            NettyReactor.createHere(
                                    ReactorOptions.DEFAULT.withShutdownDeadline(
                                            Duration.ofMillis(1)));
                    reactor.opened().programs().start(new Endless());
                    Thread.ofPlatform().start(reactor::stop).join();
                    reactor.run();
                    return reactor;
                });
        Thread.ofPlatform().daemon().start(run);

        assertThat(run.get(60, TimeUnit.SECONDS).loop().isTerminated()).isTrue();
    }

    /// A program that cannot be killed.
    private static final class Endless implements Programs.Stoppable {
        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public void abort(CloseReason why) {}
    }

    /// The time of a stop begins when it is asked for, for the loop as for who waits for it.
    @Test
    void doesWhatIsLeftForItsEndThoughTheStopCameLateToTheLoop() throws Exception {
        Reactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withShutdownDeadline(Duration.ofSeconds(3)));
        CompletableFuture<Void> done = new CompletableFuture<>();
        reactor.at(Phase.BEFORE_SHUTDOWN, "never done", CompletableFuture::new);
        reactor.at(
                Phase.AFTER_SHUTDOWN,
                "the last thing",
                () -> {
                    done.complete(null);
                    return null;
                });
        CompletableFuture<Void> busy = new CompletableFuture<>();
        reactor.callFromThread(
                () -> busy.completeOnTimeout(null, 2_200, TimeUnit.MILLISECONDS).join());
        stop(reactor);

        assertThat(done).isCompleted();
    }

    @Test
    void resetsAConnectionThatClosesTooSlowlyThoughThatCannotBeLogged() throws Exception {
        Reactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withCloseDeadline(Duration.ofMillis(50)));
        Recorder server = new Recorder();
        var port = reactor.listenTcp(0, _ -> server);
        try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            assertThat(peer.isConnected()).isTrue();
            Logged.inVain(() -> {
                server.onLoop(transport -> {
                    transport.write(Bytes.wrap(new byte[10 << 20]));
                    transport.loseConnection();
                });
                assertThat(server.lost()).isInstanceOf(CloseReason.Aborted.class);
            });
        }
        stop(reactor);
    }

    @Test
    void goesOnThoughWhatWasThrownCannotBeLogged() throws Exception {
        Reactor reactor = NettyReactor.create();
        Protocol evil =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        throw new OutOfMemoryError("by the test");
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        throw new OutOfMemoryError("by the test");
                    }
                };
        var port = reactor.listenTcp(0, _ -> evil);
        CompletableFuture<String> ran = new CompletableFuture<>();
        Logged.inVain(() -> {
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
                assertThatThrownBy(() -> peer.getInputStream().read())
                        .isInstanceOf(IOException.class);
            }
            reactor.callFromThread(() -> {
                throw new OutOfMemoryError("by the test");
            });
            reactor.callFromThread(() -> ran.complete("went on"));
            assertThat(get(ran)).isEqualTo("went on");
        });
        stop(reactor);
    }

    @Test
    void leavesNoServiceWaitingAfterItsEnd() throws Exception {
        Reactor reactor = NettyReactor.create();
        ClientService client =
                new ClientService(
                        reactor,
                        Connector.to(reactor, Address.of("127.0.0.1", 1)),
                        _ -> new Recorder(),
                        ClientOptions.DEFAULT);
        ServiceGroup group = new ServiceGroup(reactor, Duration.ofSeconds(5));
        stop(reactor);
        get(client.stop());
        get(group.stop());
        for (CompletionStage<?> stage :
                List.of(client.start(), client.whenConnected(0), group.start())) {
            assertThatThrownBy(() -> get(stage)).hasMessageContaining("the reactor has ended");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesNobodyWaitingForAServiceWhenItDiesOrIsGivenUp(boolean dies) throws Exception {
        NettyReactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withShutdownDeadline(Duration.ofMillis(1)));
        ClientService client =
                new ClientService(
                        reactor,
                        Connector.to(reactor, Address.of("127.0.0.1", 1)),
                        _ -> new Recorder(),
                        ClientOptions.DEFAULT);
        CompletionStage<Protocol> connected = client.whenConnected(0);
        CompletableFuture<Void> let = new CompletableFuture<>();
        Logged.inVain(() -> {
            reactor.execute(() -> {
                if (dies) {
                    throw new OutOfMemoryError("by the test");
                }
                let.join();
            });
            boolean died = get(reactor.stop().handle((_, failure) -> failure != null));
            assertThat(died).isEqualTo(dies);
        });
        assertThatThrownBy(() -> get(connected)).hasMessageContaining("the reactor has ended");
        let.complete(null);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void goesOnSendingWhateverAProtocolThrows() throws Exception {
        Reactor reactor = NettyReactor.create();
        Protocol evil =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        var _ = reactor.callLater(Duration.ofNanos(1), transport::loseConnection);
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        throw new IllegalStateException() {
                            @Override
                            public String getMessage() {
                                throw new UnsupportedOperationException("not even that");
                            }
                        };
                    }
                };
        Recorder good = new Recorder();
        InetAddress here = InetAddress.getLoopbackAddress();
        var evilPort = reactor.listenTcp(0, _ -> evil);
        var goodPort = reactor.listenTcp(0, _ -> good);
        try (Socket first = new Socket(here, evilPort.port());
                Socket second = new Socket(here, goodPort.port())) {
            assertThat(first.getInputStream().read()).isEqualTo(-1);
            Transport transport = good.transport();
            reactor.callFromThread(() -> transport.write(Bytes.utf8("!")));
            assertThat(second.getInputStream().read()).isEqualTo('!');
        }
        stop(reactor);
    }

    @Test
    void saysWhichConnectionItIsOnAnyThread() throws Exception {
        Reactor reactor = NettyReactor.create();
        Recorder server = new Recorder();
        var port = reactor.listenTcp(0, _ -> server);
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port.port())) {
            assertThat(server.transport().toString()).startsWith("127.0.0.1:");
        }
        stop(reactor);
    }

    @Test
    void looksAtItsSocketsEvenWhenCallsNeverCease() throws Exception {
        Reactor reactor = NettyReactor.create();
        Recorder server = new Recorder();
        var port = reactor.listenTcp(0, _ -> server);
        Runnable again =
                new Runnable() {
                    @Override
                    public void run() {
                        if (!server.made.isDone()) {
                            reactor.callFromThread(this);
                        }
                    }
                };
        reactor.callFromThread(again);
        var _ = reactor.connect(port.address(), _ -> new Recorder(), Duration.ofMinutes(1));
        server.transport();
        stop(reactor);
    }

    private static void stop(Reactor reactor) throws Exception {
        get(reactor.stop());
    }
}
