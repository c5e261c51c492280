package dev.torsion.protocols.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FakeTlsTest {
    private static final X509Certificate ADA =
            new TestAuthority("Tests").certificate("ada.example");

    /// Lets in who has shown a certificate.
    private static final class Door extends LineProtocol implements HalfCloseable {
        TlsSession session() {
            return requireNonNull(TlsSession.of(transport()));
        }

        @Override
        protected void lineReceived(Bytes line) {
            TlsSession session = session();
            sendLine(
                    Bytes.utf8(
                            "%s %s %s %s"
                                    .formatted(
                                            line.utf8(),
                                            session.applicationProtocol(),
                                            session.serverName(),
                                            session.peerCertificates().stream()
                                                    .map(it -> it.getSubjectX500Principal())
                                                    .toList())));
            if (line.utf8().equals("half")) {
                transport().loseWriteConnection();
            }
        }

        @Override
        public void readConnectionLost() {
            throw new AssertionError("there is no half-close over TLS");
        }
    }

    @Test
    void aProtocolSeesTheSessionThatTheTestSays() {
        FakeTls tls =
                FakeTls.session()
                        .withPeer(ADA)
                        .withApplicationProtocol("h2")
                        .withServerName("door.example");
        var transport = MemoryTransport.connect(tls.around(new Door()));
        transport.receiveOneByOne(Bytes.utf8("hello\r\n"));
        assertThat(transport.takeWrittenText())
                .isEqualTo("hello h2 door.example [CN=ada.example]\r\n");
    }

    @Test
    void aSessionSaysNothingUnlessItIsTold() {
        var transport = MemoryTransport.connect(FakeTls.session().around(new Door()));
        transport.receive(Bytes.utf8("hello\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello null null []\r\n");
    }

    @Test
    void aSessionMayBeMadeWhole() {
        var session = new TlsSession(TlsVersion.TLS_1_2, "suite", "a", "b", List.of(ADA));
        var door = new Door();
        MemoryTransport.connect(FakeTls.of(session).around(door));
        assertThat(door.session()).isEqualTo(session);
    }

    @Test
    void theSessionIsSeenThroughPolicies() {
        var reactor = new ManualReactor();
        var idle = new IdleTimeout(_ -> new Door(), Duration.ofMinutes(1));
        var built = requireNonNull(idle.buildProtocol(Address.of("192.0.2.1", 4711)));
        var transport =
                MemoryTransport.connect(reactor, FakeTls.session().withPeer(ADA).around(built));
        transport.receive(Bytes.utf8("hello\r\n"));
        assertThat(transport.takeWrittenText()).contains("CN=ada.example");
    }

    @Test
    void halfAConnectionIsTheEndAsOverTls() {
        var ours = MemoryTransport.connect(FakeTls.session().around(new Door()));
        ours.receive(Bytes.utf8("half\r\n"));
        ours.reactor().runUntilIdle();
        assertThat(ours.closeReason()).isEqualTo(new CloseReason.Done());

        var theirs = MemoryTransport.connect(FakeTls.session().around(new Door()));
        theirs.peerClosed();
        assertThat(theirs.closeReason()).isEqualTo(new CloseReason.Done());
    }
}
