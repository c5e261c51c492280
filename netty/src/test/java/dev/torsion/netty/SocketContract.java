package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.SocketOptions.KeepAlive;
import dev.torsion.reactor.Transport;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// What holds on real sockets, however they are watched, beyond the contract of every reactor: what
/// a plain socket at the other end sees, what the options ask of the system, and its words.
@Timeout(300)
abstract class SocketContract {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final int MEBIBYTE = 1024 * 1024;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private NettyReactor reactor;

    abstract ReactorOptions.Io io();

    @BeforeEach
    void start() {
        use(ReactorOptions.DEFAULT);
    }

    private void use(ReactorOptions options) {
        reactor = reactor(options.withIo(io()));
    }

    NettyReactor reactor(ReactorOptions options) {
        return NettyReactor.create(options);
    }

    @AfterEach
    void stop() throws Exception {
        await(reactor.stop());
    }

    // ---- bytes ----

    @Test
    void echoesTenMebibytesUnchanged() throws Exception {
        byte[] sent = noise(10 * MEBIBYTE);
        Recorder client = connect(reactor.listenTcp(0, _ -> new Echo()));
        client.onLoop(transport -> transport.write(Bytes.wrap(sent)));
        assertThat(client.received(sent.length)).isEqualTo(sent);
    }

    @Test
    void keepsTheOrderOfManySmallWritesBetweenLargeOnes() throws Exception {
        byte[] sent = noise(MEBIBYTE);
        Recorder client = connect(reactor.listenTcp(0, _ -> new Echo()));
        client.onLoop(transport -> {
            Random random = new Random(11);
            for (int from = 0, to; from < sent.length; from = to) {
                int size = random.nextInt(10) == 0 ? 100_000 : random.nextInt(50);
                to = Math.min(sent.length, from + size);
                transport.write(Bytes.wrap(sent).slice(from, to));
            }
        });
        assertThat(client.received(sent.length)).isEqualTo(sent);
    }

