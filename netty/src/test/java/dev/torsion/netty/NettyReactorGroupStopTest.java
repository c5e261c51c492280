package dev.torsion.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How the loops of a group stop together.
@Timeout(300)
final class NettyReactorGroupStopTest {
    private final NettyReactor elsewhere = NettyReactor.create();
    private final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        get(elsewhere.stop());
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private ListeningPort listen(NettyReactorGroup group) {
        return group.listen(
                Endpoint.tcp(0),
                _ -> {
                    Recorder server = new Recorder();
                    accepted.add(server);
                    return server;
                });
    }

    /// A connection to each of two loops: to the first, to the last.
    private List<Recorder> servers(NettyReactorGroup two, ListeningPort port, Recorder... clients)
            throws Exception {
        Recorder one = serve(port, clients[0]);
        Recorder another = serve(port, clients[1]);
        boolean inOrder = two.reactors().indexOf(one.transport().reactor()) == 0;
        List<Recorder> servers = inOrder ? List.of(one, another) : List.of(another, one);
        assertThat(servers)
                .map(server -> server.made.join().reactor())
                .containsExactlyElementsOf(two.reactors());
        return servers;
    }

    private Recorder serve(ListeningPort port, Recorder client) throws Exception {
        var _ = elsewhere.connect(port.address(), _ -> client, Duration.ofMinutes(1));
        Recorder server = requireNonNull(accepted.poll(60, TimeUnit.SECONDS));
        server.transport();
        return server;
    }

    /// Done on the loop of `reactor` when it is through what was registered before for the time
    /// before the shutdown, and has had a turn since.
    private static CompletableFuture<Void> goesOn(Reactor reactor) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        reactor.at(
                Phase.BEFORE_SHUTDOWN,
                "tell",
                () -> {
                    reactor.callFromThread(() -> done.complete(null));
                    return null;
                });
        return done;
    }

    @Test
    void servesOnAllLoopsWhileOneOfThemDrains() throws Exception {
        NettyReactorGroup two = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        ListeningPort port = listen(two);
        List<Recorder> clients = List.of(new Recorder(), new Recorder());
        List<Recorder> servers = servers(two, port, clients.toArray(Recorder[]::new));
        CompletableFuture<Integer> aborted = new CompletableFuture<>();
        two.reactors()
                .getFirst()
                .at(
                        Phase.BEFORE_SHUTDOWN,
                        "drain",
                        () -> port.drain(Duration.ofMinutes(1)).thenAccept(aborted::complete));
        CompletableFuture<Void> wentOn = goesOn(two.reactors().getLast());

        CompletionStage<Void> stopped = two.stop();
        get(wentOn);
        for (Recorder server : servers) {
            server.onLoop(NettyReactorGroupStopTest::answerLater);
        }

        for (Recorder client : clients) {
            assertThat(client.received(6)).isEqualTo(Bytes.utf8("answer").toArray());
        }
        assertThat(get(aborted)).isZero();
        get(stopped);
    }

    @Test
    void runsTimersOnTheLoopThatStopsItUntilAnotherIsPrepared() throws Exception {
        NettyReactorGroup two = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        CompletableFuture<Void> ran = new CompletableFuture<>();
        two.reactors().getFirst().at(Phase.BEFORE_SHUTDOWN, "wait", () -> ran);
        Reactor last = two.reactors().getLast();

        last.callFromThread(() -> {
            var _ = two.stop();
            var _ = last.callLater(Duration.ofMillis(1), () -> ran.complete(null));
        });

        get(ran);
        get(two.stop());
    }

    private static void answerLater(Transport transport) {
        var _ =
                transport
                        .reactor()
                        .callLater(
                                Duration.ofMillis(1),
                                () -> {
                                    transport.write(Bytes.utf8("answer"));
                                    transport.loseConnection();
                                });
    }

    @Test
    void closesOneThatIsStoppedAlone() throws Exception {
        NettyReactorGroup two = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        CompletableFuture<Void> let = new CompletableFuture<>();
        two.reactors().getLast().at(Phase.BEFORE_SHUTDOWN, "wait", () -> let);

        get(two.reactors().getFirst().stop());

        assertThat(two.reactors().getLast().callFromThread(() -> let.complete(null))).isTrue();
        get(two.stop());
    }

    /// @return what its loop waits for
    private static CompletableFuture<Void> hang(Reactor reactor) throws Exception {
        CompletableFuture<Void> let = new CompletableFuture<>();
        CompletableFuture<Void> hangs = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            hangs.complete(null);
            let.join();
        });
        get(hangs);
        return let;
    }

    @Test
    void drainsAPortInTimeThoughALoopHangs() throws Exception {
        NettyReactorGroup two = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        ListeningPort port = listen(two);
        List<Recorder> servers = servers(two, port, new Recorder(), new Recorder());
        CompletableFuture<Void> let = hang(two.reactors().getLast());

        CompletableFuture<Integer> drained = new CompletableFuture<>();
        List<String> logged =
                Logged.during(() ->
                        drained.complete(port.drain(Duration.ZERO).toCompletableFuture().join()));
        assertThat(drained).isCompletedWithValue(1);
        assertThat(logged)
                .anyMatch(line ->
                        line.contains(
                                "one of its loops hangs at its drain; still open until it goes"
                                        + " on: 1"));
        assertThat(servers.getFirst().lost()).isInstanceOf(CloseReason.Aborted.class);
        let.complete(null);
        assertThat(servers.getLast().lost()).isInstanceOf(CloseReason.Aborted.class);
        get(two.stop());
    }

    @Test
    void listensAndStopsListeningThoughALoopHangs() throws Exception {
        NettyReactorGroup two =
                NettyReactorGroup.create(
                        2, ReactorOptions.DEFAULT.withCloseDeadline(Duration.ofMillis(100)));
        CompletableFuture<Void> let = hang(two.reactors().getLast());
        CompletableFuture<ListeningPort> opened = new CompletableFuture<>();

        List<String> logged = Logged.during(() -> opened.complete(listen(two)));

        ListeningPort port = get(opened);
        serve(port, new Recorder());
        assertThat(logged).anyMatch(line -> line.matches(".*reactor-2 .* hangs, and accepts.*"));
        let.complete(null);
        get(Deferred.onLoop(two.reactors().getLast(), () -> CompletableFuture.completedStage(1)));
        CompletableFuture<Void> again = hang(two.reactors().getLast());
        assertThatThrownBy(() -> get(port.stopListening()))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageMatching(".*reactor-2 .* hangs, and listens until it goes on");
        again.complete(null);
        get(port.stopListening());
        get(two.stop());
    }

    @Test
    void doesNotWaitForALoopThatHangs() throws Exception {
        NettyReactorGroup two =
                NettyReactorGroup.create(
                        2, ReactorOptions.DEFAULT.withShutdownDeadline(Duration.ofMillis(1)));
        ListeningPort port = listen(two);
        List<Recorder> servers = servers(two, port, new Recorder(), new Recorder());
        CompletableFuture<Void> let = hang(two.reactors().getLast());

        CompletionStage<Void> stopped = two.stop();

        assertThat(servers.getFirst().lost()).isNotNull();
        get(stopped);
        let.complete(null);
    }
}
