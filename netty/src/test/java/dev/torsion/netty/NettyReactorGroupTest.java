package dev.torsion.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Frames;
import dev.torsion.reactor.testing.Logged;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
final class NettyReactorGroupTest {
    private final NettyReactorGroup group = NettyReactorGroup.create(3, ReactorOptions.DEFAULT);
    private final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        group.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private ListeningPort listen(NettyReactorGroup listening) {
        return listening.listen(
                Endpoint.tcp(0),
                _ -> {
                    Recorder server = new Recorder();
                    accepted.add(server);
                    return server;
                });
    }

    private Recorder nextAccepted() throws InterruptedException {
        return requireNonNull(accepted.poll(60, TimeUnit.SECONDS));
    }

    private static void connect(Reactor from, ListeningPort port) {
        var _ = from.connect(port.address(), _ -> new Recorder(), Duration.ofMinutes(1));
    }

    @Test
    void spreadsTheConnectionsOfOnePortOverAllLoops() throws Exception {
        ListeningPort port = listen(group);
        List<Reactor> serving = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            connect(group.next(), port);
        }
        for (int i = 0; i < 6; i++) {
            Recorder server = nextAccepted();
            server.onLoop(transport -> assertThat(transport.reactor().inLoop()).isTrue());
            serving.add(server.transport().reactor());
        }
        List<Reactor> twiceEach = new ArrayList<>(group.reactors());
        twiceEach.addAll(group.reactors());
        assertThat(serving).containsExactlyInAnyOrderElementsOf(twiceEach);
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    @EnabledOnOs(value = OS.LINUX, disabledReason = "SO_REUSEPORT means other things elsewhere")
    void listensOnEveryLoopAndSpreadsEvenly(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        NettyReactorGroup many = NettyReactorGroup.create(4, ReactorOptions.DEFAULT.withIo(io));
        BlockingQueue<Reactor> serving = new LinkedBlockingQueue<>();
        ListeningPort port =
                many.listen(
                        Endpoint.tcp(0),
                        _ ->
                                new Recorder() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        super.connectionMade(transport);
                                        serving.add(transport.reactor());
                                    }
                                });
        assertThat(listeningSockets(port.port())).isEqualTo(4);
        Map<Reactor, Integer> counts = new LinkedHashMap<>();
        for (int i = 0; i < 40; i++) {
            connect(group.next(), port);
            counts.merge(requireNonNull(serving.poll(60, TimeUnit.SECONDS)), 1, Integer::sum);
        }
        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(8, 12));
        port.stopListening().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(listeningSockets(port.port())).isZero();
        many.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /// How many sockets of this machine listen on `port` of 127.0.0.1, by the kernel's word.
    private static long listeningSockets(int port) throws Exception {
        String row = "0100007F:%04X 00000000:0000 0A".formatted(port);
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
            try (Stream<String> sockets6 = Files.lines(Path.of("/proc/net/tcp6"))) {
                String row6 =
                        "0000000000000000FFFF00000100007F:%04X 00000000000000000000000000000000:0000 0A"
                                .formatted(port);
                return sockets.filter(line -> line.contains(row)).count()
                        + sockets6.filter(line -> line.contains(row6)).count();
            }
        }
    }

    @Test
    void refusesThePortOfAnotherGroup() throws Exception {
        ListeningPort port = group.listen(Endpoint.tcp(0), _ -> null);
        NettyReactorGroup second = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        assertThatThrownBy(() -> second.listen(Endpoint.tcp(port.port()), _ -> null))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("address already in use")
                .satisfies(Frames.ofCaller("refusesThePortOfAnotherGroup"));
        second.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void listensWhenAskedOnOneOfItsLoops() throws Exception {
        Reactor asked = group.next();
        Recorder server = new Recorder();
        CompletableFuture<ListeningPort> opened = new CompletableFuture<>();
        asked.callFromThread(() -> opened.complete(group.listen(Endpoint.tcp(0), _ -> server)));
        ListeningPort port = opened.get(60, TimeUnit.SECONDS);
        group.next()
                .connect(port.address(), _ -> new Recorder(), Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        // The others may listen by then: which one serves is the kernel's choice.
        assertThat(group.reactors()).contains(server.transport().reactor());
        port.stopListening().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void drainsTheConnectionsOfAllItsLoops() throws Exception {
        ListeningPort port = listen(group);
        for (int i = 0; i < 6; i++) {
            connect(group.next(), port);
        }
        List<Recorder> servers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Recorder server = nextAccepted();
            server.transport();
            servers.add(server);
        }
        servers.getFirst().onLoop(Transport::loseConnection);
        servers.getFirst().lost();
        assertThat(port.drain(Duration.ofMillis(1)).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(5);
        for (Recorder server : servers.subList(1, 6)) {
            assertThat(server.lost()).isInstanceOf(CloseReason.Aborted.class);
        }
    }

    @Test
    void givesNothingToALoopThatHasDied() throws Exception {
        NettyReactorGroup two =
                NettyReactorGroup.create(2, ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        ListeningPort port = listen(two);
        Reactor alive = two.reactors().getFirst();
        RealWorld.die((NettyReactor) two.reactors().getLast());
        for (int i = 0; i < 4; i++) {
            connect(alive, port);
            Recorder server = nextAccepted();
            assertThat(server.transport().reactor()).isSameAs(alive);
        }
        assertThat(List.of(two.next(), two.next())).containsOnly(alive);
        assertThat(port.connections()).isEqualTo(4);
        assertThat(port.drain(Duration.ZERO).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(4);
        assertThatThrownBy(() -> two.stop().toCompletableFuture().get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void drainsInTimeThoughTheLoopThatOpenedThePortHasDied() throws Exception {
        NettyReactorGroup two =
                NettyReactorGroup.create(2, ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        ListeningPort port = listen(two);
        Reactor alive = two.reactors().getLast();
        RealWorld.die((NettyReactor) two.reactors().getFirst());
        connect(alive, port);
        nextAccepted().transport();
        assertThat(port.drain(Duration.ZERO).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(1);
        assertThatThrownBy(() -> two.stop().toCompletableFuture().get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void countsNoConnectionThatItsLoopHasNotTaken() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Port port = (Port) reactor.listenTcp(0, _ -> new Recorder());
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        DuplexChannel socket = new NioSocketChannel();
        port.accepted(reactor, socket);
        assertThat(socket.isOpen()).isFalse();
        assertThat(port.connections()).isZero();
    }

    @Test
    void countsNoConnectionThatThereIsNoMemoryFor() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Port port = (Port) reactor.listenTcp(0, _ -> new Recorder());
        DuplexChannel socket =
                new NioSocketChannel() {
                    @Override
                    public ChannelPipeline pipeline() {
                        throw new OutOfMemoryError("by the test");
                    }
                };

        assertThatThrownBy(() ->
                        CompletableFuture.runAsync(
                                        () -> port.accepted(reactor, socket), reactor.loop())
                                .get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(OutOfMemoryError.class);

        assertThat(socket.isOpen()).isFalse();
        assertThat(port.connections()).isZero();
        assertThat(reactor.load().count()).isZero();
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /// A socket whose options the system refuses.
    private static final class NotSetUp extends NioSocketChannel {
        private volatile boolean refusing = true;

        NotSetUp(SocketChannel socket) {
            super(socket);
        }

        @Override
        public SocketChannelConfig config() {
            return refusing
                    ? new DefaultSocketChannelConfig(this, javaChannel().socket()) {
                        @Override
                        public <T> boolean setOption(ChannelOption<T> option, T value) {
                            throw new ChannelException("Protocol not available");
                        }
                    }
                    : super.config();
        }
    }

    private static final class NotWatched extends NioSocketChannel {
        @Override
        protected void doRegister(ChannelPromise promise) {
            promise.setFailure(new IOException("No space left on device"));
        }
    }

    @Test
    void saysOncePerPortThatItCannotServeWhatItAccepts() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Recorder server = new Recorder();
        Port port = (Port) reactor.listenTcp(0, _ -> server);

        List<String> logged =
                Logged.during(() -> {
                    refuse(reactor, port, new NotWatched());
                    refuse(reactor, port, new NotWatched());
                });
        assertThat(logged)
                .singleElement()
                .asString()
                .contains("WARN", port.address().toString(), "No space left on device");
        assertThat(port.connections()).isZero();

        reactor.connect(port.address(), _ -> new Recorder(), Duration.ofMinutes(1))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        server.transport();
        DuplexChannel notSetUp = new NotSetUp(SocketChannel.open());
        assertThat(Logged.during(() -> refuse(reactor, port, notSetUp)))
                .singleElement()
                .asString()
                .contains("WARN", "Protocol not available");
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void doesNotWarnOfOneThatWasGoneBeforeItWasServed() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Port port = (Port) reactor.listenTcp(0, _ -> new Recorder());
        List<DuplexChannel> gone =
                List.of(new NotSetUp(SocketChannel.open()), new NioSocketChannel());
        gone.forEach(each -> each.unsafe().closeForcibly());
        List<String> logged =
                Logged.during(() -> gone.forEach(each -> refuse(reactor, port, each)));

        assertThat(logged).isEmpty();
        assertThat(port.connections()).isZero();
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static void refuse(NettyReactor reactor, Port port, DuplexChannel socket) {
        accept(reactor, port, socket);
        assertThat(socket.isOpen()).isFalse();
    }

    private static void accept(NettyReactor reactor, Port port, DuplexChannel socket) {
        CompletableFuture.runAsync(() -> port.accepted(reactor, socket), reactor.loop()).join();
    }

    @Test
    void saysWhichOptionsOfAnOpenConnectionTheSystemRefuses() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Recorder server = new Recorder();
        Port port = (Port) reactor.listenTcp(0, _ -> server);
        try (ServerSocketChannel listening = ServerSocketChannel.open();
                SocketChannel _ =
                        SocketChannel.open(
                                listening
                                        .bind(
                                                new InetSocketAddress(
                                                        InetAddress.getLoopbackAddress(), 0))
                                        .getLocalAddress())) {
            NotSetUp socket = new NotSetUp(listening.accept());
            socket.refusing = false;
            accept(reactor, port, socket);
            socket.refusing = true;
            SocketOptions slow = SocketOptions.DEFAULT.withNoDelay(false);
            server.onLoop(transport -> {
                assertThatThrownBy(() -> transport.setSocketOptions(slow))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining(transport.peer() + ": Protocol not available");
                assertThat(transport.socketOptions()).isEqualTo(SocketOptions.DEFAULT);
            });
            socket.refusing = false;
        }
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void closesThoseItHasWhenOneCannotBeMade() {
        List<NettyReactor> made = new ArrayList<>();
        assertThatThrownBy(() ->
                        NettyReactorGroup.create(
                                3,
                                ReactorOptions.DEFAULT,
                                options -> {
                                    if (made.size() == 2) {
                                        throw new ChannelException("by the test");
                                    }
                                    NettyReactor one = NettyReactor.create(options);
                                    made.add(one);
                                    return one;
                                }))
                .hasMessage("by the test");
        assertThat(made).hasSize(2).allMatch(one -> one.loop().isTerminated());
    }

    @Test
    void givesItsReactorsInTurn() {
        List<Reactor> reactors = group.reactors();
        assertThat(List.of(group.next(), group.next(), group.next(), group.next()))
                .containsExactly(
                        reactors.get(0), reactors.get(1), reactors.get(2), reactors.get(0));
    }

    @Test
    void servesNothingThatComesToALoopAfterTheDrain() throws Exception {
        NettyReactorGroup one =
                NettyReactorGroup.create(1, ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        NettyReactor reactor = (NettyReactor) one.next();
        Port port = (Port) listen(one);
        connect(reactor, port);
        nextAccepted().transport();
        assertThat(port.drain(Duration.ZERO).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(1);
        try (ServerSocketChannel elsewhere =
                        ServerSocketChannel.open()
                                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel peer = SocketChannel.open(elsewhere.getLocalAddress())) {
            DuplexChannel late = new NioSocketChannel(elsewhere.accept());
            CompletableFuture.runAsync(() -> port.accepted(reactor, late), reactor.loop())
                    .get(60, TimeUnit.SECONDS);
            assertEnds(peer);
        }
        assertThat(accepted).isEmpty();
        one.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(port.connections()).isZero();
    }

    private static void assertEnds(SocketChannel peer) {
        try {
            assertThat(peer.read(ByteBuffer.allocate(1))).isNegative();
        } catch (IOException reset) {
            assertThat(reset).isInstanceOf(SocketException.class);
        }
    }
}
