package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ListeningService;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.LoopingCall;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Service;
import dev.torsion.reactor.ServiceGroup;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every [Reactor] promises, with the [Transport]s and [Protocol] calls it makes. An
/// implementation inherits this class and says how to make its reactors and how to wait for them.
///
/// Two reactors take part, `here` and `there`; both are stopped after each test, and every [Probe]
/// is asked whether a promise to it was broken.
public abstract class ReactorContract {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int HIGH_MARK = 64 << 10;
    private static final int MEBIBYTE = 1 << 20;

    /// More than the buffers of two ends of a TCP connection hold.
    private static final int MORE_THAN_A_SOCKET_TAKES = 48 * MEBIBYTE;

    /// The reactors of one test.
    public interface World {

        /// A new reactor, which can reach the others over loopback, and whose deadlines no test
        /// outlasts, however slow the machine is.
        Reactor reactor();

        /// The same, but for a close deadline of no more than a second, if its time is real.
        default Reactor hastyReactor() {
            return reactor();
        }

        /// Where a port is opened, another one each time: any free port of loopback, unless the
        /// contract is to be kept on another kind of socket.
        default Endpoint endpoint() {
            return Endpoint.tcp(0);
        }

        /// Whether a connection whose peer has ended its direction is told at once that this peer
        /// is lost; else it is told when it next writes.
        default boolean tellsLateLosses() {
            return true;
        }

        /// Waits for the stage, up to a minute, and returns its result.
        ///
        /// @throws CompletionException if the stage failed
        <T> T await(CompletionStage<T> stage);
    }

    private final List<String> journal = Collections.synchronizedList(new ArrayList<>());
    private final List<Probe> probes = Collections.synchronizedList(new ArrayList<>());

    @SuppressWarnings("NullAway.Init") // start() comes first
    private World world;

    @SuppressWarnings("NullAway.Init")
    private Reactor here;

    @SuppressWarnings("NullAway.Init")
    private Reactor there;

    /// A new world, for one test.
    protected abstract World world();

    @BeforeEach
    void start() {
        world = world();
        here = world.reactor();
        there = world.reactor();
    }

    @AfterEach
    void stop() {
        world.await(here.stop());
        world.await(there.stop());
        for (Probe probe : probes) {
            assertThat(probe.broken()).isEmpty();
            assertThat(probe.lost().isDone()).isEqualTo(probe.made().isDone());
        }
    }

    // ---- tools ----

    /// For what happens at the close deadline.
    private void haveHaste() {
        world.await(here.stop());
        world.await(there.stop());
        here = world.hastyReactor();
        there = world.hastyReactor();
    }

    private Probe probe() {
        Probe probe = new Probe();
        probes.add(probe);
        return probe;
    }

    /// Two ends of one connection.
    private record Pair(Probe client, Probe server) {}

    private Pair connected() {
        return connected(probe(), probe());
    }

    private Pair connected(Probe client, Probe server) {
        ListeningPort port = listen(_ -> server);
        world.await(here.connect(port.address(), _ -> client, PATIENCE));
        world.await(server.made());
        return new Pair(client, server);
    }

    private ListeningPort listen(ProtocolFactory factory) {
        return there.listen(world.endpoint(), factory);
    }

    private static Endpoint endpointOf(ListeningPort port) {
        return switch (port.address()) {
            case Address.Inet inet -> Endpoint.at(inet);
            case Address.Unix unix -> Endpoint.unix(unix.path());
        };
    }

    /// How the peer of a connection that was reset sees its end.
    private void assertReset(Probe peer) {
        boolean told = peer.transport().peer() instanceof Address.Inet;
        assertThat(world.await(peer.lost()))
                .isInstanceOfAny(
                        CloseReason.Lost.class,
                        told ? CloseReason.Lost.class : CloseReason.Done.class);
    }

    private <T> T onLoop(Reactor reactor, Callable<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        reactor.callFromThread(() -> complete(outcome, work));
        return world.await(outcome);
    }

    private static <T> void complete(CompletableFuture<T> outcome, Callable<T> work) {
        try {
            outcome.complete(work.call());
        } catch (Throwable thrown) {
            outcome.completeExceptionally(thrown);
        }
    }

    private void onLoop(Reactor reactor, Runnable work) {
        onLoop(
                reactor,
                () -> {
                    work.run();
                    return true;
                });
    }

    private void onLoop(Probe probe, Consumer<Transport> work) {
        Transport transport = world.await(probe.made());
        onLoop(transport.reactor(), () -> work.accept(transport));
    }

    /// Gives what must not happen the time to happen. A test that needs this may miss a fault, but
    /// never sees one where there is none.
    private void letTimePass() {
        CompletableFuture<Void> later = new CompletableFuture<>();
        onLoop(there, () -> there.callLater(Duration.ofMillis(50), () -> later.complete(null)));
        world.await(later);
    }

    /// Runs on a thread that is no loop's.
    private static void onAnotherThread(Runnable work) {
        FutureTask<Boolean> task = new FutureTask<>(work, true);
        Thread thread = new Thread(task, "another");
        thread.start();
        try {
            task.get();
        } catch (Exception failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    /// What `work` gives on a thread that is no loop's, while the loops go on.
    private <T> T elsewhere(Callable<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("another").start(() -> complete(outcome, work));
        while (!outcome.isDone()) {
            letTimePass();
        }
        return world.await(outcome);
    }

    private void assertFails(CompletionStage<Protocol> connect, Kind kind) {
        assertThatThrownBy(() -> world.await(connect))
                .isInstanceOf(CompletionException.class)
                .extracting(Throwable::getCause)
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        failed -> assertThat(failed.kind()).isEqualTo(kind));
    }

    private static Bytes bytes(int count) {
        return Bytes.utf8("x".repeat(count));
    }

    private static void assertToldOnce(List<String> logged, Throwable thrown) {
        assertThat(logged).filteredOn(line -> line.endsWith(thrown.toString())).hasSize(1);
    }

    @Nested
    class Metrics {
        @Test
        void countTurnsAndWhatWaits() {
            LoopMetrics before = there.metrics();
            int waiting =
                    onLoop(
                            here,
                            () -> {
                                here.callFromThread(() -> {});
                                here.callFromThread(() -> {});
                                return here.metrics().queueDepth();
                            });
            letTimePass();

            assertThat(waiting).isGreaterThanOrEqualTo(2);
            assertThat(there.metrics().turns()).isGreaterThan(before.turns());
            assertThat(here.metrics().callsOverLimit()).isZero();
        }

        @Test
        void mayBeReadFromAnywhere() {
            onAnotherThread(() -> assertThat(here.metrics().turns()).isNotNegative());
        }
    }

    // ---- half-close ----

    /// A [Probe] that goes on when the peer has ended its direction.
    private static final class HalfClosing implements HalfCloseable {
        private final Probe probe;
        private final CompletableFuture<Void> readEnded = new CompletableFuture<>();
        private Runnable onReadEnded = () -> {};

        private HalfClosing(Probe probe) {
            this.probe = probe;
        }

        @Override
        public void connectionMade(Transport transport) {
            probe.connectionMade(transport);
        }

        @Override
        public void dataReceived(Bytes data) {
            assertThat(readEnded).isNotDone();
            probe.dataReceived(data);
        }

        @Override
        public void writableAgain() {
            probe.writableAgain();
        }

        @Override
        public void readConnectionLost() {
            assertThat(readEnded).isNotDone();
            assertThat(probe.transport().reactor().inLoop()).isTrue();
            onReadEnded.run();
            readEnded.complete(null);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            probe.connectionLost(reason);
        }
    }

    @Nested
    class HalfClosedConnections {
        private final HalfClosing client = new HalfClosing(probe());
        private final HalfClosing server = new HalfClosing(probe());

        private void connect(Protocol clientProtocol, Protocol serverProtocol) {
            ListeningPort port = listen(_ -> serverProtocol);
            world.await(here.connect(port.address(), _ -> clientProtocol, PATIENCE));
            world.await(server.probe.made());
        }

        @Test
        void sendWhatIsBufferedAndTheEndAndGoOnReceiving() {
            connect(client, server);
            onLoop(
                    client.probe,
                    transport -> {
                        transport.write(Bytes.utf8("question"));
                        transport.loseWriteConnection();
                        transport.loseWriteConnection();
                        assertThat(transport.write(Bytes.utf8("ignored"))).isFalse();
                    });
            world.await(server.readEnded);
            assertThat(server.probe.text()).isEqualTo("question");
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("answer")));
            world.await(client.probe.received(6));
            onLoop(server.probe, Transport::loseWriteConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.readEnded).isCompleted();
        }

