package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.testing.FakeTls;
import dev.torsion.protocols.testing.TestAuthority;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The samples of `docs/guides/testing.md`: they run here, and the page shows nothing else.
final class TestingGuideTest {

    static final class Greeter extends LineProtocol {
        @Override
        protected void lineReceived(Bytes name) {
            if (name.utf8().equals("bye")) {
                transport().loseConnection();
            } else {
                sendLine(Bytes.utf8("hello " + name.utf8()));
            }
        }
    }

    static final class Caller extends LineProtocol {
        final List<String> heard = new ArrayList<>();

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("world"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            heard.add(line.utf8());
        }
    }

    static final class Door extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            TlsSession session = TlsSession.of(transport());
            if (session == null || session.peerCertificates().isEmpty()) {
                sendLine(Bytes.utf8("who are you, " + transport().peer() + "?"));
                transport().loseConnection();
            } else {
                X509Certificate own = session.peerCertificates().getFirst();
                sendLine(Bytes.utf8("welcome, " + own.getSubjectX500Principal()));
            }
        }
    }

    @Test
    void greets() {
        var transport = MemoryTransport.connect(new Greeter());
        transport.receive(Bytes.utf8("world\r\nmoon\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\nhello moon\r\n");
    }

    @Test
    void greetsHoweverTheBytesArrive() {
        var transport = MemoryTransport.connect(new Greeter());
        transport.receiveOneByOne(Bytes.utf8("world\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\n");
    }

    @Test
    void closesWhenToldTo() {
        var transport = MemoryTransport.connect(new Greeter());
        transport.receive(Bytes.utf8("bye\r\nignored\r\n"));
        assertThat(transport.isClosing()).isTrue();

        transport.reactor().runUntilIdle();
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void waitsForAPeerThatDoesNotRead() {
        var transport = MemoryTransport.connect(new Greeter());
        transport.writable(false);
        transport.receive(Bytes.utf8("world\r\n"));
        assertThat(transport.pendingBytes()).isEqualTo(13);

        transport.writable(true);
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\n");
    }

    @Test
    void looksAtItsPeersAddress() {
        Address peer = Address.of("192.0.2.7", 4711);
        Address host = Address.of("192.0.2.1", 443);
        var transport = MemoryTransport.connect(new ManualReactor(), new Door(), peer, host);
        transport.receive(Bytes.utf8("open\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("who are you, 192.0.2.7:4711?\r\n");
    }

    @Test
    void looksAtItsPeersCertificate() {
        var authority = new TestAuthority("Tests");
        var ada = FakeTls.session().withPeer(authority.certificate("ada.example"));
        var transport = MemoryTransport.connect(ada.around(new Door()));
        transport.receive(Bytes.utf8("open\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("welcome, CN=ada.example\r\n");
    }

    @Test
    void shakesHandsWithoutFiles() {
        var authority = new TestAuthority("Tests");
        var reactor = new ManualReactor();
        var tls = new TlsServer(TlsServerOptions.of(authority.identity("door.example")));
        var port = reactor.listenTcp(0, tls.around(_ -> new Greeter()));
        var client = new TlsClient(TlsClientOptions.trusting(authority.trust()));
        var connector =
                client.around(
                        reactor,
                        Connector.to(reactor, port.address()),
                        new Address.Inet("door.example", 443));
        var caller = new Caller();
        var _ = connector.connect(_ -> caller, Duration.ofSeconds(1));
        reactor.runUntilIdle();
        assertThat(caller.heard).containsExactly("hello world");
    }

    @Test
    void closesWhenNobodyTalks() {
        var reactor = new ManualReactor();
        var door = new IdleTimeout(_ -> new Greeter(), Duration.ofMinutes(1));
        Protocol protocol = door.buildProtocol(Address.of("192.0.2.1", 1000));
        var transport = MemoryTransport.connect(reactor, requireNonNull(protocol));

        reactor.advance(Duration.ofSeconds(59));
        assertThat(transport.isClosing()).isFalse();
        reactor.advance(Duration.ofSeconds(1));
        assertThat(transport.isClosing()).isTrue();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void endsWithWhatItsProtocolThrows() {
        var refused = new IllegalStateException("no greeting today");
        Protocol failing =
                new LineProtocol() {
                    @Override
                    protected void lineReceived(Bytes line) {
                        throw refused;
                    }
                };
        var transport = MemoryTransport.connect(failing);
        transport.receive(Bytes.utf8("world\r\n"));
        transport.reactor().runUntilIdle();
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Failed(refused));
        assertThat(transport.reactor().failures()).isEmpty();
    }

    @Test
    void twoProtocolsTalk() {
        var reactor = new ManualReactor();
        reactor.network().chunks(Chunks.SINGLE_BYTES);
        var caller = new Caller();
        reactor.wire(caller, new Greeter());
        assertThat(caller.heard).containsExactly("hello world");
    }

    @Test
    void comesBackWhenTheNetworkDoes() {
        var network = new MemoryNetwork(42);
        network.latency(Duration.ofMillis(1), Duration.ofMillis(20));
        var server = network.reactor("server");
        server.listen(Endpoint.parse("tcp:7000:interface=server"), _ -> new Greeter());

        var callers = new ArrayList<Caller>();
        var client = network.reactor("client");
        var service =
                new ClientService(
                        client,
                        Connector.to(client, Address.parse("server:7000")),
                        _ -> {
                            callers.add(new Caller());
                            return callers.getLast();
                        },
                        ClientOptions.DEFAULT);
        service.start();
        network.advance(Duration.ofSeconds(1));
        assertThat(callers).singleElement().satisfies(it -> assertThat(it.heard).hasSize(1));

        network.cut("client", "server", Cut.RESET);
        network.advance(Duration.ofMinutes(1));
        network.heal("client", "server");
        network.advance(Duration.ofMinutes(2));
        assertThat(callers.getLast().heard).containsExactly("hello world");
    }

    @Test
    void looksAtResultsAndFailures() {
        var reactor = new ManualReactor();

        var answer = reactor.callInThread(() -> 42).toCompletableFuture();
        assertThat(answer).isNotDone();
        reactor.runUntilIdle();
        assertThat(answer).isCompletedWithValue(42);

        var thrown = new IllegalStateException("thrown by a call");
        reactor.callFromThread(() -> {
            throw thrown;
        });
        reactor.runUntilIdle();
        assertThat(reactor.failures()).containsExactly(thrown);
    }

    @Test
    void leavesNothingBehind() {
        var reactor = new ManualReactor();
        var port = reactor.listenTcp(8000, _ -> new Greeter());
        assertThat(reactor.leftovers()).containsExactly("a port: 127.0.0.1:8000");

        var _ = port.stopListening();
        reactor.runUntilIdle();
        assertThat(reactor.leftovers()).isEmpty();
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("testing.md", "TestingGuideTest.java");
    }
}
