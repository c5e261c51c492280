package dev.torsion.protocols.tls;

import dev.torsion.reactor.Transport;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// What the two ends of a TLS connection have agreed on.
///
/// @param cipherSuite by its name in the IANA's registry
/// @param applicationProtocol what ALPN (RFC 7301) chose; null if it was not used
/// @param serverName the name that the client asked for (SNI, RFC 6066); null if it named none
/// @param peerCertificates those of the other end, verified, its own first; empty if it showed none
public record TlsSession(
        TlsVersion version,
        String cipherSuite,
        @Nullable String applicationProtocol,
        @Nullable String serverName,
        List<X509Certificate> peerCertificates) {

    public TlsSession {
        peerCertificates = List.copyOf(peerCertificates);
    }

    /// The session of a connection, whatever the transport's wrappers are; null if it does not go
    /// over TLS.
    public static @Nullable TlsSession of(Transport transport) {
        TlsTransport secured = TlsTransport.of(transport);
        return secured == null ? null : secured.session();
    }

    /// @param askedFor the name that this end asked for, if it is the client
    static TlsSession of(SSLEngine engine, @Nullable String askedFor) {
        SSLSession session = engine.getSession();
        return new TlsSession(
                TlsVersion.named(session.getProtocol()),
                session.getCipherSuite(),
                TlsContext.applicationProtocol(engine),
                engine.getUseClientMode() || !(session instanceof ExtendedSSLSession extended)
                        ? askedFor
                        : serverName(extended),
                certificates(session));
    }

    static @Nullable String serverName(ExtendedSSLSession session) {
        for (SNIServerName name : session.getRequestedServerNames()) {
            if (name.getType() == 0) {
                return new String(name.getEncoded(), StandardCharsets.US_ASCII);
            }
        }
        return null;
    }

    private static List<X509Certificate> certificates(SSLSession session) {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (Certificate each : session.getPeerCertificates()) {
                if (each instanceof X509Certificate certificate) {
                    certificates.add(certificate);
                }
            }
        } catch (SSLPeerUnverifiedException _) {
            // It showed none.
        }
        return certificates;
    }
}
