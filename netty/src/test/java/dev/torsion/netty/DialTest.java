package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.DatagramProbe;
import dev.torsion.reactor.testing.Logged;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A name that stands for several addresses.
@Timeout(300)
final class DialTest {
    private final List<InetAddress> addresses = new ArrayList<>();
    private final NettyReactor reactor = resolving(_ -> List.copyOf(addresses));
    private final Recorder client = new Recorder();
    private final ClientEndpoint nowhere = ClientEndpoint.tcp(Address.of("127.0.0.1", 1));
    private final AtomicInteger asked = new AtomicInteger();
    private final ProtocolFactory asking =
            _ -> {
                asked.incrementAndGet();
                return client;
            };

    private static NettyReactor resolving(Resolver resolver) {
        return NettyReactor.create(
                ReactorOptions.DEFAULT
                        .withShutdownDeadline(Duration.ofMillis(500))
                        .withResolver(resolver));
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private void named(String... literals) throws UnknownHostException {
        for (String literal : literals) {
            addresses.add(InetAddress.getByName(literal));
        }
    }

    private CompletableFuture<Protocol> connect(int port) {
        return connect(port, Duration.ofMinutes(1));
    }

    private CompletableFuture<Protocol> connect(int port, Duration timeout) {
        return reactor.connect(Address.of("several.example", port), _ -> client, timeout)
                .toCompletableFuture();
    }

    private ListeningPort listen(String host, int port, Protocol server) {
        return reactor.listen(Endpoint.at(Address.of(host, port)), _ -> server);
    }

    @Test
    void takesTheNextAddressWhenOneRefuses() throws Exception {
        named("127.0.0.2", "127.0.0.3", "127.0.0.1");
        Recorder server = new Recorder();
        ListeningPort port = listen("127.0.0.1", 0, server);
        connect(port.port()).get(60, TimeUnit.SECONDS);
        assertThat(client.transport().peer()).isEqualTo(port.address());
    }

    /// If it had the time of all of them, nothing would be left of that for the next one.
    @Test
    void doesNotWaitForAnAddressThatKeepsSilent() throws Exception {
        try (Silent silent = new Silent("127.0.0.2")) {
            named("127.0.0.2", "127.0.0.1");
            ListeningPort port = listen("127.0.0.1", silent.port(), new Recorder());
            long began = System.nanoTime();
            connect(port.port(), Duration.ofSeconds(15)).get(60, TimeUnit.SECONDS);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThanOrEqualTo(ReactorOptions.DEFAULT.attemptDelay());
            assertThat(client.transport().peer()).isEqualTo(port.address());
        }
    }

    @Test
    void waitsForAnAddressThatKeepsSilentAsLongAsItIsTold() throws Exception {
        NettyReactor patient =
                NettyReactor.create(
                        ReactorOptions.DEFAULT
                                .withResolver(_ -> List.copyOf(addresses))
                                .withAttemptDelay(Duration.ofDays(1)));
        try (Silent silent = new Silent("127.0.0.2")) {
            named("127.0.0.2", "127.0.0.1");
            int port = listen("127.0.0.1", silent.port(), new Recorder()).port();
            Address.Inet several = Address.of("several.example", port);
            ConnectFailedException failed =
                    failure(
                            patient.connect(several, _ -> client, Duration.ofMillis(500))
                                    .toCompletableFuture());
            assertThat(failed.kind()).isEqualTo(Kind.TIMED_OUT);
            assertThat(client.made).isNotDone();
        }
        patient.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void triesNoTwoAddressesAtOnce() {
        assertThatThrownBy(() -> ReactorOptions.DEFAULT.withAttemptDelay(Duration.ofMillis(9)))
                .hasMessage(
                        "the next address is tried after PT0.01S at the earliest, not after PT0.009S");
    }

    @Test
    void endsTheAttemptThatIsUnderWayWhenAnotherIsMade() throws Exception {
        List<DuplexChannel> underWay = new ArrayList<>();
        CompletableFuture<Dial> dialing = new CompletableFuture<>();
        try (Silent silent = new Silent("127.0.0.2")) {
            named("127.0.0.2", "127.0.0.1");
            int port = listen("127.0.0.1", silent.port(), new Recorder()).port();
            Dial dial =
                    new Dial(
                            reactor,
                            ClientEndpoint.tcp(Address.of("several.example", port)),
                            _ -> {
                                underWay.addAll(dialing.join().attempts());
                                return client;
                            });
            dialing.complete(dial);
            reactor.callFromThread(dial::begin);
            dial.result().toCompletableFuture().get(60, TimeUnit.SECONDS);

            assertThat(underWay).as("but for the one that is made").hasSize(1);
            assertThat(underWay.getFirst().closeFuture().await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// A listener that accepts nothing and whose queue is full: it answers nobody.
    private static final class Silent implements AutoCloseable {
        private final ServerSocket listener;
        private final List<SocketChannel> queued = new ArrayList<>();

        Silent(String host) throws IOException {
            listener = new ServerSocket(0, 1, InetAddress.getByName(host));
            for (int i = 0; i < 4; i++) {
                SocketChannel one = SocketChannel.open();
                queued.add(one);
                one.configureBlocking(false);
                one.connect(listener.getLocalSocketAddress());
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            for (SocketChannel one : queued) {
                one.close();
            }
            listener.close();
        }
    }

    @Test
    void makesOneConnectionWhereAllAnswer() throws Exception {
        named("127.0.0.1", "127.0.0.2");
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        int port = listen("127.0.0.1", 0, first).port();
        listen("127.0.0.2", port, second);
        connect(port).get(60, TimeUnit.SECONDS);
        first.transport();
        CompletableFuture<Void> later = new CompletableFuture<>(); // than the next address's turn
        reactor.callFromThread(() ->
                reactor.callLater(
                        ReactorOptions.DEFAULT.attemptDelay(), () -> later.complete(null)));
        later.get(60, TimeUnit.SECONDS);
        Recorder next = new Recorder();
        reactor.connect(Address.of("127.0.0.2", port), _ -> next, Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(second.transport().peer()).isEqualTo(next.transport().host());
    }

    @Test
    void failsAsTheLastAddressDoes() throws Exception {
        int port = listen("127.0.0.1", 0, new Recorder()).port();
        named("127.0.0.2", "224.0.0.1"); // which refuses, and to which no connection leads
        assertThat(failure(connect(port)).kind()).isEqualTo(Kind.UNREACHABLE);
        addresses.clear();
        named("224.0.0.1", "127.0.0.2");
        assertThat(failure(connect(port)).kind()).isEqualTo(Kind.REFUSED);
    }

    /// Why nothing came of a connect.
    private static ConnectFailedException failure(CompletableFuture<?> connect) {
        return (ConnectFailedException)
                Deferred.cause(catchThrowableOfType(CompletionException.class, connect::join));
    }

    @Test
    void looksANameUpWithinTheTimeToConnect() throws Exception {
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        NettyReactor patient = resolving(_ -> answer.join());
        int port = listen("127.0.0.1", 0, new Recorder()).port();
        CompletableFuture<Protocol> connect =
                patient.connect(
                                Address.of("slow.example", port),
                                _ -> client,
                                Duration.ofMillis(50))
                        .toCompletableFuture();
        ConnectFailedException failed = failure(connect);
        assertThat(failed.kind()).isEqualTo(Kind.TIMED_OUT);
        assertThat(failed).hasMessageContaining("look-up of its name");
        answer.complete(List.of(InetAddress.getLoopbackAddress()));
        patient.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(client.made).isNotDone();
    }

    @Test
    void interruptsALookUpThatNobodyWaitsForAnyMore() throws Exception {
        CompletableFuture<Void> interrupted = new CompletableFuture<>();
        NettyReactor asking =
                resolving(_ -> {
                    try {
                        new CountDownLatch(1).await();
                        throw new AssertionError("nobody counts down");
                    } catch (InterruptedException told) {
                        interrupted.complete(null);
                        throw told;
                    }
                });
        Address.Inet slow = Address.of("slow.example", 1);
        assertThat(
                        failure(
                                        asking.connect(slow, _ -> client, Duration.ofMillis(50))
                                                .toCompletableFuture())
                                .kind())
                .isEqualTo(Kind.TIMED_OUT);
        interrupted.get(60, TimeUnit.SECONDS);
        asking.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void looksUpNamesAlone() throws Exception {
        NettyReactor numbers =
                resolving(host -> {
                    throw new AssertionError(host + " was looked up");
                });
        ListeningPort port = numbers.listen(Endpoint.tcp(0), _ -> new Recorder());
        numbers.connect(port.address(), _ -> client, Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        numbers.connectUdp(
                        Address.of("127.0.0.1", 1),
                        new DatagramProbe(),
                        DatagramOptions.DEFAULT,
                        Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        numbers.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void opensPortsAtTheFirstAddressOfAName() throws Exception {
        named("127.0.0.2", "127.0.0.1");
        int port = listen("here.example", 0, new Recorder()).port();
        DatagramProbe probe = new DatagramProbe();
        reactor.listenUdp(Address.of("here.example", 0), probe, DatagramOptions.DEFAULT);
        Address.Inet taken = Address.of("127.0.0.2", probe.transport().address().port());
        assertThatThrownBy(() ->
                        reactor.listenUdp(taken, new DatagramProbe(), DatagramOptions.DEFAULT))
                .hasMessageContaining("address already in use");
        reactor.connect(Address.of("127.0.0.2", port), _ -> client, Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void saysWhyAPortsNameIsNotFound() throws Exception {
        saysWhyNotBound(_ -> List.of(), "unknown host \"here.example\"");
        saysWhyNotBound(
                _ -> {
                    throw new UnknownHostException("here.example");
                },
                "unknown host \"here.example\"");
        saysWhyNotBound(
                _ -> {
                    throw new IOException("by the test");
                },
                "its name cannot be looked up: java.io.IOException: by the test");
        saysWhyNotBound(
                _ -> {
                    throw new IllegalStateException("by the test");
                },
                "its name cannot be looked up: java.lang.IllegalStateException: by the test");
    }

    @Test
    void waitsForTheNameOfAPortNoLongerThanTheReactorIsThere() throws Exception {
        Semaphore asked = new Semaphore(0);
        Semaphore interrupted = new Semaphore(0);
        NettyReactor stopped =
                resolving(_ -> {
                    asked.release();
                    try {
                        new CountDownLatch(1).await();
                        return List.of();
                    } finally {
                        interrupted.release();
                    }
                });
        Address.Inet place = Address.of("here.example", 0);
        CompletableFuture<?> listens =
                CompletableFuture.runAsync(
                        () -> stopped.listen(Endpoint.at(place), _ -> client),
                        Thread.ofPlatform()::start);
        CompletableFuture<?> listensUdp =
                CompletableFuture.runAsync(
                        () ->
                                stopped.listenUdp(
                                        place, new DatagramProbe(), DatagramOptions.DEFAULT),
                        Thread.ofPlatform()::start);
        asked.acquire(2);

        stopped.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);

        for (CompletableFuture<?> each : List.of(listens, listensUdp)) {
            assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(CannotListenException.class)
                    .hasMessageEndingWith("the reactor was stopped");
        }
        interrupted.acquire(2);
    }

    private void saysWhyNotBound(Resolver resolver, String why) throws Exception {
        NettyReactor unfortunate = resolving(resolver);
        Address.Inet place = Address.of("here.example", 0);
        assertThatThrownBy(() -> unfortunate.listen(Endpoint.at(place), _ -> client))
                .isInstanceOf(CannotListenException.class)
                .hasMessageEndingWith(why)
                .hasCauseExactlyInstanceOf(
                        why.startsWith("unknown") ? UnknownHostException.class : IOException.class);
        assertThatThrownBy(() ->
                        unfortunate.listenUdp(place, new DatagramProbe(), DatagramOptions.DEFAULT))
                .isInstanceOf(CannotListenException.class)
                .hasMessageEndingWith(why);
        unfortunate.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void looksNamesUpAndStopsWhateverHoldsTheVirtualThreads() throws Exception {
        named("127.0.0.1");
        int port = listen("127.0.0.1", 0, new Recorder()).port();
        AtomicBoolean computing = new AtomicBoolean(true);
        int carriers = Runtime.getRuntime().availableProcessors();
        CountDownLatch busy = new CountDownLatch(carriers);
        try {
            for (int i = 0; i < carriers; i++) {
                var _ =
                        reactor.callInThread(() -> {
                            busy.countDown();
                            while (computing.get()) {
                                Thread.onSpinWait();
                            }
                            return true;
                        });
            }
            assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
            connect(port).get(60, TimeUnit.SECONDS);
            reactor.callInLayerThread(() -> true).toCompletableFuture().get(60, TimeUnit.SECONDS);
            stop();
        } finally {
            computing.set(false);
        }
    }

    @Test
    void asksNoFactoryForAConnectionThatWasGoneAtOnce() {
        Dial dial = dial();
        reactor.callFromThread(() -> tellThatItIsActive(neverConnected(dial)));
        ConnectFailedException failed = failure(dial.result().toCompletableFuture());
        assertThat(failed.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failed).hasMessageEndingWith("the connection was gone before it was made");
        assertThat(asked).hasValue(0);
    }

    /// It is cancelled on another thread, so that the loop learns of it too late.
    @Test
    void closesWithoutAWordWhatIsMadeWhenNobodyWaitsAnyMore() {
        Dial dial = dial();
        CompletableFuture<Protocol> result = dial.result().toCompletableFuture();
        CompletableFuture<Channel> closed = new CompletableFuture<>();
        List<String> logged =
                Logged.during(() -> {
                    reactor.callFromThread(() -> {
                        DuplexChannel channel = neverConnected(dial);
                        CompletableFuture.runAsync(() -> result.cancel(false)).join();
                        tellThatItIsActive(channel);
                        channel.closeFuture().addListener(_ -> closed.complete(channel));
                    });
                    closed.join();
                });
        assertThat(result).isCancelled();
        assertThat(logged).noneMatch(line -> line.contains("cannot connect"));
        assertThat(asked).hasValue(0);
    }

    /// It is cancelled on another thread while `connectionMade` is called.
    @Test
    void abortsAConnectionThatNobodyHas() throws Exception {
        CompletableFuture<CompletableFuture<Protocol>> connect = new CompletableFuture<>();
        Recorder abandoned =
                new Recorder() {
                    @Override
                    public void connectionMade(Transport transport) {
                        CompletableFuture<Protocol> result = connect.join();
                        CompletableFuture.runAsync(() -> result.cancel(false)).join();
                    }
                };
        ListeningPort port = listen("127.0.0.1", 0, new Recorder());
        connect.complete(
                reactor.connect(port.address(), _ -> abandoned, Duration.ofMinutes(1))
                        .toCompletableFuture());
        assertThat(abandoned.lost()).hasToString("aborted: the connect was cancelled");
    }

    /// It is cancelled by `connectionMade`.
    @Test
    void resetsAConnectionThatIsGivenUpAtTheLastMoment() throws Exception {
        List<CompletableFuture<Protocol>> connect = new ArrayList<>();
        Recorder abandoned =
                new Recorder() {
                    @Override
                    public void connectionMade(Transport transport) {
                        connect.getFirst().cancel(false);
                    }
                };
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = Address.of("127.0.0.1", peer.getLocalPort());
            reactor.callFromThread(() ->
                    connect.add(
                            reactor.connect(address, _ -> abandoned, Duration.ofMinutes(1))
                                    .toCompletableFuture()));
            assertThat(abandoned.lost()).hasToString("aborted: the connect was cancelled");
            try (Socket accepted = peer.accept()) {
                assertThatThrownBy(() -> accepted.getInputStream().read())
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
            }
        }
    }

    private Dial dial() {
        return new Dial(reactor, nowhere, asking);
    }

    /// A socket without a peer, as one whose peer was there and is gone.
    private DuplexChannel neverConnected(Dial dial) {
        DuplexChannel channel = reactor.streamSockets().client(nowhere);
        channel.pipeline().addLast(new Connection(reactor, channel, dial));
        var _ = reactor.loop().register(channel);
        return channel;
    }

    private static void tellThatItIsActive(DuplexChannel channel) {
        channel.pipeline().fireChannelActive();
    }

    @Test
    void failsForANameWithoutAddressesAsForOneThatNobodyHas() throws Exception {
        Address.Inet named = Address.of("several.example", 1);
        List<CompletionStage<?>> all =
                List.of(
                        connect(1),
                        reactor.connect(
                                ClientEndpoint.tcp(named).withBind(Address.of("127.0.0.1", 0)),
                                asking),
                        connectUdp(reactor, named));
        for (CompletionStage<?> each : all) {
            ConnectFailedException failure = failure(each.toCompletableFuture());
            assertThat(failure.kind()).isEqualTo(Kind.UNKNOWN_HOST);
            assertThat(failure).hasMessageEndingWith("unknown host");
        }
    }

    private static CompletionStage<DatagramTransport> connectUdp(
            NettyReactor reactor, Address.Inet peer) {
        return reactor.connectUdp(
                peer, new DatagramProbe(), DatagramOptions.DEFAULT, Duration.ofMinutes(1));
    }

    @Test
    void looksUpNoAddressOfAZoneThatIsNotHere() throws Exception {
        NettyReactor numbers =
                resolving(host -> {
                    throw new AssertionError(host + " was looked up");
                });
        Address.Inet elsewhere = Address.of("fe80::1%nowhere0", 1);
        String why = "this machine has no such address: [fe80::1%nowhere0]:1";
        assertThat(
                        failure(
                                numbers.connect(elsewhere, asking, Duration.ofMinutes(1))
                                        .toCompletableFuture()))
                .hasMessageEndingWith(why);
        assertThat(failure(connectUdp(numbers, elsewhere).toCompletableFuture()))
                .hasMessageEndingWith(why);
        assertThatThrownBy(() -> numbers.listen(Endpoint.at(elsewhere), asking))
                .isInstanceOf(CannotListenException.class)
                .hasMessageEndingWith(why);
        numbers.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /// As when there is no thread to look it up on.
    @Test
    void saysThatANameCouldNotBeLookedUp() throws Exception {
        NettyReactor ill =
                resolving(_ -> {
                    throw new OutOfMemoryError("by the test");
                });
        Address.Inet named = Address.of("ill.example", 1);
        ConnectFailedException overTcp =
                failure(
                        ill.connect(named, _ -> client, Duration.ofMinutes(1))
                                .toCompletableFuture());
        assertThat(overTcp.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(overTcp)
                .hasMessageEndingWith(
                        "its name cannot be looked up: java.lang.OutOfMemoryError: by the test");
        ConnectFailedException overUdp =
                failure(
                        ill.connectUdp(
                                        named,
                                        new DatagramProbe(),
                                        DatagramOptions.DEFAULT,
                                        Duration.ofMinutes(1))
                                .toCompletableFuture());
        assertThat(overUdp).hasMessage(overTcp.getMessage());
        ill.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void triesAnyNumberOfAddressesThatFailAtOnce() throws Exception {
        InetAddress here = InetAddress.getLoopbackAddress();
        NettyReactor many = resolving(_ -> Collections.nCopies(5_000, here));
        int taken = listen("127.0.0.1", 0, new Recorder()).port();
        CompletableFuture<Protocol> connect =
                many.connect(
                                ClientEndpoint.tcp(Address.of("many.example", taken))
                                        .withBind(Address.of("127.0.0.1", taken)),
                                _ -> client)
                        .toCompletableFuture();

        assertThat(failure(connect).kind()).isEqualTo(Kind.CANNOT_BIND);
        many.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
