package dev.torsion.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.protocols.ForwardingTransport;
import dev.torsion.protocols.FramingProtocol;
import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.ProxySender;
import dev.torsion.protocols.RateLimit;
import dev.torsion.protocols.TotalTimeout;
import dev.torsion.protocols.TrafficLog;
import dev.torsion.protocols.WrappingProtocol;
import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who stops writing when `write` says false is told to go on, whatever the marks of the transport
/// beneath and whatever lies between.
@Timeout(300)
final class WriteMarksTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int PIECE = 10_000;
    private static final int PIECES = 850; // more than twice the raised high mark
    private static final int ALL = PIECES * PIECE;
    private static final long RATE = 64 << 20;

    private final TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.SERVER));
    private final TlsClient client = new TlsClient(TlsClientOptions.trusting(Certificates.TRUST));
    private final CompletableFuture<Integer> arrived = new CompletableFuture<>();
    private final AtomicInteger saidFalse = new AtomicInteger();

    /// Writes all there is to write, and waits whenever it is told to.
    private final class Writer implements Protocol {
        private final Supplier<Transport> out;
        private int left = PIECES;
        private boolean waits;

        Writer(Supplier<Transport> out) {
            this.out = out;
        }

        @Override
        public void connectionMade(Transport transport) {
            goOn();
        }

        @Override
        public void writableAgain() {
            waits = false;
            goOn();
        }

        private void goOn() {
            while (left > 0 && !waits) {
                left--;
                waits = !out.get().write(Bytes.wrap(new byte[PIECE]));
                if (waits) {
                    saidFalse.incrementAndGet();
                }
            }
        }
    }

    /// Writes as soon as it is made.
    private Protocol writing() {
        var made = new CompletableFuture<Transport>();
        Writer writer = new Writer(made::join);
        return new WrappingProtocol(writer) {
            @Override
            public void connectionMade(Transport transport) {
                made.complete(transport);
                super.connectionMade(transport);
            }
        };
    }

    private final class Counting implements Protocol {
        private int count;

        @Override
        public void dataReceived(Bytes data) {
            count += data.size();
            if (count >= ALL) {
                arrived.complete(count);
            }
        }
    }

    /// Asks by one byte for TLS, and says so by one.
    private abstract static class Upgrading extends FramingProtocol {
        @Override
        protected int unfinishedBytes() {
            return 0;
        }
    }

    /// Writes at once: the handshake is not over then.
    private final class UpgradingServer extends Upgrading {
        private final Writer writer = new Writer(this::transport);

        @Override
        protected int consume(Bytes chunk, int from) {
            transport().write(chunk.slice(from, from + 1));
            var _ = startTls(server.layer());
            writer.goOn();
            return from + 1;
        }

        @Override
        protected void roomAgain() {
            writer.writableAgain();
        }
    }

    private final class UpgradingClient extends Upgrading {
        private final Counting counting = new Counting();

        @Override
        protected void connected() {
            transport().write(Bytes.utf8("S"));
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            if (isOverLayer()) {
                counting.dataReceived(chunk.slice(from, chunk.size()));
                return chunk.size();
            }
            var _ = startTls(client.layer("server.example"));
            return from + 1;
        }
    }

    // ---- what lies between ----

    enum Between {
        TLS,
        START_TLS,
        START_TLS_UNDER_POLICIES,
        RATE_BELOW,
        RATE_ABOVE,
        IDLE_BELOW,
        IDLE_ABOVE,
        LOG_BELOW,
        TOTAL_BELOW,
        PROXY_BELOW
    }

    private static ProtocolFactory held(ProtocolFactory factory) {
        return new RateLimit(factory, Long.MAX_VALUE, RATE);
    }

    private static ProtocolFactory idle(ProtocolFactory factory) {
        return new IdleTimeout(factory, PATIENCE);
    }

    private ProtocolFactory listening(Between between) {
        ProtocolFactory writing = _ -> writing();
        ProtocolFactory tls = server.around(writing);
        return switch (between) {
            case TLS -> tls;
            case START_TLS -> _ -> new UpgradingServer();
            case START_TLS_UNDER_POLICIES -> held(idle(_ -> new UpgradingServer()));
            case RATE_BELOW -> held(tls);
            case RATE_ABOVE -> server.around(held(writing));
            case IDLE_BELOW -> idle(tls);
            case IDLE_ABOVE -> server.around(idle(writing));
            case LOG_BELOW -> new TrafficLog(tls, _ -> {});
            case TOTAL_BELOW -> new TotalTimeout(tls, PATIENCE);
            case PROXY_BELOW -> new ProxyProtocol(tls, PATIENCE);
        };
    }

    private void connect(Reactor reactor, ListeningPort port, Between between) {
        Connector below = Connector.to(reactor, port.address());
        switch (between) {
            case START_TLS, START_TLS_UNDER_POLICIES -> {
                var _ = below.connect(_ -> new UpgradingClient(), PATIENCE);
            }
            default -> {
                Connector proxied =
                        between != Between.PROXY_BELOW
                                ? below
                                : (factory, timeout) ->
                                        below.connect(
                                                new ProxySender(
                                                        factory, Bytes.utf8("PROXY UNKNOWN\r\n")),
                                                timeout);
                var _ =
                        client.around(reactor, proxied, new Address.Inet("server.example", 443))
                                .connect(_ -> new Counting(), PATIENCE);
            }
        }
    }

    // ---- the marks of the transport beneath ----

    static Stream<Arguments> betweensAndMarks() {
        return Stream.of(Between.values())
                .flatMap(between ->
                        Stream.of(
                                        ReactorOptions.DEFAULT,
                                        ReactorOptions.DEFAULT.withMarks(
                                                1 << 20, 4 << 20, 64 << 20),
                                        ReactorOptions.DEFAULT.withMarks(32, 64, 64 << 20))
                                .map(options -> Arguments.of(between, options)));
    }

    @ParameterizedTest
    @MethodSource("betweensAndMarks")
    void areThoseOfTheReactorOnSockets(Between between, ReactorOptions options) throws Exception {
        NettyReactor reactor = NettyReactor.create(options);
        try {
            connect(reactor, reactor.listenTcp(0, listening(between)), between);
            assertThat(arrived.get(60, TimeUnit.SECONDS)).isEqualTo(ALL);
        } finally {
            reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
        assertThat(saidFalse).hasPositiveValue();
    }

    /// A transport that is never full, or full after each write and not any more in the next turn.
    private static ProtocolFactory answering(boolean room, ProtocolFactory factory) {
        return WrappingProtocol.around(
                factory,
                wrapped ->
                        new WrappingProtocol(wrapped) {
                            @Override
                            public void connectionMade(Transport transport) {
                                super.connectionMade(
                                        new ForwardingTransport(transport) {
                                            @Override
                                            public boolean write(Bytes data) {
                                                super.write(data);
                                                if (!room) {
                                                    reactor()
                                                            .callFromThread(wrapped::writableAgain);
                                                }
                                                return room;
                                            }
                                        });
                            }

                            @Override
                            public void writableAgain() {}
                        });
    }

    @Test
    void areThoseOfTheReactorForWhatWaitsForItsRate() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withMarks(1 << 20, 2 << 20, 4 << 20));
        var answers = new CompletableFuture<List<Boolean>>();
        try {
            ProtocolFactory writing =
                    _ ->
                            new Protocol() {
                                @Override
                                public void connectionMade(Transport transport) {
                                    Bytes piece = Bytes.wrap(new byte[1 << 20]);
                                    answers.complete(
                                            List.of(
                                                    transport.write(piece),
                                                    transport.write(piece),
                                                    transport.write(piece)));
                                    transport.abortConnection();
                                }
                            };
            ListeningPort port = reactor.listenTcp(0, new RateLimit(writing, Long.MAX_VALUE, 10));
            var _ = reactor.connect(port.address(), _ -> new Counting(), PATIENCE);
            assertThat(answers.get(60, TimeUnit.SECONDS)).containsExactly(true, true, false);
        } finally {
            reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void areThoseOfANarrowTransportInMemory(Between between) {
        carryAll(false, between);
        assertThat(saidFalse).hasPositiveValue();
    }

    @ParameterizedTest
    @EnumSource
    void areThoseOfAWideTransportInMemory(Between between) {
        carryAll(true, between);
    }

    private void carryAll(boolean room, Between between) {
        ManualReactor reactor = new ManualReactor();
        connect(reactor, reactor.listenTcp(0, answering(room, listening(between))), between);
        reactor.advance(Duration.ofSeconds(10));
        assertThat(arrived).isCompletedWithValue(ALL);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 64 << 10, 4 << 20})
    void areThoseOfTheReactorInAConversationThatGoesOnOverTls(int high) throws Exception {
        Framing<Bytes> frames = Framing.frames(LengthPrefix.INT32, PIECE);
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withMarks(high / 2, high, 64 << 20));
        try {
            ListeningPort port =
                    reactor.listenTcp(
                            0,
                            Conversation.over(
                                    frames,
                                    peer -> {
                                        var _ = peer.receive();
                                        peer.startTls(Bytes.utf8("go"), server.layer());
                                        for (int i = 0; i < PIECES; i++) {
                                            peer.send(Bytes.wrap(new byte[PIECE]));
                                        }
                                    }));
            var _ =
                    reactor.connect(
                            port.address(),
                            Conversation.over(
                                    frames,
                                    peer -> {
                                        peer.send(Bytes.utf8("S"));
                                        var _ = peer.receive();
                                        peer.startTls(null, client.layer("server.example"));
                                        int count = 0;
                                        for (Bytes got = peer.receive();
                                                got != null;
                                                got = peer.receive()) {
                                            count += got.size();
                                        }
                                        arrived.complete(count);
                                    }),
                            PATIENCE);
            assertThat(arrived.get(60, TimeUnit.SECONDS)).isEqualTo(ALL);
        } finally {
            reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }
    }
}
