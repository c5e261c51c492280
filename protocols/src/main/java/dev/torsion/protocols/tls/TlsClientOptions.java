package dev.torsion.protocols.tls;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a [TlsClient] shakes hands. The server's certificate is always checked; that it is for the
/// host asked for is checked too, unless [#trustingAnyHostName] gives that up.
///
/// @param trust whose word is taken for who the server is
/// @param identity who this end is, for servers that ask; null for nobody
/// @param applicationProtocols what is offered by ALPN, the one liked best first; empty: no ALPN
/// @param versions at least one
/// @param cipherSuites those allowed, by their names in the IANA's registry, the one liked best
///   first; empty: what the JDK does by default
/// @param trustsAnyHostName whether a trusted certificate will do that is for another host
/// @param handshakeTimeout how long a handshake in mid-stream may take (that of a new connection is
///   part of the time to connect)
public record TlsClientOptions(
        TlsTrust trust,
        @Nullable TlsIdentity identity,
        List<String> applicationProtocols,
        Set<TlsVersion> versions,
        boolean trustsAnyHostName,
        List<String> cipherSuites,
        Duration handshakeTimeout) {

    public TlsClientOptions {
        applicationProtocols = List.copyOf(applicationProtocols);
        versions = Set.copyOf(versions);
        cipherSuites = List.copyOf(cipherSuites);
        TlsContext.check(applicationProtocols, versions, cipherSuites, handshakeTimeout);
    }

    /// No identity, no ALPN, TLS 1.2 and 1.3, 10 seconds.
    public static TlsClientOptions trusting(TlsTrust trust) {
        return new TlsClientOptions(
                trust,
                null,
                List.of(),
                EnumSet.allOf(TlsVersion.class),
                false,
                List.of(),
                TlsContext.HANDSHAKE_TIMEOUT);
    }

    /// Takes the word of `other` instead.
    public TlsClientOptions withTrust(TlsTrust other) {
        return new TlsClientOptions(
                other,
                identity,
                applicationProtocols,
                versions,
                trustsAnyHostName,
                cipherSuites,
                handshakeTimeout);
    }

    /// Shows who this end is, if the server asks.
    public TlsClientOptions withIdentity(TlsIdentity own) {
        return new TlsClientOptions(
                trust,
                own,
                applicationProtocols,
                versions,
                trustsAnyHostName,
                cipherSuites,
                handshakeTimeout);
    }

    public TlsClientOptions withApplicationProtocols(List<String> protocols) {
        return new TlsClientOptions(
                trust,
                identity,
                protocols,
                versions,
                trustsAnyHostName,
                cipherSuites,
                handshakeTimeout);
    }

    public TlsClientOptions withVersions(Set<TlsVersion> allowed) {
        return new TlsClientOptions(
                trust,
                identity,
                applicationProtocols,
                allowed,
                trustsAnyHostName,
                cipherSuites,
                handshakeTimeout);
    }

    /// Allows these cipher suites alone, the one liked best first; with none, what the JDK allows.
    ///
    /// @throws IllegalArgumentException if one is not known, or none is of a version that is
    ///   spoken; it says which there are
    public TlsClientOptions withCipherSuites(List<String> allowed) {
        return new TlsClientOptions(
                trust,
                identity,
                applicationProtocols,
                versions,
                trustsAnyHostName,
                allowed,
                handshakeTimeout);
    }

    /// **Gives up the check that the server is the one that was asked for**: whoever has any
    /// certificate from a trusted authority can stand between. For tests, and for authorities that
    /// certify nobody else.
    public TlsClientOptions trustingAnyHostName() {
        return new TlsClientOptions(
                trust,
                identity,
                applicationProtocols,
                versions,
                true,
                cipherSuites,
                handshakeTimeout);
    }

    public TlsClientOptions withHandshakeTimeout(Duration timeout) {
        return new TlsClientOptions(
                trust,
                identity,
                applicationProtocols,
                versions,
                trustsAnyHostName,
                cipherSuites,
                timeout);
    }
}
