package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.AcceptRate;
import dev.torsion.protocols.ConnectionLimit;
import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.ProxyHeader;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.ProxySender;
import dev.torsion.protocols.RateLimit;
import dev.torsion.protocols.TotalTimeout;
import dev.torsion.protocols.TrafficLog;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Policies below TLS see a connection from its first byte, and records; those above it see one
/// whose handshake is over, and plain text.
final class TlsPoliciesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualReactor reactor = new ManualReactor();
    private final TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.SERVER));
    private final List<String> lines = new ArrayList<>();

    private static final class End implements Protocol {
        private final StringBuilder received = new StringBuilder();
        private @Nullable Transport transport;
        private @Nullable CloseReason lost;

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            received.append(data.utf8());
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost = reason;
        }
    }

    private final End atServer = new End();
    private final End atClient = new End();

    @AfterEach
    void nothingWentWrongUnseen() {
        assertThat(reactor.failures()).isEmpty();
    }

    private void connect(Connector below, End client) {
        var _ =
                new TlsClient(TlsClientOptions.trusting(Certificates.TRUST))
                        .around(reactor, below, new Address.Inet("server.example", 443))
                        .connect(_ -> client, PATIENCE);
        reactor.runUntilIdle();
    }

    private void connect(ProtocolFactory listening) {
        ListeningPort port = reactor.listenTcp(0, listening);
        connect(Connector.to(reactor, port.address()), atClient);
    }

    private void onLoop(Runnable action) {
        reactor.callFromThread(action);
        reactor.runUntilIdle();
    }

    private void say(End from, String text) {
        onLoop(() -> from.transport().write(Bytes.utf8(text)));
    }

    @Test
    void anIdleTimeoutAboveTlsEndsInOrder() {
        IdleTimeout idle = new IdleTimeout(_ -> atServer, MINUTE);
        connect(server.around(idle));
        reactor.advance(Duration.ofSeconds(50));
        say(atClient, "here");
        reactor.advance(Duration.ofSeconds(50));
        assertThat(atClient.lost).isNull();
        reactor.advance(Duration.ofSeconds(11));

        assertThat(idle.timedOut()).isEqualTo(1);
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void timeoutsBelowTlsCoverTheHandshake() {
        IdleTimeout idle = new IdleTimeout(server.around(_ -> atServer), Duration.ofSeconds(2));
        TotalTimeout total = new TotalTimeout(idle, Duration.ofSeconds(5));
        ListeningPort port = reactor.listenTcp(0, total);
        var _ = reactor.connect(port.address(), _ -> atClient, PATIENCE);
        reactor.advance(Duration.ofSeconds(3));

        assertThat(idle.timedOut()).isEqualTo(1);
        assertThat(atClient.lost).isNotNull();
        assertThat(server.refused()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void timeoutsBelowTlsAndAProxyHeaderLeaveARateLimitAboveThemItsTime() {
        ProtocolFactory slow = new RateLimit(_ -> atServer, Long.MAX_VALUE, 1_000);
        ProtocolFactory behind = new ProxyProtocol(server.around(slow), MINUTE);
        Bytes header = new ProxyHeader.Unknown().version1();
        for (ProtocolFactory door :
                List.of(
                        new TotalTimeout(behind, Duration.ofSeconds(1)),
                        IdleTimeout.ofReading(behind, Duration.ofSeconds(1)))) {
            ListeningPort port = reactor.listenTcp(0, door);
            End client = new End();
            connect(
                    (factory, timeout) ->
                            reactor.connect(
                                    port.address(), new ProxySender(factory, header), timeout),
                    client);
            onLoop(() -> atServer.transport().write(Bytes.utf8("0123456789".repeat(500))));
            reactor.advance(Duration.ofSeconds(2));
            assertThat(client.received.length()).isBetween(1_000, 4_000);
            onLoop(() -> assertThat(atServer.transport().write(Bytes.utf8("late"))).isFalse());
            reactor.advance(Duration.ofSeconds(8));

            assertThat(client.received.length()).isEqualTo(5_000);
            assertThat(client.lost).isEqualTo(new CloseReason.Done());
            assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
        }
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void limitsBelowTlsRefuseBeforeTheHandshakeAndAboveItAfter() {
        ConnectionLimit above = new ConnectionLimit(_ -> atServer, 1, 1);
        ConnectionLimit below = new ConnectionLimit(server.around(above), 2, 2);
        ListeningPort port = reactor.listenTcp(0, new AcceptRate(below, 100, reactor));
        Connector connector = Connector.to(reactor, port.address());
        End second = new End();
        End third = new End();
        connect(connector, atClient);
        connect(connector, second);

        assertThat(above.refused()).isEqualTo(1);
        assertThat(second.lost).isEqualTo(new CloseReason.Done());
        var _ = reactor.connect(port.address(), _ -> second, PATIENCE);
        var _ = reactor.connect(port.address(), _ -> third, PATIENCE);
        reactor.runUntilIdle();
        assertThat(below.refused()).isEqualTo(1);
        onLoop(() -> atClient.transport().loseConnection());
        assertThat(above.open()).isZero();
    }

    @Test
    void aProxyHeaderComesBeforeTheHandshake() {
        Address.Inet source = new Address.Inet("192.0.2.7", 4711);
        ProxyProtocol door =
                new ProxyProtocol(
                        server.around(peer -> {
                            lines.add("from " + peer);
                            return atServer;
                        }),
                        MINUTE);
        ListeningPort port = reactor.listenTcp(0, door);
        Bytes header =
                new ProxyHeader.Proxied(source, new Address.Inet("198.51.100.1", 443)).version2();
        connect(
                (factory, timeout) ->
                        reactor.connect(port.address(), new ProxySender(factory, header), timeout),
                atClient);
        say(atClient, "hello");

        assertThat(lines).containsExactly("from 192.0.2.7:4711");
        assertThat(atServer.transport().peer()).isEqualTo(source);
        assertThat(atServer.received.toString()).isEqualTo("hello");
        assertThat(requireNonNull(TlsSession.of(atServer.transport())).serverName())
                .isEqualTo("server.example");
        onLoop(() -> atServer.transport().loseConnection());
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void rateLimitsOnBothSidesOfTlsHoldAndLoseNothing() {
        RateLimit above = new RateLimit(_ -> atServer, 20_000, 20_000);
        connect(new RateLimit(server.around(above), 40_000, 40_000));
        reactor.advance(Duration.ofSeconds(5));
        String much = "0123456789".repeat(10_000);
        say(atClient, much);
        onLoop(() -> atServer.transport().write(Bytes.utf8(much)));
        assertThat(atClient.received.length()).isLessThan(50_000);
        reactor.advance(MINUTE);

        assertThat(atServer.received.toString()).isEqualTo(much);
        assertThat(atClient.received.toString()).isEqualTo(much);
        assertThat(above.pauses()).isPositive();
        onLoop(() -> {
            atServer.transport().write(Bytes.utf8(much));
            atServer.transport().loseConnection();
        });
        reactor.advance(MINUTE);
        assertThat(atClient.received.length()).isEqualTo(200_000);
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void aPeerThatClosesBeforeAllThatARateHoldsBackWasSentIsNoCleanEnd() {
        connect(server.around(new RateLimit(_ -> atServer, 1000, 1000)));
        onLoop(() -> atServer.transport().write(Bytes.wrap(new byte[50_000])));
        onLoop(() -> atClient.transport().loseConnection());

        assertThat(atServer.lost)
                .isInstanceOfSatisfying(
                        CloseReason.Lost.class,
                        lost ->
                                assertThat(lost.cause())
                                        .hasMessageMatching(
                                                "the connection ended before \\d+ bytes that the"
                                                        + " rate held back were sent"));
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aTrafficLogShowsPlainTextAboveTlsAndRecordsBelowIt() {
        ProtocolFactory above =
                new TrafficLog(
                        _ -> atServer,
                        TrafficLog.Content.TEXT,
                        100,
                        line -> lines.add("above " + line));
        connect(
                new TrafficLog(
                        server.around(above),
                        TrafficLog.Content.TEXT,
                        20_000,
                        line -> lines.add("below " + line)));
        say(atClient, "secret");

        assertThat(lines).anyMatch(it -> it.startsWith("above") && it.endsWith(": secret"));
        assertThat(lines).noneMatch(it -> it.startsWith("below") && it.contains("secret"));
    }

    @Test
    void aReactorThatStopsEndsInOrderThroughAllOfThem() {
        ProtocolFactory above =
                new ConnectionLimit(
                        new IdleTimeout(new RateLimit(_ -> atServer, 1000, 1000), MINUTE), 9, 9);
        connect(
                new ConnectionLimit(
                        new TotalTimeout(
                                new RateLimit(server.around(above), 90_000, 90_000), MINUTE),
                        9,
                        9));
        var ended = reactor.stop();
        reactor.advance(Duration.ofSeconds(5));

        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
        assertThat(ended.toCompletableFuture()).isCompleted();
    }
}
