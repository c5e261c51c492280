package dev.torsion.protocols.testing;

import dev.torsion.protocols.ForwardingTransport;
import dev.torsion.protocols.WrappingProtocol;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTransport;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// TLS that a protocol under test sees, and that is not there: what it reads and writes is plain,
/// and its [TlsSession] is what the test says. Immutable.
///
/// ```java
/// FakeTls ada = FakeTls.session().withPeer(authority.certificate("ada.example"));
/// var transport = MemoryTransport.connect(ada.around(new Door()));
/// ```
///
/// As over TLS there is no half of a connection: `loseWriteConnection` ends it as a whole, and so
/// does the peer's end.
public final class FakeTls {
    private final TlsSession session;

    private FakeTls(TlsSession session) {
        this.session = session;
    }

    /// TLS 1.3 with a peer that has shown no certificate, asked for no name, and chosen no
    /// application protocol.
    public static FakeTls session() {
        return of(
                new TlsSession(
                        TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null, null, List.of()));
    }

    /// Whatever session the test has made.
    public static FakeTls of(TlsSession session) {
        return new FakeTls(session);
    }

    /// The peer has shown these certificates, its own first.
    public FakeTls withPeer(X509Certificate... certificates) {
        return with(session.applicationProtocol(), session.serverName(), List.of(certificates));
    }

    /// ALPN has chosen this protocol.
    public FakeTls withApplicationProtocol(String protocol) {
        return with(protocol, session.serverName(), session.peerCertificates());
    }

    /// The client has asked for this name (SNI).
    public FakeTls withServerName(String name) {
        return with(session.applicationProtocol(), name, session.peerCertificates());
    }

    private FakeTls with(
            @Nullable String protocol, @Nullable String name, List<X509Certificate> peer) {
        return of(new TlsSession(session.version(), session.cipherSuite(), protocol, name, peer));
    }

    /// A protocol behind which `protocol` has a connection that seems to go over TLS: for a
    /// [dev.torsion.reactor.testing.MemoryTransport], a
    /// [wire][dev.torsion.reactor.testing.ManualReactor#wire], or a factory.
    public Protocol around(Protocol protocol) {
        return new WrappingProtocol(protocol) {
            private @Nullable Seeming seeming;

            @Override
            public void connectionMade(Transport transport) {
                seeming = new Seeming(transport, session);
                super.connectionMade(seeming);
            }

            @Override
            public void connectionLost(CloseReason reason) {
                if (seeming != null) {
                    seeming.ended(reason);
                }
                super.connectionLost(reason);
            }
        };
    }

    private static final class Seeming extends ForwardingTransport implements TlsTransport {
        private final TlsSession session;
        private boolean closed;
        private boolean peerEnded;

        Seeming(Transport transport, TlsSession session) {
            super(transport);
            this.session = session;
        }

        @Override
        public TlsSession session() {
            return session;
        }

        @Override
        public boolean peerEnded() {
            return peerEnded;
        }

        void ended(CloseReason reason) {
            peerEnded = reason instanceof CloseReason.Done && !closed;
        }

        @Override
        public void loseConnection() {
            closed = true;
            super.loseConnection();
        }

        @Override
        public void loseWriteConnection() {
            loseConnection();
        }
    }
}
