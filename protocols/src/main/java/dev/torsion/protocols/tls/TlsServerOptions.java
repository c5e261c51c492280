package dev.torsion.protocols.tls;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How a [TlsServer] shakes hands.
///
/// @param identities at least one. A client that asks for a name (SNI) in the certificates of some
///   is shown one of these, any other client one of all: the first whose kind of key it takes, so
///   that one of RSA may stand beside one of EC
/// @param identitiesByName who is shown to a client that asks for a name, whatever the certificates
///   say; `*.example.org` stands for every name one step below `example.org`
/// @param clientCertificates whether clients are asked who they are
/// @param clientTrust whose word is taken for that; there must be one if they are asked
/// @param applicationProtocols for ALPN, the one liked best first; a client that offers others only
///   is refused with an alert, one that offers none is not. Empty: no ALPN
/// @param versions at least one
/// @param cipherSuites those allowed, by their names in the IANA's registry, the one liked best
///   first; empty: what the JDK does by default
/// @param handshakeTimeout how long a handshake may take; the connection is reset then
public record TlsServerOptions(
        List<TlsIdentity> identities,
        Map<String, TlsIdentity> identitiesByName,
        ClientCertificates clientCertificates,
        @Nullable TlsTrust clientTrust,
        List<String> applicationProtocols,
        Set<TlsVersion> versions,
        List<String> cipherSuites,
        Duration handshakeTimeout) {

    public TlsServerOptions {
        identities = List.copyOf(identities);
        if (identities.isEmpty()) {
            throw new IllegalArgumentException(
                    "a server shows who it is: it has an identity at least");
        }
        identitiesByName = Map.copyOf(identitiesByName);
        applicationProtocols = List.copyOf(applicationProtocols);
        versions = Set.copyOf(versions);
        cipherSuites = List.copyOf(cipherSuites);
        if (clientCertificates != ClientCertificates.NONE && clientTrust == null) {
            throw new IllegalArgumentException(
                    "clients are asked for certificates, and nobody is trusted to have issued them");
        }
        TlsContext.check(applicationProtocols, versions, cipherSuites, handshakeTimeout);
    }

    /// One identity for all, no client certificates, no ALPN, TLS 1.2 and 1.3, 10 seconds.
    public static TlsServerOptions of(TlsIdentity identity) {
        return new TlsServerOptions(
                List.of(identity),
                Map.of(),
                ClientCertificates.NONE,
                null,
                List.of(),
                EnumSet.allOf(TlsVersion.class),
                List.of(),
                TlsContext.HANDSHAKE_TIMEOUT);
    }

    /// Shows each of `own` to clients that ask for a name in its certificate, and to others the
    /// first whose kind of key they take.
    ///
    /// @param own at least one; instead of those there are
    public TlsServerOptions withIdentities(List<TlsIdentity> own) {
        return new TlsServerOptions(
                own,
                identitiesByName,
                clientCertificates,
                clientTrust,
                applicationProtocols,
                versions,
                cipherSuites,
                handshakeTimeout);
    }

    /// Shows `other` to clients that ask for `name`, whatever its certificate says.
    public TlsServerOptions withIdentity(String name, TlsIdentity other) {
        Map<String, TlsIdentity> more = new TreeMap<>(identitiesByName);
        more.put(name, other);
        return new TlsServerOptions(
                identities,
                more,
                clientCertificates,
                clientTrust,
                applicationProtocols,
                versions,
                cipherSuites,
                handshakeTimeout);
    }

    /// Asks clients who they are.
    public TlsServerOptions withClientCertificates(ClientCertificates asked, TlsTrust trust) {
        return new TlsServerOptions(
                identities,
                identitiesByName,
                asked,
                trust,
                applicationProtocols,
                versions,
                cipherSuites,
                handshakeTimeout);
    }

    public TlsServerOptions withApplicationProtocols(List<String> protocols) {
        return new TlsServerOptions(
                identities,
                identitiesByName,
                clientCertificates,
                clientTrust,
                protocols,
                versions,
                cipherSuites,
                handshakeTimeout);
    }

    public TlsServerOptions withVersions(Set<TlsVersion> allowed) {
        return new TlsServerOptions(
                identities,
                identitiesByName,
                clientCertificates,
                clientTrust,
                applicationProtocols,
                allowed,
                cipherSuites,
                handshakeTimeout);
    }

    /// Allows these cipher suites alone, the one liked best first; with none, what the JDK allows.
    ///
    /// @throws IllegalArgumentException if one is not known, or none is of a version that is
    ///   spoken; it says which there are
    public TlsServerOptions withCipherSuites(List<String> allowed) {
        return new TlsServerOptions(
                identities,
                identitiesByName,
                clientCertificates,
                clientTrust,
                applicationProtocols,
                versions,
                allowed,
                handshakeTimeout);
    }

    public TlsServerOptions withHandshakeTimeout(Duration timeout) {
        return new TlsServerOptions(
                identities,
                identitiesByName,
                clientCertificates,
                clientTrust,
                applicationProtocols,
                versions,
                cipherSuites,
                timeout);
    }
}