    @Test
    void endsTheLoanOfBytesWithTheCall() throws Exception {
        List<Bytes> kept = new ArrayList<>();
        CompletableFuture<Void> twice = new CompletableFuture<>();
        Recorder server =
                new Recorder() {
                    @Override
                    public void dataReceived(Bytes data) {
                        kept.add(data);
                        kept.add(data.slice(0, 1));
                        if (kept.size() == 4) {
                            assertThatThrownBy(() -> kept.getFirst().at(0))
                                    .isInstanceOf(IllegalStateException.class);
                            twice.complete(null);
                        }
                    }
                };
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            peer.getOutputStream().write(1);
            server.onLoop(_ -> {});
            while (kept.isEmpty()) {
                server.onLoop(_ -> {});
            }
            peer.getOutputStream().write(2);
            await(twice);
            server.onLoop(_ -> {
                for (Bytes bytes : kept) {
                    assertThatThrownBy(bytes::size)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("bytes.owned()");
                }
            });
        }
    }

    @Test
    void readsNoMoreAtOnceThanItSays() throws Exception {
        byte[] sent = noise(10 * MEBIBYTE);
        List<Integer> sizes = new ArrayList<>();
        Recorder server =
                new Recorder() {
                    @Override
                    public void dataReceived(Bytes data) {
                        sizes.add(data.size());
                        super.dataReceived(data);
                    }
                };
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            peer.getOutputStream().write(sent);
            assertThat(server.received(sent.length)).isEqualTo(sent);
        }
        server.lost();
        assertThat(sizes).allMatch(size -> size <= Transport.LARGEST_READ);
    }

    @Test
    @EnabledIf(value = "hasSs", disabledReason = "reads the backlogs of this machine's ports by ss")
    void letsAsManyWaitToBeAcceptedAsItIsToldTo() throws Exception {
        int most = backlog(Endpoint.tcp(0).withBacklog(1024)); // unless the system allows less
        assertThat(most).isBetween(8, 1024);
        assertThat(backlog(Endpoint.tcp(0))).isEqualTo(most);
        assertThat(backlog(Endpoint.tcp(0).withBacklog(7))).isEqualTo(7);
    }

    static boolean hasSs() {
        return Files.isExecutable(Path.of("/usr/bin/ss"));
    }

    private int backlog(Endpoint endpoint) throws Exception {
        ListeningPort port = reactor.listen(endpoint, _ -> null);
        Process ss =
                new ProcessBuilder("/usr/bin/ss", "-Hltn", "sport = :" + port.port())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String line = new String(ss.getInputStream().readAllBytes(), UTF_8).strip();
        String[] fields = line.split(" +", -1); // its state, how many wait, how many may
        return Integer.parseInt(fields[2]);
    }

    // ---- brakes ----

    @Test
    void givesUpAConnectionWhoseBufferIsOverTheHardLimit() throws Exception {
        use(ReactorOptions.DEFAULT.withMarks(32, 64, 2 * MEBIBYTE));
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            server.onLoop(transport -> {
                transport.write(Bytes.wrap(new byte[2 * MEBIBYTE]));
                transport.write(Bytes.wrap(new byte[1]));
                assertThat(transport.pendingBytes()).isZero();
            });
            assertThat(server.lost())
                    .isInstanceOf(CloseReason.Failed.class)
                    .hasToString(
                            "failed: wrote past the hard limit of 2097152 bytes: the peer does not"
                                    + " read as fast");
            assertReset(peer);
        }
    }

    // ---- ends ----

    @Test
    void losesTheConnectionCleanlyWhenThePeerCloses() throws Exception {
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            peer.getOutputStream().write("bye".getBytes(UTF_8));
        }
        assertThat(server.lost()).isEqualTo(new CloseReason.Done());
        assertThat(server.received(3)).asString(UTF_8).isEqualTo("bye");
    }

    @Test
    void losesTheConnectionWhenThePeerResetsIt() throws Exception {
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            server.transport();
            peer.setSoLinger(true, 0);
        }
        assertThat(server.lost()).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void answersAPeerThatHasFinishedAlready() throws Exception {
        byte[] sent = noise(MEBIBYTE);
        Recorder server =
                new Recorder() {
                    @Override
                    public void dataReceived(Bytes data) {
                        made.join().write(data);
                    }
                };
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            Thread.ofVirtual()
                    .start(() -> {
                        write(peer, sent);
                        finish(peer);
                    });
            assertThat(peer.getInputStream().readAllBytes()).isEqualTo(sent);
        }
        assertThat(server.lost()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void sendsTheLastWordsToAPeerThatIsStillTalking() throws Exception {
        Recorder server =
                new Recorder() {
                    @Override
                    public void dataReceived(Bytes data) {
                        super.dataReceived(data);
                        made.join().write(Bytes.utf8("too long"));
                        made.join().loseConnection();
                        assertThat(made.join().write(Bytes.utf8("never sent"))).isFalse();
                    }
                };
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            write(peer, new byte[8 * MEBIBYTE]);
            assertThat(peer.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("too long");
        }
        assertThat(server.lost()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void abortsAClosingConnectionWhosePeerNeverReads() throws Exception {
        use(ReactorOptions.DEFAULT.withCloseDeadline(MOMENT));
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            server.onLoop(transport -> {
                transport.write(Bytes.wrap(new byte[32 * MEBIBYTE]));
                transport.loseConnection();
            });
            assertThat(server.lost()).isInstanceOf(CloseReason.Aborted.class);
            assertReset(peer);
        }
    }

    @Test
    void resetsThePeerWhenAbortedAndTellsInTheNextTurn() throws Exception {
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            server.onLoop(transport -> {
                transport.write(Bytes.utf8("dropped"));
                transport.abortConnection();
                transport.abortConnection();
                assertThat(server.lost.isDone()).isFalse();
            });
            assertThat(server.lost()).isEqualTo(new CloseReason.Aborted(null));
            assertReset(peer);
        }
    }

    /// As a program may write from a timer, where nobody else looks after what is thrown.
    @Test
    void resetsAConnectionOfWhichAWriteFailedHalfWay() throws Exception {
        Recorder server = new Recorder();
        try (Socket peer = plain(reactor.listenTcp(0, _ -> server))) {
            server.onLoop(transport -> {
                assertThatThrownBy(() -> transport.write(new Unreadable(MEBIBYTE, 0)))
                        .hasMessage("by the test");
                assertThat(transport.write(Bytes.utf8("next"))).isFalse();
            });
            assertThat(server.lost()).hasToString("failed: by the test");
            assertReset(peer);
        }
    }

    /// Bytes of which the first half can be read.
    private record Unreadable(int size, int from) implements Bytes {
        @Override
        public byte at(int index) {
            return 0;
        }

        @Override
        public void copyTo(int index, byte[] target, int offset, int length) {
            if (from + index + length > MEBIBYTE / 2) {
                throw new IllegalStateException("by the test");
            }
        }

        @Override
        public Bytes slice(int first, int end) {
            return new Unreadable(end - first, from + first);
        }

        @Override
        public Bytes owned() {
            return this;
        }
    }

    // ---- listening and connecting ----

    @Test
    void saysThatAnAddressIsNotOfThisMachine() {
        Endpoint elsewhere = Endpoint.parse("tcp:0:interface=192.0.2.1");
        assertThatThrownBy(() -> reactor.listen(elsewhere, _ -> new Recorder()))
                .isInstanceOf(CannotListenException.class)
                .hasMessageEndingWith("this machine has no address 192.0.2.1");
    }

    @Test
    void listensFromInsideTheLoop() throws Exception {
        CompletableFuture<ListeningPort> port = new CompletableFuture<>();
        reactor.callFromThread(() -> port.complete(reactor.listenTcp(0, _ -> new Echo())));
        connect(await(port));
    }

    @Test
    void tellsBothEndsTheirAddresses() throws Exception {
        Recorder server = new Recorder();
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        Recorder client = connect(Address.of("localhost", port.port()));
        assertThat(client.transport().peer()).isEqualTo(server.transport().host());
        assertThat(client.transport().host()).isEqualTo(server.transport().peer());
        assertThat(port.address()).isEqualTo(server.transport().host());
    }

    @Test
    void connectsAcrossALink() throws Exception {
        String link = RealWorld.requireLink();
        Recorder server = new Recorder();
        ListeningPort port = reactor.listen(Endpoint.at(Address.of(link, 0)), _ -> server);
        Recorder client = new Recorder();
        ClientEndpoint.Tcp there = ClientEndpoint.tcp(Address.of(link, port.port()));
        await(reactor.connect(there.withBind(Address.of(link, 0)), _ -> client));
        assertThat(client.transport().host()).isEqualTo(server.transport().peer());
    }

    @Test
    void saysThatAnEndIsOfNoZoneOfThisMachine() {
        ClientEndpoint.Tcp elsewhere =
                ClientEndpoint.tcp(Address.of("::1", 1))
                        .withBind(Address.of("fe80::1%nowhere0", 0));
        assertThatThrownBy(() -> await(reactor.connect(elsewhere, _ -> new Recorder())))
                .hasMessageContaining("this machine has no such address: [fe80::1%nowhere0]:0");
    }

    @Test
    void givesUpConnectingWhenThePeerDoesNotAnswerInTime() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = Address.of("127.0.0.1", deaf.getLocalPort());
            ConnectFailedException.@Nullable Kind kind = null;
            for (int waiting = 0; kind == null && waiting < 20; waiting++) {
                kind = failure(reactor.connect(address, _ -> new Recorder(), MOMENT));
            }
            assertThat(kind).isEqualTo(ConnectFailedException.Kind.TIMED_OUT);
        }
    }

    // ---- options ----

    private static <T> @Nullable T option(Recorder end, ChannelOption<T> option) throws Exception {
        return ((Connection) end.transport()).channel().config().getOption(option);
    }

    @Test
    void sendsSmallWritesAtOnceAtBothEndsUnlessToldOtherwise() throws Exception {
        Recorder server = new Recorder();
        Recorder client = connect(reactor.listenTcp(0, _ -> server));
        assertThat(option(client, ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(option(server, ChannelOption.TCP_NODELAY)).isTrue();

        SocketOptions slow = SocketOptions.DEFAULT.withNoDelay(false);
        Recorder slowServer = new Recorder();
        Recorder slowClient = new Recorder();
        connect(slow, slowServer, slowClient);
        assertThat(option(slowClient, ChannelOption.TCP_NODELAY)).isFalse();
        assertThat(option(slowServer, ChannelOption.TCP_NODELAY)).isFalse();
    }

    @Test
    void looksAfterSilentPeersOnlyWhenToldTo() throws Exception {
        Recorder server = new Recorder();
        Recorder client = connect(reactor.listenTcp(0, _ -> server));
        assertThat(option(client, ChannelOption.SO_KEEPALIVE)).isFalse();
        assertThat(option(server, ChannelOption.SO_KEEPALIVE)).isFalse();

        Recorder aliveServer = new Recorder();
        Recorder aliveClient = new Recorder();
        connect(SocketOptions.DEFAULT.withKeepAlive(KeepAlive.DEFAULT), aliveServer, aliveClient);
        assertThat(option(aliveClient, ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(option(aliveServer, ChannelOption.SO_KEEPALIVE)).isTrue();
    }

    @Test
    void asksASilentPeerAtTheTimesItIsTold() throws Exception {
        KeepAlive often = new KeepAlive(Duration.ofSeconds(60), Duration.ofSeconds(10), 5);
        Recorder server = new Recorder();
        Recorder client = new Recorder();
        connect(SocketOptions.DEFAULT.withKeepAlive(often), server, client);
        for (Recorder end : List.of(server, client)) {
            assertKeepAlive(end, 60, 10, 5);
            KeepAlive patient = new KeepAlive(null, Duration.ofSeconds(20), 0);
            end.onLoop(transport ->
                    transport.setSocketOptions(SocketOptions.DEFAULT.withKeepAlive(patient)));
            assertKeepAlive(end, 60, 20, 5);
        }
    }

    private void assertKeepAlive(Recorder end, int idle, int interval, int count) throws Exception {
        Sockets.TcpOptions named = reactor.sockets().tcpOptions();
        assertThat(option(end, ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(option(end, named.keepIdle())).isEqualTo(idle);
        assertThat(option(end, named.keepInterval())).isEqualTo(interval);
        assertThat(option(end, named.keepCount())).isEqualTo(count);
    }

    @Test
    void waitsForAcknowledgementsAsLongAsItIsToldOrRefuses() throws Exception {
        SocketOptions hasty = SocketOptions.DEFAULT.withUserTimeout(Duration.ofMillis(2500));
        ChannelOption<Integer> named = reactor.sockets().tcpOptions().userTimeout();
        Recorder server = new Recorder();
        Recorder client = new Recorder();
        if (named == null) {
            refusesAUserTimeout(hasty, server, client);
            return;
        }
        connect(hasty, server, client);
        for (Recorder end : List.of(server, client)) {
            assertThat(option(end, named)).isEqualTo(2500);
            end.onLoop(transport -> transport.setSocketOptions(SocketOptions.DEFAULT));
            assertThat(option(end, named)).isZero();
        }
    }

    private void refusesAUserTimeout(SocketOptions hasty, Recorder server, Recorder client)
            throws Exception {
        String why = "NIO has no TCP_USER_TIMEOUT: set no user timeout, or use epoll";
        assertThatThrownBy(() -> reactor.listen(Endpoint.tcp(0).withOptions(hasty), _ -> server))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining(why);
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        Address.Inet address = Address.of("127.0.0.1", port.port());
        ClientEndpoint.Tcp place = ClientEndpoint.tcp(address);
        assertThatThrownBy(() -> reactor.connect(place.withOptions(hasty), _ -> client))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(why);
        await(reactor.connect(place, _ -> client));
        client.onLoop(transport -> {
            SocketOptions more = hasty.withNoDelay(false);
            assertThatThrownBy(() -> transport.setSocketOptions(more))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(why);
            assertThat(transport.socketOptions()).isEqualTo(SocketOptions.DEFAULT);
        });
        assertThat(option(client, ChannelOption.TCP_NODELAY)).isTrue();
    }

    @Test
    void marksWhatItSends() throws Exception {
        int expedited = 46;
        Recorder server = new Recorder();
        Recorder client = new Recorder();
        connect(SocketOptions.DEFAULT.withDscp(expedited), server, client);
        for (Recorder end : List.of(server, client)) {
            assertThat(option(end, ChannelOption.IP_TOS)).isEqualTo(expedited << 2);
            end.onLoop(transport -> transport.setSocketOptions(SocketOptions.DEFAULT));
            assertThat(option(end, ChannelOption.IP_TOS)).isZero();
        }
    }

    @Test
    void setsUpAnOpenConnectionAnew() throws Exception {
        Recorder server = new Recorder();
        Recorder client = connect(reactor.listenTcp(0, _ -> server));
        for (Recorder end : List.of(server, client)) {
            end.onLoop(transport ->
                    transport.setSocketOptions(
                            SocketOptions.DEFAULT
                                    .withNoDelay(false)
                                    .withKeepAlive(KeepAlive.DEFAULT)));
            assertThat(option(end, ChannelOption.TCP_NODELAY)).isFalse();
            assertThat(option(end, ChannelOption.SO_KEEPALIVE)).isTrue();
            end.onLoop(transport -> transport.setSocketOptions(SocketOptions.DEFAULT));
            assertThat(option(end, ChannelOption.TCP_NODELAY)).isTrue();
            assertThat(option(end, ChannelOption.SO_KEEPALIVE)).isFalse();
        }
    }

    @Test
    void keepsAsManyBytesAsItIsToldTo() throws Exception {
        SocketOptions small = SocketOptions.DEFAULT.withSendBuffer(8192).withReceiveBuffer(16384);
        Recorder server = new Recorder();
        Recorder client = new Recorder();
        connect(small, server, client);
        for (Recorder end : List.of(server, client)) {
            // Linux doubles what it is asked for, and tells the double.
            assertThat(option(end, ChannelOption.SO_SNDBUF)).isBetween(8192, 2 * 8192);
            assertThat(option(end, ChannelOption.SO_RCVBUF)).isBetween(16384, 2 * 16384);
        }
    }

    @Test
    void takesAPortThatClosedConnectionsHaveUsedUnlessToldOtherwise() throws Exception {
        Endpoint.Tcp used = Endpoint.tcp(portOfAConnectionThatWeClosed());
        Endpoint.Tcp strict = used.withOptions(SocketOptions.DEFAULT.withReuseAddress(false));
        assertThatThrownBy(() -> reactor.listen(strict, _ -> new Recorder()))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("address already in use");
        assertThat(reactor.listen(used, _ -> new Recorder()).port())
                .isEqualTo(used.address().port());
    }

    /// The machine remembers the side that closed first.
    private int portOfAConnectionThatWeClosed() throws Exception {
        Recorder server = new Recorder();
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        Recorder client = connect(port);
        server.onLoop(Transport::loseConnection);
        client.lost();
        server.lost();
        await(port.stopListening());
        return port.port();
    }

    @Test
    void bindsAnEndToAPortThatClosedConnectionsHaveUsedUnlessToldOtherwise() throws Exception {
        Address.Inet used = Address.of("127.0.0.1", portOfAConnectionThatWeClosed());
        int port = reactor.listenTcp(0, _ -> new Recorder()).port();
        ClientEndpoint.Tcp bound = ClientEndpoint.tcp(Address.of("127.0.0.1", port)).withBind(used);
        SocketOptions strict = SocketOptions.DEFAULT.withReuseAddress(false);
        assertThat(failure(reactor.connect(bound.withOptions(strict), _ -> new Recorder())))
                .isEqualTo(ConnectFailedException.Kind.CANNOT_BIND);
        Recorder client = new Recorder();
        await(reactor.connect(bound, _ -> client));
        assertThat(client.transport().host()).isEqualTo(used);
    }

    private void connect(SocketOptions options, Recorder server, Recorder client) throws Exception {
        int port = reactor.listen(Endpoint.tcp(0).withOptions(options), _ -> server).port();
        Address.Inet address = Address.of("127.0.0.1", port);
        await(reactor.connect(ClientEndpoint.tcp(address).withOptions(options), _ -> client));
    }

    @Test
    void bindsToANumberOnly() {
        ClientEndpoint.Tcp named =
                ClientEndpoint.tcp(Address.of("127.0.0.1", 1)).withBind(Address.of("localhost", 0));
        assertThat(failure(reactor.connect(named, _ -> new Recorder())))
                .isEqualTo(ConnectFailedException.Kind.CANNOT_BIND);
    }

    @Test
    void triesNoAddressOfAnotherFamilyThanItsOwn() {
        ClientEndpoint.Tcp mixed =
                ClientEndpoint.tcp(Address.of("127.0.0.1", 1)).withBind(Address.of("::1", 0));
        assertThatThrownBy(() -> await(reactor.connect(mixed, _ -> new Recorder())))
                .hasMessageContaining("no address of the family of [0:0:0:0:0:0:0:1]:0, this end");
    }

    // ---- stopping ----

    @Test
    void abortsAtTheShutdownDeadlineWhatDoesNotFinish() throws Exception {
        use(ReactorOptions.DEFAULT.withShutdownDeadline(MOMENT));
        Recorder server = new Recorder();
        try (Socket _ = plain(reactor.listenTcp(0, _ -> server))) {
            server.onLoop(transport -> transport.write(Bytes.wrap(new byte[32 * MEBIBYTE])));
            await(reactor.stop());
            assertThat(server.lost()).isInstanceOf(CloseReason.Aborted.class);
        }
    }

    @Test
    void stopsWithoutTheLoopWhenCodeOnItDoesNotReturn() throws Exception {
        use(ReactorOptions.DEFAULT.withShutdownDeadline(MOMENT));
        CountDownLatch release = new CountDownLatch(1);
        reactor.callFromThread(() -> {
            try {
                release.await();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        });
        await(reactor.stop());
        release.countDown();
    }

    @Test
    void failsWhatIsStillConnectingWhenItStops() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = Address.of("127.0.0.1", deaf.getLocalPort());
            List<CompletionStage<Protocol>> attempts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                attempts.add(reactor.connect(address, _ -> new Recorder(), PATIENCE));
            }
            await(attempts.getFirst());
            await(reactor.stop());
            assertThat(failure(attempts.getLast())).isEqualTo(ConnectFailedException.Kind.STOPPED);
        }
        assertThat(failure(Address.of("127.0.0.1", 1)))
                .isEqualTo(ConnectFailedException.Kind.STOPPED);
    }

    // ---- means ----

    private Recorder connect(ListeningPort port) throws Exception {
        return connect(port.address());
    }

    private Recorder connect(Address address) throws Exception {
        Recorder client = new Recorder();
        await(reactor.connect(address, _ -> client, PATIENCE));
        return client;
    }

    private ConnectFailedException.@Nullable Kind failure(Address address) {
        return failure(reactor.connect(address, _ -> new Recorder(), PATIENCE));
    }

    /// Why the connect failed; null if it did not.
    private static ConnectFailedException.@Nullable Kind failure(
            CompletionStage<Protocol> connect) {
        try {
            await(connect);
            return null;
        } catch (Exception failed) {
            if (failed.getCause() instanceof ConnectFailedException why) {
                return why.kind();
            }
            throw new AssertionError(failed);
        }
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static Socket plain(ListeningPort port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port.port());
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException failed) {
            throw new CompletionException(failed);
        }
    }

    private static void finish(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException failed) {
            throw new CompletionException(failed);
        }
    }

    private static void assertReset(Socket peer) {
        assertThatThrownBy(() -> peer.getInputStream().readAllBytes())
                .hasMessageContaining("Connection reset");
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