        @Test
        void endAsAWholeForAProtocolThatDoesNotHalfClose() {
            connect(client, server.probe);
            onLoop(client.probe, Transport::loseWriteConnection);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.readEnded).isCompleted();
        }

        @Test
        void sendAllThatIsWrittenLastThoughReadingWasPausedWhenThePeersEndCame() {
            pausedWhenThePeersEndCame(transport -> {
                transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                transport.loseConnection();
            });

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).hasSize(MORE_THAN_A_SOCKET_TAKES);
        }

        @Test
        void areAbortedWhileTheySendToAPeerThatHasEnded() {
            server.probe.onMade(Transport::pauseReading);
            pausedWhenThePeersEndCame(
                    transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            letTimePass();
            onLoop(client.probe, Transport::abortConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Aborted(null));
            onLoop(server.probe, Transport::abortConnection);
        }

        private void pausedWhenThePeersEndCame(Consumer<Transport> then) {
            connect(client.probe.onMade(Transport::pauseReading), server);
            onLoop(server.probe, Transport::loseWriteConnection);
            letTimePass();
            onLoop(client.probe, then);
        }

        @Test
        void areNotResetByWhatIsAskedOfThemInTheirLastCall() {
            client.probe.onLost(() -> client.probe.transport().abortConnection());
            connect(client.probe, server);
            onLoop(client.probe, transport -> transport.write(bytes(HIGH_MARK / 2)));
            onLoop(server.probe, Transport::loseWriteConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).hasSize(HIGH_MARK / 2);
        }

        @Test
        void endForAProtocolThatDoesNotHalfCloseWhenThePeerEndsToo() {
            connect(client.probe, server);
            onLoop(client.probe, Transport::loseWriteConnection);
            world.await(server.readEnded);
            onLoop(
                    server.probe,
                    transport -> {
                        transport.write(Bytes.utf8("last"));
                        transport.loseConnection();
                    });

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.probe.text()).isEqualTo("last");
        }

        @Test
        void mayBeAbortedStill() {
            connect(client, server);
            onLoop(client.probe, Transport::loseWriteConnection);
            world.await(server.readEnded);
            onLoop(server.probe, Transport::abortConnection);

            assertReset(client.probe);
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Aborted(null));
        }

        @Test
        void areLostAtOnceWhenThePeerResetsThem() {
            assumeThat(world.tellsLateLosses()).isTrue();
            connectToAPausedClientThatEnds();
            world.await(server.readEnded);
            resetByTheClient();

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
        }

        @Test
        void areLostAtOnceThoughReadingWasPausedWhenThePeersEndCame() {
            assumeThat(world.tellsLateLosses()).isTrue();
            server.probe.onMade(Transport::pauseReading);
            connectToAPausedClientThatEnds();
            letTimePass();
            resetByTheClient();

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
            assertThat(server.readEnded).isNotDone();
        }

        @Test
        void areLostWhenTheyWriteAfterAReset() {
            connectToAPausedClientThatEnds();
            world.await(server.readEnded);
            resetByTheClient();
            letTimePass();
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("too late")));

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
        }

        /// What it leaves unread makes the end of a UNIX socket a reset.
        private void connectToAPausedClientThatEnds() {
            connect(client.probe.onMade(Transport::pauseReading), server);
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("unread")));
            onLoop(client.probe, Transport::loseWriteConnection);
        }

        private void resetByTheClient() {
            onLoop(client.probe, Transport::abortConnection);
            world.await(client.probe.lost());
        }

        @Test
        void areNotLostWhenBothEndThoughReadingIsPaused() {
            server.probe.onMade(Transport::pauseReading);
            connect(client, server);
            onLoop(
                    client.probe,
                    transport -> {
                        transport.write(Bytes.utf8("late"));
                        transport.loseWriteConnection();
                    });
            onLoop(server.probe, Transport::loseWriteConnection);
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            letTimePass();
            onLoop(server.probe, Transport::resumeReading);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).isEqualTo("late");
        }

        @Test
        void mayBeClosedByTheSideThatEndedItsDirection() {
            connect(client, server);
            onLoop(client.probe, Transport::loseWriteConnection);
            world.await(server.readEnded);
            onLoop(client.probe, Transport::loseConnection);
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            onLoop(server.probe, Transport::loseConnection);
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void tellTheEndAfterWhatWaitedForAPausedReader() {
            server.probe.onMade(Transport::pauseReading);
            connect(client, server);
            onLoop(
                    client.probe,
                    transport -> {
                        transport.write(Bytes.utf8("late"));
                        transport.loseWriteConnection();
                    });
            letTimePass();
            assertThat(server.readEnded).isNotDone();
            onLoop(server.probe, Transport::resumeReading);
            world.await(server.readEnded);

            assertThat(server.probe.text()).isEqualTo("late");
            onLoop(server.probe, Transport::loseConnection);
            world.await(client.probe.lost());
        }

        @Test
        void endWithTheExceptionOfReadConnectionLost() {
            IllegalStateException thrown = new IllegalStateException("thrown by the test");
            server.onReadEnded =
                    () -> {
                        throw thrown;
                    };
            connect(client, server);
            onLoop(client.probe, Transport::loseWriteConnection);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Failed(thrown));
            world.await(client.probe.lost());
        }

        @Test
        void areEndedByTheirLoopsOnly() {
            connect(client, server);
            OffTheLoop.refuses(client.probe.transport());
        }
    }

    @Nested
    class Nulls {
        @SuppressWarnings({
            "NullAway",
            "TypeParameterUnusedInFormals"
        }) // what callers without it do
        private <T> T missing() {
            return null;
        }

        private void refuses(String name, Consumer<Reactor> call) {
            assertThatThrownBy(() -> call.accept(here))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage(name);
        }

        @Test
        void areRefusedWhereTheyAreGiven() {
            Endpoint endpoint = world.endpoint();
            ClientEndpoint client = ClientEndpoint.unix("nowhere");
            Address address = Address.of("127.0.0.1", 1);
            Duration time = Duration.ofSeconds(1);
            refuses("action", it -> it.callFromThread(missing()));
            refuses("work", it -> it.callInThread(missing()));
            refuses("phase", it -> it.at(missing(), "it", () -> null));
            refuses("what", it -> it.at(Phase.STARTUP, missing(), () -> null));
            refuses("action", it -> it.at(Phase.STARTUP, "it", missing()));
            refuses("endpoint", it -> it.listen(missing(), _ -> null));
            refuses("factory", it -> it.listen(endpoint, missing()));
            refuses("factory", it -> it.listenTcp(0, missing()));
            refuses("endpoint", it -> it.connect(missing(), _ -> null));
            refuses("factory", it -> it.connect(client, missing()));
            refuses("address", it -> it.connect(missing(), _ -> null, time));
            refuses("factory", it -> it.connect(address, missing(), time));
            refuses("timeout", it -> it.connect(address, _ -> null, missing()));
            refuses("program", it -> it.spawn(missing(), new ProcessProtocol() {}));
            refuses("protocol", it -> it.spawn(Program.of("true"), missing()));
            refuses("protocol", it -> it.listenUdp(0, missing()));
        }

        @Test
        void areRefusedWithDatagrams() {
            Address.Inet address = Address.of("127.0.0.1", 0);
            DatagramOptions options = DatagramOptions.DEFAULT;
            DatagramProtocol protocol = new DatagramProtocol() {};
            Duration time = Duration.ofSeconds(1);
            refuses("address", it -> it.listenUdp(missing(), protocol, options));
            refuses("protocol", it -> it.listenUdp(address, missing(), options));
            refuses("options", it -> it.listenUdp(address, protocol, missing()));
            refuses("peer", it -> it.connectUdp(missing(), protocol, options, time));
            refuses("protocol", it -> it.connectUdp(address, missing(), options, time));
            refuses("options", it -> it.connectUdp(address, protocol, missing(), time));
            refuses("timeout", it -> it.connectUdp(address, protocol, options, missing()));
        }

        @Test
        void areRefusedOnTheLoopToo() {
            onLoop(here, () -> refuses("delay", it -> it.callLater(missing(), () -> {})));
            onLoop(here, () -> refuses("action", it -> it.callLater(Duration.ZERO, missing())));
            assertThatThrownBy(() -> here.await(missing())).hasMessage("stage");
        }

        @Test
        void areNoReasonToFailAConnection() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport ->
                            assertThatThrownBy(() -> transport.failConnection(missing()))
                                    .isInstanceOf(NullPointerException.class)
                                    .hasMessage("cause"));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("fine")));

            assertThat(world.await(pair.server().received(4))).isEqualTo("fine");
        }
    }

    // ---- calls ----

    @Nested
    class Calls {
        @Test
        void runInTheOrderAskedFor() {
            here.callFromThread(() -> journal.add("one"));
            here.callFromThread(() -> journal.add("two"));
            onAnotherThread(() -> here.callFromThread(() -> journal.add("three")));
            onLoop(here, () -> journal.add("four"));

            assertThat(journal).containsExactly("one", "two", "three", "four");
        }

        @Test
        void neverRunInsideTheCallThatQueuesThem() {
            onLoop(
                    here,
                    () -> {
                        here.callFromThread(() -> journal.add("queued"));
                        journal.add("first");
                    });
            onLoop(here, () -> {});

            assertThat(journal).containsExactly("first", "queued");
        }

        @Test
        void runOnTheLoop() {
            assertThat(onLoop(here, here::inLoop)).isTrue();
            assertThat(onLoop(here, there::inLoop)).isFalse();
            onAnotherThread(() -> assertThat(here.inLoop()).isFalse());
        }

        @Test
        void mayThrowAndTheLoopGoesOn() {
            IllegalStateException thrown = new IllegalStateException("thrown by a queued call");
            List<String> logged =
                    Logged.during(() -> {
                        here.callFromThread(() -> {
                            throw thrown;
                        });
                        assertThat(onLoop(here, () -> "went on")).isEqualTo("went on");
                    });

            assertToldOnce(logged, thrown);
        }
    }

    @Nested
    class WorkInThreads {
        @Test
        void completesOnTheLoopWithItsResult() {
            boolean onLoop =
                    world.await(
                            onLoop(
                                    here,
                                    () ->
                                            here.callInThread(() -> "done")
                                                    .thenApply(done ->
                                                            done.equals("done") && here.inLoop())));

            assertThat(onLoop).isTrue();
        }

        @Test
        void completesWithItsException() {
            CompletionStage<String> failing =
                    here.callInThread(() -> {
                        throw new IOException("as asked");
                    });

            assertThatThrownBy(() -> world.await(failing)).hasRootCauseMessage("as asked");
        }

        @Test
        void isNotOnTheLoop() {
            assertThat(world.await(here.callInThread(here::inLoop))).isFalse();
        }

        @Test
        void callsBackOnTheLoopWhereverTheCallbackIsAttached() {
            CompletionStage<String> work = here.callInThread(() -> "done");
            world.await(work);
            CompletionStage<Boolean> calledBack =
                    world.await(here.callInThread(() -> work.thenApply(_ -> here.inLoop())));

            assertThat(world.await(calledBack)).isTrue();
        }

        @Test
        void isInterruptedWhenItsStageIsCancelled() {
            CompletableFuture<String> begun = new CompletableFuture<>();
            CompletableFuture<String> ended = new CompletableFuture<>();
            CompletionStage<String> work =
                    here.callInThread(() -> {
                        begun.complete("");
                        try {
                            return new CompletableFuture<String>().get();
                        } catch (InterruptedException interrupted) {
                            ended.complete("interrupted");
                            throw interrupted;
                        }
                    });
            world.await(begun);
            onLoop(here, () -> work.thenApply(String::length).toCompletableFuture().cancel(false));

            assertThat(world.await(ended)).isEqualTo("interrupted");
            assertThat(work.toCompletableFuture()).isCancelled();
        }

        @Test
        void isAwaitedBesideTheLoopAlone() {
            CompletionStage<String> work = here.callInThread(() -> "done");
            CompletionStage<String> waiting = here.callInThread(() -> here.await(work));

            assertThat(world.await(waiting)).isEqualTo("done");
            assertThat(
                            onLoop(
                                    here,
                                    () ->
                                            assertThatThrownBy(() -> here.await(work))
                                                    .isInstanceOf(IllegalStateException.class)))
                    .isNotNull();
        }

        @Test
        void isWaitedForWhenTheReactorIsStopped() {
            CompletableFuture<String> goOn = new CompletableFuture<>();
            CompletionStage<String> work = here.callInThread(goOn::get);
            CompletionStage<String> givenUp =
                    here.callInThread(new CompletableFuture<String>()::get);
            givenUp.toCompletableFuture().cancel(false);
            var _ = work.thenAccept(journal::add);
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "look",
                    () -> {
                        journal.add("gone");
                        return null;
                    });
            CompletionStage<Void> stopped = here.stop();
            onLoop(there, () -> goOn.complete("done"));
            world.await(stopped);

            assertThat(journal).containsExactly("done", "gone");
        }

        @Test
        void isCompletedByNobodyElse() {
            CompletableFuture<String> work = here.callInThread(() -> "done").toCompletableFuture();

            assertThatThrownBy(() -> work.complete("mine"))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(world.await(work)).isEqualTo("done");
        }
    }

    // ---- time and chance ----

    @Nested
    class DelayedCalls {
        private static final Duration SHORT = Duration.ofMillis(5);
        private static final Duration LONG = Duration.ofMillis(25);

        /// Waits until a call asked for last, with the longest delay, has run.
        private void awaitAll() {
            CompletableFuture<Void> last = new CompletableFuture<>();
            onLoop(here, () -> later(LONG.multipliedBy(2), () -> last.complete(null)));
            world.await(last);
        }

        private DelayedCall later(Duration delay, Runnable action) {
            return here.callLater(delay, action);
        }

        @Test
        void runInTheOrderOfTheirDeadlines() {
            AtomicLong asking = new AtomicLong();
            do {
                journal.clear();
                onLoop(
                        here,
                        () -> {
                            long began = here.nanoTime();
                            later(LONG, () -> journal.add("last"));
                            later(SHORT, () -> journal.add("first"));
                            asking.set(here.nanoTime() - began);
                        });
                awaitAll();
            } while (asking.get() >= LONG.minus(SHORT).toNanos()); // held up between the two

            assertThat(journal).containsExactly("first", "last");
        }

        @Test
        void withEqualDelaysRunInTheOrderAskedFor() {
            onLoop(
                    here,
                    () -> {
                        for (int i = 0; i < 5; i++) {
                            String name = "call " + i;
                            later(SHORT, () -> journal.add(name));
                        }
                    });
            awaitAll();

            assertThat(journal).containsExactly("call 0", "call 1", "call 2", "call 3", "call 4");
        }

        @Test
        void withNoDelayRunInAComingTurn() {
            onLoop(
                    here,
                    () -> {
                        later(Duration.ZERO, () -> journal.add("delayed"));
                        journal.add("first");
                    });
            awaitAll();

            assertThat(journal).containsExactly("first", "delayed");
        }

        @Test
        void neverRunEarly() {
            CompletableFuture<Long> took = new CompletableFuture<>();
            onLoop(
                    here,
                    () -> {
                        long asked = here.nanoTime();
                        later(SHORT, () -> took.complete(here.nanoTime() - asked));
                    });

            assertThat(world.await(took)).isGreaterThanOrEqualTo(SHORT.toNanos());
        }

        @Test
        void canBeTakenBackOnce() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(SHORT, () -> journal.add("cancelled"));
                        assertThat(call.active()).isTrue();
                        assertThat(call.cancel()).isTrue();
                        assertThat(call.active()).isFalse();
                        assertThat(call.cancel()).isFalse();
                    });
            awaitAll();

            assertThat(journal).isEmpty();
        }

        @Test
        void canBeTakenBackByTheOneBefore() {
            onLoop(
                    here,
                    () -> {
                        List<DelayedCall> second = new ArrayList<>();
                        later(SHORT, () -> journal.add("" + second.getFirst().cancel()));
                        second.add(later(SHORT, () -> journal.add("cancelled")));
                    });
            awaitAll();

            assertThat(journal).containsExactly("true");
        }

        @Test
        void areOverWhenTheyRun() {
            onLoop(
                    here,
                    () -> {
                        List<DelayedCall> self = new ArrayList<>();
                        self.add(
                                later(
                                        SHORT,
                                        () -> {
                                            DelayedCall call = self.getFirst();
                                            journal.add(call.active() + " " + call.cancel());
                                        }));
                    });
            awaitAll();

            assertThat(journal).containsExactly("false false");
        }

        @Test
        void canBeMoved() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall moved = later(SHORT, () -> journal.add("moved"));
                        later(SHORT, () -> journal.add("stayed"));
                        moved.reset(LONG);
                        assertThat(moved.active()).isTrue();
                    });
            awaitAll();

            assertThat(journal).containsExactly("stayed", "moved");
        }

        @Test
        void canBePutOff() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall put = later(SHORT, () -> journal.add("put off"));
                        later(LONG, () -> journal.add("stayed"));
                        put.delay(LONG);
                        put.delay(Duration.ZERO);
                        assertThat(put.active()).isTrue();
                        assertThatThrownBy(() -> put.delay(Duration.ofNanos(-1)))
                                .isInstanceOf(IllegalArgumentException.class);
                    });
            awaitAll();

            assertThat(journal).containsExactly("stayed", "put off");
        }

        @Test
        void cannotBeMovedOnceTheyAreOver() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(SHORT, () -> journal.add("cancelled"));
                        call.cancel();
                        assertThatThrownBy(() -> call.reset(SHORT))
                                .isInstanceOf(IllegalStateException.class);
                        assertThatThrownBy(() -> call.delay(SHORT))
                                .isInstanceOf(IllegalStateException.class);
                    });
        }

        @Test
        void mayBeFurtherAwayThanAnyClockGoes() {
            Duration never = Duration.ofSeconds(Long.MAX_VALUE);
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(never, () -> journal.add("never"));
                        call.reset(never);
                        call.delay(never);
                        later(SHORT, () -> journal.add("soon"));
                    });
            awaitAll();

            assertThat(journal).containsExactly("soon");
        }

        @Test
        void withNoDelayAgainAndAgainLeaveTheSocketsTheirTurn() {
            Probe server = probe();
            ListeningPort port = there.listen(world.endpoint(), _ -> server);
            Runnable again =
                    new Runnable() {
                        @Override
                        public void run() {
                            if (!server.made().isDone()) {
                                there.callLater(Duration.ZERO, this);
                            }
                        }
                    };
            onLoop(there, again);
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
        }

        @Test
        void haveNoNegativeDelay() {
            onLoop(
                    here,
                    () ->
                            assertThatThrownBy(() -> later(Duration.ofNanos(-1), () -> {}))
                                    .isInstanceOf(IllegalArgumentException.class));
        }

        @Test
        void mayThrowAndTheLoopGoesOn() {
            IllegalStateException thrown = new IllegalStateException("thrown by a timer");
            Runnable throwing =
                    () -> {
                        throw thrown;
                    };
            List<String> logged =
                    Logged.during(() -> {
                        onLoop(here, () -> later(SHORT, throwing));
                        onLoop(here, () -> later(SHORT, () -> journal.add("went on")));
                        awaitAll();
                    });

            assertThat(journal).containsExactly("went on");
            assertToldOnce(logged, thrown);
        }

        @Test
        void belongToTheLoop() {
            DelayedCall call = onLoop(here, () -> later(LONG, () -> {}));

            OffTheLoop.refused("Reactor.callLater", () -> here.callLater(SHORT, () -> {}));
            OffTheLoop.refused("DelayedCall.cancel", call::cancel);
            OffTheLoop.refused("DelayedCall.reset", () -> call.reset(SHORT));
            OffTheLoop.refused("DelayedCall.delay", () -> call.delay(SHORT));
            OffTheLoop.refused("DelayedCall.active", call::active);
        }

        @Test
        void neverRunOnceTheReactorIsStopped() {
            onLoop(
                    here,
                    () -> {
                        later(Duration.ZERO, () -> journal.add("ran"));
                        here.stop();
                    });
            world.await(here.stop());

            assertThat(journal).isEmpty();
        }
    }

    @Nested
    class TimeAndChance {
        @Test
        void theClockOnlyGoesForward() {
            long before = here.nanoTime();
            onLoop(here, () -> {});

            assertThat(here.nanoTime() - before).isNotNegative();
        }

        @Test
        void theClocksMayBeReadFromAnywhere() {
            onAnotherThread(() -> {
                here.nanoTime();
                here.now();
            });
        }

        @Test
        void chanceBelongsToTheLoop() {
            assertThat(onLoop(here, () -> here.random().nextInt(6))).isBetween(0, 5);
            OffTheLoop.refused("Reactor.random", here::random);
        }
    }

    // ---- ports ----

    @Nested
    class Ports {
        @Test
        void tellTheirRealAddress() {
            ListeningPort one = here.listenTcp(0, _ -> probe());
            ListeningPort other = onLoop(here, () -> here.listenTcp(0, _ -> probe()));

            assertThat(one.address()).isEqualTo(Address.of("127.0.0.1", one.port()));
            assertThat(one.port()).isPositive();
            assertThat(other.address()).isNotEqualTo(one.address());
        }

        @Test
        void cannotBeOpenedTwice() {
            Endpoint taken = endpointOf(listen(_ -> probe()));

            assertThatThrownBy(() -> here.listen(taken, _ -> probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining(taken.toString())
                    .hasMessageContaining("address already in use");
        }

        @Test
        void haveANumberOnlyForTcp() {
            ListeningPort port = listen(_ -> probe());

            switch (port.address()) {
                case Address.Inet inet -> assertThat(port.port()).isEqualTo(inet.port());
                case Address.Unix unix ->
                        assertThatThrownBy(port::port)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining(unix.toString());
            }
        }

        @Test
        void canBeOpenedAgainWhereTheyWere() {
            Endpoint place = world.endpoint();
            ListeningPort first = there.listen(place, _ -> probe());
            world.await(first.stopListening());
            Probe server = probe();
            ListeningPort again = there.listen(place, _ -> server);
            world.await(here.connect(again.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
        }

        @Test
        void cannotBeOpenedOnTheAddressOfSomeoneElse() {
            Endpoint elsewhere = Endpoint.at(Address.of("192.0.2.1", 0));

            assertThatThrownBy(() -> here.listen(elsewhere, _ -> probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("192.0.2.1");
        }

        @Test
        void closeAloneAndLeaveTheirConnections() {
            Probe server = probe();
            Probe client = probe();
            ListeningPort port = listen(_ -> server);
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());

            port.stopListening().toCompletableFuture().cancel(false);
            world.await(port.stopListening());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            onLoop(client, transport -> transport.write(Bytes.utf8("still here")));
            assertThat(world.await(server.received(10))).isEqualTo("still here");
        }

        @Test
        void countTheConnectionsThatAreOpen() {
            Probe server = probe();
            ListeningPort port = listen(_ -> server);
            assertThat(port.connections()).isZero();
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));
            world.await(server.made());
            assertThat(port.connections()).isEqualTo(1);

            world.await(port.stopListening());
            assertThat(port.connections()).isEqualTo(1);
            onLoop(server, Transport::loseConnection);
            world.await(server.lost());
            world.await(port.drain(Duration.ofMinutes(10)));
            assertThat(port.connections()).isZero();
        }

        @Test
        void areClosedWhenTheySaySo() {
            for (int i = 0; i < 100; i++) {
                ListeningPort port = listen(_ -> probe());
                world.await(port.stopListening());
                assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            }
        }

        @Test
        void closeTheSocketsThatTheFactoryRefuses() {
            ListeningPort port = listen(_ -> null);
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));

            assertThat(world.await(client.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void buildProtocolsOnTheLoopAndSayForWhom() {
            Probe server = probe();
            ListeningPort port =
                    listen(peer -> {
                        journal.add(there.inLoop() + " " + peer);
                        return server;
                    });
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());

            assertThat(journal).containsExactly("true " + client.transport().host());
        }
    }

    @Nested
    class Connecting {
        @Test
        void completesOnTheLoopAfterConnectionMade() {
            ListeningPort port = listen(_ -> probe());
            Probe client = probe();
            String completed =
                    world.await(
                            onLoop(
                                    here,
                                    () ->
                                            here.connect(port.address(), _ -> client, PATIENCE)
                                                    .thenApply(made ->
                                                            (made == client)
                                                                    + " "
                                                                    + here.inLoop()
                                                                    + " "
                                                                    + client.happenings())));

            assertThat(completed).isEqualTo("true true [made]");
        }

        @Test
        void givesBothEndsTheSameAddresses() {
            Pair pair = connected();

            onAnotherThread(() -> {
                Transport client = pair.client().transport();
                Transport server = pair.server().transport();
                assertThat(client.peer()).isEqualTo(server.host());
                assertThat(server.peer()).isEqualTo(client.host());
                assertThat(client.reactor()).isSameAs(here);
                assertThat(server.reactor()).isSameAs(there);
            });
        }

        @Test
        void failsWhereNothingListens() {
            ListeningPort port = listen(_ -> probe());
            world.await(port.stopListening());
            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> probe(), PATIENCE);

            assertFails(connect, Kind.REFUSED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasMessageContaining(port.address().toString());
        }

        @Test
        void isGivenUpWhenItsStageIsCancelled() {
            ListeningPort port = listen(_ -> null);
            CompletionStage<Protocol> connect =
                    onLoop(
                            here,
                            () -> {
                                CompletionStage<Protocol> asked =
                                        here.connect(port.address(), _ -> probe(), PATIENCE);
                                asked.toCompletableFuture().cancel(false);
                                return asked;
                            });
            letTimePass();

            assertThat(connect.toCompletableFuture()).isCancelled();
            assertThat(probes).isEmpty();
        }

        /// The connect would fail, but nobody is there to be told.
        @Test
        void isGivenUpWithoutAWord() {
            ListeningPort port = listen(_ -> probe());
            world.await(port.stopListening());
            List<String> logged =
                    Logged.during(() -> {
                        for (Address nobody :
                                List.of(port.address(), Address.of("nobody.invalid", 1))) {
                            onLoop(
                                    here,
                                    () ->
                                            here.connect(nobody, _ -> probe(), PATIENCE)
                                                    .toCompletableFuture()
                                                    .cancel(false));
                        }
                        letTimePass();
                        world.await(here.stop());
                    });

            assertThat(logged).noneMatch(line -> line.contains("cannot connect"));
        }

        @Test
        void bindsThisEndWhereItIsToldTo() {
            Probe server = probe();
            Probe client = probe();
            Address.Inet address = Address.of("127.0.0.1", there.listenTcp(0, _ -> server).port());
            ListeningPort taken = here.listenTcp(0, _ -> probe());
            int free = taken.port();
            world.await(taken.stopListening());
            ClientEndpoint.Tcp bound =
                    ClientEndpoint.tcp(address).withBind(Address.of("127.0.0.1", free));
            world.await(here.connect(bound, _ -> client));
            world.await(server.made());

            assertThat(client.transport().host()).isEqualTo(Address.of("127.0.0.1", free));
            assertThat(server.transport().peer()).isEqualTo(Address.of("127.0.0.1", free));
        }

        @Test
        void failsIfThisEndCannotBeBound() {
            Address.Inet address = Address.of("127.0.0.1", there.listenTcp(0, _ -> probe()).port());
            ClientEndpoint.Tcp bound =
                    ClientEndpoint.tcp(address).withBind(Address.of("192.0.2.1", 0));

            assertFails(here.connect(bound, _ -> probe()), Kind.CANNOT_BIND);
        }

        @Test
        void failsForANameThatNobodyHas() {
            Address nobody = Address.of("nobody.invalid", 1);

            assertFails(here.connect(nobody, _ -> probe(), PATIENCE), Kind.UNKNOWN_HOST);
        }

        @Test
        void failsWhenTheFactoryRefuses() {
            Probe server = probe();
            ListeningPort port = listen(_ -> server);

            assertFails(here.connect(port.address(), _ -> null, PATIENCE), Kind.REFUSED_BY_FACTORY);
        }

        @Test
        void completesWhenConnectionMadeEndsTheConnectionItself() {
            for (Consumer<Transport> end :
                    List.<Consumer<Transport>>of(
                            Transport::loseConnection, Transport::abortConnection)) {
                ListeningPort port = listen(_ -> probe());
                Probe client = probe().onMade(end);

                assertThat(world.await(here.connect(port.address(), _ -> client, PATIENCE)))
                        .isSameAs(client);
                world.await(client.lost());
            }
        }

        @Test
        void failsOnceTheReactorIsStopped() {
            ListeningPort port = listen(_ -> probe());
            world.await(here.stop());

            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> probe(), PATIENCE);

            assertThat(connect.toCompletableFuture()).isDone();
            assertFails(connect, Kind.STOPPED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasMessageContaining(port.address().toString());
            assertThat(probes).isEmpty();
        }

        @Test
        void failsWhileTheReactorStops() {
            ListeningPort port = listen(_ -> probe());
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "connect",
                    () -> {
                        connect.add(
                                here.connect(port.address(), _ -> probe(), PATIENCE)
                                        .toCompletableFuture());
                        return null;
                    });
            world.await(here.stop());

            assertFails(connect.getFirst(), Kind.STOPPED);
        }
    }

    // ---- connections ----

    @Nested
    class Connections {
        @Test
        void carryBytesBothWaysInOrder() {
            StringBuilder sent = new StringBuilder();
            for (int i = 0; sent.length() < MEBIBYTE; i++) {
                sent.append(i).append(',');
            }
            Probe server = probe();
            server.onData(data -> server.transport().write(data));
            Pair pair = connected(probe(), server);

            onLoop(pair.client(), transport -> transport.write(Bytes.utf8(sent.toString())));

            assertThat(world.await(pair.client().received(sent.length())))
                    .isEqualTo(sent.toString());
        }

        @Test
        void keepWhatIsOwnedOfABorrowedPiece() {
            List<Bytes> kept = Collections.synchronizedList(new ArrayList<>());
            Probe server = probe().onData(data -> kept.add(data.slice(0, data.size()).owned()));
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("kept")));
            world.await(server.received(4));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("next")));
            world.await(server.received(8));

            StringBuilder text = new StringBuilder();
            kept.forEach(piece -> text.append(piece.utf8()));
            assertThat(text).hasToString("keptnext");
        }

        @Test
        void ignoreWhatIsAskedOfThemAfterTheirEnd() {
            for (Consumer<Transport> end :
                    List.<Consumer<Transport>>of(
                            Transport::loseConnection, Transport::abortConnection)) {
                Probe client = probe();
                client.onLost(() -> askAll(client.transport()));
                Pair pair = connected(client, probe());
                onLoop(client, end);
                world.await(client.lost());
                world.await(pair.server().lost());
                onLoop(client, this::askAll);
                onLoop(pair.server(), this::askAll);
                letTimePass();

                assertThat(client.happenings()).hasSize(2);
                assertThat(pair.server().happenings()).hasSize(2);
                assertThat(journal).containsOnly("ignored").hasSize(3);
                journal.clear();
            }
        }

        private void askAll(Transport transport) {
            assertThat(transport.write(Bytes.utf8("late"))).isFalse();
            assertThat(transport.pendingBytes()).isZero();
            transport.pauseReading();
            transport.resumeReading();
            transport.loseWriteConnection();
            transport.loseConnection();
            transport.abortConnection();
            transport.failConnection(new IllegalStateException("late"));
            assertThat(transport.peer()).isNotNull();
            assertThat(transport.host()).isNotNull();
            journal.add("ignored");
        }

        @Test
        void belongToTheirLoop() {
            Transport transport = connected().client().transport();

            OffTheLoop.refuses(transport);
            onLoop(
                    there,
                    () ->
                            assertThatThrownBy(() -> transport.write(Bytes.utf8("x")))
                                    .isInstanceOf(IllegalStateException.class));
        }
    }

    @Nested
    class Closing {
        @Test
        void isCleanAtBothEnds() {
            Pair pair = connected();
            onLoop(pair.client(), Transport::loseConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void sendsWhatIsBufferedFirstAndNothingMore() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(5 * MEBIBYTE));
                        transport.loseConnection();
                        transport.loseConnection();
                        transport.write(Bytes.utf8("ignored"));
                    });

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.server().text()).hasSize(5 * MEBIBYTE).doesNotContain("i");
        }

        @Test
        void tellsTheProtocolInAComingTurn() {
            Probe client = probe().onLost(() -> journal.add("lost"));
            connected(client, probe());
            onLoop(
                    client,
                    transport -> {
                        transport.loseConnection();
                        journal.add("asked");
                    });
            world.await(client.lost());

            assertThat(journal).containsExactly("asked", "lost");
        }

        @Test
        void deliversNothingMore() {
            Probe server = probe();
            server.onData(_ -> {
                journal.add("data");
                server.transport().loseConnection();
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(MEBIBYTE)));
            world.await(server.lost());
            letTimePass();

            assertThat(journal).containsExactly("data");
        }

        @Test
        void isAbortedAtTheDeadlineIfThePeerDoesNotRead() {
            haveHaste();
            Pair pair = connected(probe(), probe().onMade(Transport::pauseReading));
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                        transport.loseConnection();
                    });

            assertThat(world.await(pair.client().lost())).isInstanceOf(CloseReason.Aborted.class);
            onLoop(pair.server(), Transport::abortConnection);
        }

        @Test
        void happensWhilePausedToo() {
            Pair pair = connected(probe().onMade(Transport::pauseReading), probe());
            onLoop(pair.client(), Transport::loseConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
        }
    }

    @Nested
    class Aborting {
        @Test
        void breaksTheConnectionAtBothEnds() {
            Pair pair = connected();
            onLoop(pair.client(), Transport::abortConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Aborted(null));
            assertReset(pair.server());
        }

        @Test
        void tellsTheProtocolInAComingTurnOnce() {
            Probe client = probe().onLost(() -> journal.add("lost"));
            connected(client, probe());
            onLoop(
                    client,
                    transport -> {
                        transport.abortConnection();
                        transport.abortConnection();
                        transport.loseConnection();
                        journal.add("asked");
                    });
            world.await(client.lost());
            letTimePass();

            assertThat(journal).containsExactly("asked", "lost");
        }

        @Test
        void dropsWhatIsBuffered() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(Bytes.utf8("dropped"));
                        transport.abortConnection();
                        assertThat(transport.write(Bytes.utf8("ignored"))).isFalse();
                    });
            world.await(pair.server().lost());

            assertThat(pair.server().text()).isEmpty();
        }

        /// What is read last and the reset may be seen in one turn, or in two.
        @RepeatedTest(20)
        void isSeenByAPeerThatIsStillReading() {
            Pair pair = connected(probe(), probe());
            onLoop(
                    pair.server(),
                    transport -> {
                        transport.write(bytes(2 * HIGH_MARK));
                        there.callLater(Duration.ZERO, transport::abortConnection);
                    });

            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Aborted(null));
            assertReset(pair.client());
        }

        @Test
        void cutsACloseShort() {
            Pair pair = connected(probe(), probe().onMade(Transport::pauseReading));
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                        transport.loseConnection();
                        transport.abortConnection();
                    });

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Aborted(null));
            onLoop(pair.server(), Transport::abortConnection);
        }
    }

    enum Place {
        CONNECTION_MADE,
        DATA_RECEIVED,
        WRITABLE_AGAIN
    }

    @Nested
    class Exceptions {
        private final RuntimeException broken = new IllegalStateException("thrown by a protocol");

        private void fail() {
            throw broken;
        }

        @ParameterizedTest
        @EnumSource
        void closeTheirConnectionAlone(Place place) {
            Pair bystanders = connected();
            Probe failing = probe();
            switch (place) {
                case CONNECTION_MADE -> failing.onMade(_ -> fail());
                case DATA_RECEIVED -> failing.onData(_ -> fail());
                case WRITABLE_AGAIN -> {
                    failing.onMade(transport -> transport.write(bytes(2 * HIGH_MARK)));
                    failing.onWritableAgain(this::fail);
                }
            }
            Probe peer = probe().onMade(transport -> transport.write(Bytes.utf8("x")));
            ListeningPort port = listen(_ -> failing);
            List<String> logged =
                    Logged.during(() -> {
                        // The reset may come so early that it is the connect which fails.
                        CompletionStage<CloseReason> seen =
                                here.connect(port.address(), _ -> peer, PATIENCE)
                                        .thenCompose(_ -> peer.lost())
                                        .exceptionally(CloseReason.Lost::new);
                        world.await(failing.lost());
                        world.await(seen);
                    });

            assertThat(failing.lost()).isCompletedWithValue(new CloseReason.Failed(broken));
            assertToldOnce(logged, broken);
            onLoop(bystanders.client(), transport -> transport.write(Bytes.utf8("fine")));
            assertThat(world.await(bystanders.server().received(4))).isEqualTo("fine");
        }

        @Test
        void dropWhatIsBuffered() {
            Probe failing = probe();
            failing.onData(_ -> {
                failing.transport().write(Bytes.utf8("dropped"));
                fail();
            });
            Pair pair = connected(probe(), failing);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("x")));
            world.await(pair.client().lost());

            assertThat(pair.client().text()).isEmpty();
            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
        }

        @Test
        void inConnectionMadeOfAClientCloseItsConnectionAndFailItsConnect() {
            Probe failing = probe().onMade(_ -> fail());
            List<String> logged = Logged.during(() -> assertConnectFailsWithIt(failing));

            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
            assertToldOnce(logged, broken);
        }

        @Test
        void areNoOthersThanThoseThatFailTheConnectionThere() {
            Probe failing = probe().onMade(transport -> transport.failConnection(broken));
            assertConnectFailsWithIt(failing);

            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
        }

        @Test
        void thatCannotSayWhatTheyAreFailAConnectToo() {
            class Unspeakable extends RuntimeException {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException("do not ask");
                }
            }
            Probe failing =
                    probe().onMade(_ -> {
                        throw new Unspeakable();
                    });
            ListeningPort port = listen(_ -> probe());
            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> failing, PATIENCE);

            assertFails(connect, Kind.FAILED);
            assertThat(world.await(failing.lost()).toString()).contains("Unspeakable");
        }

        private void assertConnectFailsWithIt(Probe client) {
            ListeningPort port = listen(_ -> probe());
            CompletionStage<Protocol> connect = here.connect(port.address(), _ -> client, PATIENCE);

            assertFails(connect, Kind.FAILED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasRootCause(broken)
                    .hasMessageContaining(port.address().toString());
        }

        @Test
        void inConnectionLostAreLoggedAndLeaveTheLoopGoing() {
            Pair pair = connected(probe().onLost(this::fail), probe());
            List<String> logged =
                    Logged.during(() -> {
                        onLoop(pair.client(), Transport::loseConnection);
                        world.await(pair.client().lost());
                        assertThat(onLoop(here, () -> "went on")).isEqualTo("went on");
                    });

            assertToldOnce(logged, broken);
        }

        @Test
        void inCloseAskedCloseTheirConnectionAndHoldNoStopUp() {
            Pair pair = connected(probe(), probe().onCloseAsked(_ -> fail()));
            Pair other = connected();
            world.await(there.stop());

            assertThat(pair.server().lost()).isCompletedWithValue(new CloseReason.Failed(broken));
            assertThat(other.server().lost()).isCompletedWithValue(new CloseReason.Done());
        }

        /// Errors are no less likely there than other exceptions: classes that are missing.
        private final Error missing = new NoClassDefFoundError("of a protocol");

        private Protocol buildNothing() {
            throw missing;
        }

        @Test
        void inBuildProtocolCloseTheSocketAndLeaveThePortOpen() {
            AtomicLong asked = new AtomicLong();
            Probe server = probe();
            ListeningPort port =
                    listen(_ -> asked.getAndIncrement() == 0 ? buildNothing() : server);
            Probe client = probe();
            List<String> logged =
                    Logged.during(() -> {
                        world.await(here.connect(port.address(), _ -> client, PATIENCE));
                        world.await(client.lost());
                        onLoop(there, () -> {});
                    });
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
            assertToldOnce(logged, missing);
        }

        @Test
        void inBuildProtocolOfAClientFailItsConnect() {
            ListeningPort port = listen(_ -> probe());
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            List<String> logged =
                    Logged.during(() -> {
                        connect.add(here.connect(port.address(), _ -> buildNothing(), PATIENCE));
                        assertFails(connect.getFirst(), Kind.REFUSED_BY_FACTORY);
                        onLoop(here, () -> {});
                    });

            assertThatThrownBy(() -> world.await(connect.getFirst())).hasRootCause(missing);
            assertToldOnce(logged, missing);
        }
    }

    @Nested
    class Brakes {
        @Test
        void writeSaysWhetherTheBufferIsBelowTheHighMark() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        assertThat(transport.write(bytes(HIGH_MARK / 2))).isTrue();
                        assertThat(transport.pendingBytes()).isEqualTo(HIGH_MARK / 2);
                        assertThat(transport.write(bytes(HIGH_MARK / 2 + 1))).isFalse();
                        assertThat(transport.pendingBytes()).isEqualTo(HIGH_MARK + 1);
                    });
            world.await(pair.client().becameWritable());
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("more")));
            letTimePass();

            assertThat(pair.client().happenings()).containsExactly("made", "writable again");
        }

        @Test
        void saysWritableAgainOnlyWhenThePeerHasRead() {
            Probe client = probe();
            client.onWritableAgain(() -> {
                long left = client.transport().pendingBytes();
                journal.add(left < here.writeMarks().low() ? "below the low mark" : "" + left);
            });
            Pair pair = connected(client, probe().onMade(Transport::pauseReading));
            onLoop(pair.client(), transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            letTimePass();
            assertThat(pair.client().happenings()).containsExactly("made");

            onLoop(pair.server(), Transport::resumeReading);
            world.await(pair.client().becameWritable());
            assertThat(journal).containsExactly("below the low mark");
            assertThat(world.await(pair.server().received(MORE_THAN_A_SOCKET_TAKES)))
                    .hasSize(MORE_THAN_A_SOCKET_TAKES);
        }

        @Test
        void saysNothingWhenTheHighMarkWasNotPassed() {
            Pair pair = connected();
            onLoop(pair.client(), transport -> transport.write(bytes(HIGH_MARK / 2)));
            world.await(pair.server().received(HIGH_MARK / 2));
            letTimePass();

            assertThat(pair.client().happenings()).containsExactly("made");
        }

        @Test
        void giveAConnectionUpAtTheHardLimit() {
            Pair pair = connected();
            Bytes piece = bytes(MEBIBYTE);
            onLoop(
                    pair.client(),
                    transport -> {
                        for (int i = 0; i <= 64; i++) {
                            transport.write(piece);
                        }
                        assertThat(pair.client().lost()).isNotDone();
                    });

            assertThat(world.await(pair.client().lost())).isInstanceOf(CloseReason.Failed.class);
        }

        @Test
        void deliverNothingWhileReadingIsPaused() {
            Probe server = probe();
            server.onData(_ -> {
                journal.add("data");
                server.transport().pauseReading();
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(MEBIBYTE)));
            world.await(server.received(1));
            letTimePass();
            assertThat(journal).containsExactly("data");

            server.onData(_ -> {});
            onLoop(server, Transport::resumeReading);
            assertThat(world.await(server.received(MEBIBYTE))).hasSize(MEBIBYTE);
        }

        @Test
        void deliverAllToAProtocolThatPausesAfterEachPiece() {
            Probe server = probe();
            server.onData(_ -> {
                server.transport().pauseReading();
                there.callFromThread(server.transport()::resumeReading);
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(2 * MEBIBYTE)));

            assertThat(world.await(server.received(2 * MEBIBYTE))).hasSize(2 * MEBIBYTE);
        }

        @Test
        void deliverInAComingTurnWhenReadingIsResumed() {
            Probe server = probe().onMade(Transport::pauseReading).onData(_ -> journal.add("data"));
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("x")));
            letTimePass();
            onLoop(
                    server,
                    transport -> {
                        transport.resumeReading();
                        transport.resumeReading();
                        journal.add("resumed");
                    });
            world.await(server.received(1));

            assertThat(journal).containsExactly("resumed", "data");
        }
    }

    // ---- threads ----

    @Nested
    class OtherThreads {
        @Test
        void mayListenAndConnectAndStopListening() {
            Probe server = probe();
            Probe client = probe();
            ListeningPort port = elsewhere(() -> listen(_ -> server));
            CompletionStage<Protocol> connect =
                    elsewhere(() -> here.connect(port.address(), _ -> client, PATIENCE));
            assertThat(world.await(connect)).isSameAs(client);
            world.await(server.made());
            world.await(elsewhere(port::stopListening));

            assertFails(
                    elsewhere(() -> here.connect(port.address(), _ -> probe(), PATIENCE)),
                    Kind.REFUSED);
        }

        @Test
        void mayDrainAPort() {
            ListeningPort port = listen(_ -> probe());

            assertThat(world.await(elsewhere(() -> port.drain(PATIENCE)))).isZero();
        }

        @Test
        void areToldThatAPortCannotBeOpened() {
            Endpoint taken = endpointOf(listen(_ -> probe()));

            assertCannotListen(taken, "address already in use");
        }

        @Test
        void areToldThatTheReactorHasEnded() {
            Endpoint place = world.endpoint();
            ListeningPort port = here.listen(place, _ -> probe());
            world.await(here.stop());

            assertCannotListen(place, "the reactor was stopped");
            assertFails(
                    elsewhere(() -> here.connect(port.address(), _ -> probe(), PATIENCE)),
                    Kind.STOPPED);
            world.await(elsewhere(port::stopListening));
            assertThat(world.await(elsewhere(() -> port.drain(PATIENCE)))).isZero();
        }

        private void assertCannotListen(Endpoint endpoint, String why) {
            assertThatThrownBy(() -> elsewhere(() -> here.listen(endpoint, _ -> probe())))
                    .cause()
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining(endpoint + ": " + why);
        }

        /// The loop is held, so that it learns of both together.
        @Test
        void mayGiveAConnectUpAtOnce() {
            ListeningPort port = listen(_ -> null);
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            Runnable askAndGiveUp =
                    () -> {
                        connect.add(here.connect(port.address(), _ -> probe(), PATIENCE));
                        connect.getFirst().toCompletableFuture().cancel(false);
                    };
            onLoop(here, () -> onAnotherThread(askAndGiveUp));
            letTimePass();

            assertThat(connect.getFirst().toCompletableFuture()).isCancelled();
            assertThat(probes).isEmpty();
        }
    }

    // ---- life ----

    @Nested
    class Stopping {
        @Test
        void sendsWhatIsBufferedFirst() {
            Pair pair = connected();
            onLoop(
                    pair.server(),
                    transport -> {
                        transport.write(bytes(5 * MEBIBYTE));
                        there.stop();
                    });
            world.await(there.stop());

            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.client().text()).hasSize(5 * MEBIBYTE);
        }

        @Test
        void asksProtocolsToCloseWhichMaySayGoodbye() {
            Probe saying =
                    probe().onCloseAsked(transport -> {
                        transport.write(Bytes.utf8("goodbye"));
                        transport.loseConnection();
                    });
            Pair pair = connected(probe(), saying);
            world.await(there.stop());

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.client().text()).isEqualTo("goodbye");
            assertThat(world.await(saying.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void closesThePorts() {
            ListeningPort port = listen(_ -> probe());
            world.await(there.stop());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
        }

        @Test
        void abortsWhatDoesNotFinish() {
            haveHaste();
            Pair pair = connected(probe().onMade(Transport::pauseReading), probe());
            onLoop(pair.server(), transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            world.await(there.stop());

            assertThat(pair.server().lost()).isCompleted();
            assertThat(pair.server().lost().resultNow()).isInstanceOf(CloseReason.Aborted.class);
            onLoop(pair.client(), Transport::abortConnection);
        }

        @Test
        void logsTheFailuresThatNobodyHasLookedAtByThen() {
            List<CompletionStage<?>> stages = new ArrayList<>();
            List<String> logged =
                    Logged.during(() -> {
                        CompletionStage<?> seen = looping("somebody looks at it");
                        var _ = seen.exceptionally(_ -> null);
                        stages.add(seen);
                        stages.add(looping("nobody looks at it"));
                        world.await(here.stop());
                    });

            assertThat(logged).filteredOn(line -> line.contains("nobody looks at it")).hasSize(1);
            assertThat(logged).noneMatch(line -> line.contains("somebody looks at it"));
            assertThat(stages).hasSize(2); // which are no garbage
        }

        private CompletionStage<?> looping(String whatItThrows) {
            return onLoop(
                    here,
                    () ->
                            LoopingCall.of(
                                            here,
                                            Duration.ofSeconds(1),
                                            () -> {
                                                throw new IllegalStateException(whatItThrows);
                                            })
                                    .start(true));
        }

        @Test
        void goesOnWhenItsStageIsCancelled() {
            here.stop().toCompletableFuture().cancel(false);

            assertThatCode(() -> world.await(here.stop())).doesNotThrowAnyException();
        }

        @Test
        void refusesCallsWhenItIsOver() {
            assertThat(here.callFromThread(() -> {})).isTrue();
            world.await(here.stop());

            assertThat(here.callFromThread(() -> journal.add("called"))).isFalse();
            world.await(here.stop().thenRun(() -> journal.add("told")));
            assertThat(journal).containsExactly("told");
        }

        @Test
        void runsTheCallsThatWereQueuedBefore() {
            here.callFromThread(() -> journal.add("ran"));
            world.await(here.stop());

            assertThat(journal).containsExactly("ran");
        }

        @Test
        void mayBeAskedForTwiceFromAnywhere() {
            onLoop(here, () -> {});
            onAnotherThread(here::stop);
            world.await(here.stop());
            world.await(here.stop());
        }

        @Test
        void isForEver() {
            world.await(here.stop());

            assertThatThrownBy(here::run).isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class DrainedPorts {
        @Test
        void acceptNobodyAndWaitForTheirConnections() {
            Probe server = probe();
            ListeningPort port = there.listenTcp(0, _ -> server);
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());
            CompletableFuture<Integer> drained =
                    port.drain(Duration.ofMinutes(10)).toCompletableFuture();
            world.await(port.stopListening());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            onLoop(client, transport -> transport.write(Bytes.utf8("still here")));
            world.await(server.received(10));
            assertThat(drained).isNotDone();
            onLoop(client, Transport::loseConnection);
            assertThat(world.await(drained)).isZero();
            assertThat(server.lost()).isCompletedWithValue(new CloseReason.Done());
        }

        @Test
        void abortWhatIsThereAtTheDeadlineAndSayHowMany() {
            List<Probe> servers = Collections.synchronizedList(new ArrayList<>());
            ListeningPort port =
                    there.listenTcp(
                            0,
                            _ -> {
                                Probe server = probe();
                                servers.add(server);
                                return server;
                            });
            Pair other = connected();
            for (int i = 0; i < 3; i++) {
                Probe client = probe().onMade(transport -> transport.write(Bytes.utf8("hello")));
                world.await(here.connect(port.address(), _ -> client, PATIENCE));
                while (servers.size() <= i) {
                    letTimePass();
                }
                world.await(servers.get(i).received(5));
            }
            assertThat(world.await(port.drain(Duration.ofMillis(20)))).isEqualTo(3);
            for (Probe server : servers) {
                assertThat(world.await(server.lost())).isInstanceOf(CloseReason.Aborted.class);
            }
            assertThat(other.server().lost()).isNotDone();
        }

        @Test
        void areDrainedAtOnceWhenTheyHaveNoConnection() {
            ListeningPort port = there.listenTcp(0, _ -> probe());

            assertThat(world.await(port.drain(Duration.ZERO))).isZero();
            assertThat(world.await(port.drain(Duration.ofMinutes(10)))).isZero();
            assertThatThrownBy(() -> port.drain(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Phases {
        private Registration note(Phase phase, String what) {
            return here.at(
                    phase,
                    what,
                    () -> {
                        assertThat(here.inLoop()).isTrue();
                        journal.add(what);
                        return null;
                    });
        }

        @Test
        void doWhatIsAskedForInTheirOrder() {
            note(Phase.AFTER_SHUTDOWN, "gone");
            note(Phase.BEFORE_SHUTDOWN, "goodbye");
            note(Phase.BEFORE_SHUTDOWN, "bye");
            note(Phase.STARTUP, "hello");
            onLoop(here, () -> note(Phase.STARTUP, "and welcome"));
            onLoop(here, () -> journal.add("at work"));
            world.await(here.stop());

            assertThat(journal)
                    .containsExactly("hello", "and welcome", "at work", "goodbye", "bye", "gone");
        }

        @Test
        void forgetWhatIsTakenBack() {
            Registration goodbye = note(Phase.BEFORE_SHUTDOWN, "goodbye");
            Registration gone = note(Phase.AFTER_SHUTDOWN, "gone");
            assertThat(goodbye.remove()).isTrue();
            assertThat(goodbye.remove()).isFalse();
            world.await(here.stop());

            assertThat(journal).containsExactly("gone");
            assertThat(gone.remove()).isFalse();
        }

        @Test
        void passOverWhatThrowsOrFails() {
            for (Phase phase : Phase.values()) {
                here.at(
                        phase,
                        "throw",
                        () -> {
                            throw new IOException("thrown by the test");
                        });
                here.at(
                        phase,
                        "fail",
                        () ->
                                CompletableFuture.failedFuture(
                                        new IOException("failed by the test")));
                note(phase, phase.name());
            }
            List<String> logged = Logged.during(() -> world.await(here.stop()));

            assertThat(journal).containsExactly("STARTUP", "BEFORE_SHUTDOWN", "AFTER_SHUTDOWN");
            for (Phase phase : List.of(Phase.BEFORE_SHUTDOWN, Phase.AFTER_SHUTDOWN)) {
                for (String what : List.of("throw", "fail")) {
                    String failed = phase + ": \"" + what + "\" failed";
                    assertThat(logged).filteredOn(line -> line.contains(failed)).hasSize(1);
                }
            }
        }

        @Test
        void waitForEachOtherWhileEverythingStillWorks() {
            Pair pair = connected();
            CompletableFuture<Void> drained = new CompletableFuture<>();
            there.at(
                    Phase.BEFORE_SHUTDOWN,
                    "drain",
                    () -> {
                        pair.server().transport().write(Bytes.utf8("last question"));
                        return drained;
                    });
            there.at(
                    Phase.AFTER_SHUTDOWN,
                    "look",
                    () -> {
                        journal.add(pair.server().text());
                        journal.add(String.valueOf(pair.server().lost().isDone()));
                        return null;
                    });
            CompletionStage<Void> stopped = there.stop();
            world.await(pair.client().received(13));
            Pair late = connected();
            onLoop(
                    there,
                    () ->
                            there.callLater(
                                    Duration.ZERO,
                                    () -> late.server().transport().write(Bytes.utf8("a timer"))));
            world.await(late.client().received(7));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("last answer")));
            world.await(pair.server().received(11));
            drained.complete(null);
            world.await(stopped);

            assertThat(journal).containsExactly("last answer", "true");
        }

        @Test
        void completeTheirStagesFromAnyThread() {
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "work",
                    () -> here.callInThread(() -> journal.add("worked")));
            world.await(here.stop());

            assertThat(journal).containsExactly("worked");
        }

        @Test
        void refuseWhatComesTooLate() {
            world.await(here.stop());

            assertThatThrownBy(() -> note(Phase.BEFORE_SHUTDOWN, "goodbye"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("goodbye")
                    .hasMessageContaining("BEFORE_SHUTDOWN");
        }

        @Test
        void refuseAStartOnceTheShutdownHasBegun() {
            here.at(
                    Phase.BEFORE_SHUTDOWN,
                    "start anew",
                    () -> {
                        note(Phase.STARTUP, "hello");
                        return null;
                    });
            world.await(here.stop());

            assertThatThrownBy(() -> note(Phase.STARTUP, "hello"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("STARTUP: \"hello\" comes too late");
            assertThat(journal).isEmpty();
        }

        @Test
        void startEvenIfTheReactorIsToldToStopMeanwhile() {
            onLoop(
                    here,
                    () -> {
                        note(Phase.STARTUP, "hello");
                        here.stop();
                    });
            world.await(here.stop());

            assertThat(journal).containsExactly("hello");
        }

        @Test
        void tellWhoWaitsForAConnectionThatTheReactorHasEnded() {
            ClientService client =
                    new ClientService(
                            here,
                            ClientEndpoint.unix("nowhere").connector(here),
                            _ -> probe(),
                            ClientOptions.DEFAULT);
            CompletionStage<Protocol> waits = client.whenConnected(0).toCompletableFuture();
            world.await(here.stop());

            assertThatThrownBy(() -> world.await(waits))
                    .hasRootCauseMessage("the reactor has ended");
        }

        @Test
        void startAndStopServices() {
            ServiceGroup services = new ServiceGroup(here, PATIENCE);
            services.add(
                    new Service() {
                        @Override
                        public CompletionStage<Void> start() {
                            journal.add("started");
                            return CompletableFuture.completedFuture(null);
                        }

                        @Override
                        public CompletionStage<Void> stop() {
                            CompletableFuture<Void> later = new CompletableFuture<>();
                            here.callLater(
                                    Duration.ofMillis(1),
                                    () -> {
                                        journal.add("stopped");
                                        later.complete(null);
                                    });
                            return later;
                        }
                    });
            world.await(services.startWithReactor());
            note(Phase.AFTER_SHUTDOWN, "gone");
            world.await(here.stop());

            assertThat(journal).containsExactly("started", "stopped", "gone");
        }
    }

    @Nested
    class ListeningServices {
        @Test
        void startFailAndStopOnTheLoop() {
            ListeningService service = new ListeningService(here, () -> listen(_ -> probe()));
            assertThat(service.stop()).isCompleted();

            assertThat(completesOnTheLoop(service.start())).isTrue();
            world.await(there.connect(service.address(), _ -> probe(), PATIENCE));
            assertThat(failureOnTheLoop(service.start())).isInstanceOf(IllegalStateException.class);
            assertThat(completesOnTheLoop(service.stop())).isTrue();
        }

        @Test
        void failToStartAsTheirPortDoes() {
            Endpoint taken = endpointOf(listen(_ -> probe()));
            ListeningService service =
                    new ListeningService(here, () -> here.listen(taken, _ -> probe()));

            assertThat(failureOnTheLoop(service.start())).isInstanceOf(CannotListenException.class);
        }

        private boolean completesOnTheLoop(CompletionStage<Void> stage) {
            return world.await(stage.thenApply(_ -> here.inLoop()));
        }

        private Throwable failureOnTheLoop(CompletionStage<Void> stage) {
            return world.await(
                    stage.handle((_, failure) -> {
                        assertThat(here.inLoop()).isTrue();
                        return failure;
                    }));
        }
    }

    @Nested
    class GroupOfOne {
        @Test
        void isItsReactor() {
            ReactorGroup group = ReactorGroup.of(there);
            Probe server = probe();
            ProtocolFactory factory = _ -> server;
            ListeningPort port = group.listen(world.endpoint(), factory);
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));
            world.await(server.made());

            assertThat(group.reactors()).containsExactly(there);
            assertThat(group.next()).isSameAs(there);
            assertThat(server.transport().reactor()).isSameAs(there);
            world.await(group.stop());
            assertThat(server.lost()).isCompleted();
        }
    }
}
