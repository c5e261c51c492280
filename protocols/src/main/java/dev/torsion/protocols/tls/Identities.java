package dev.torsion.protocols.tls;

import static java.util.Locale.ROOT;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Which identity is shown to whom: by the server name that a client asks for (RFC 6066), or the
/// only one there is. An alias is a name; the empty one is the default's.
final class Identities extends X509ExtendedKeyManager {
    private static final String DEFAULT = "";

    private final SequencedMap<String, TlsIdentity> byName = new TreeMap<>();

    Identities(TlsIdentity otherwise, Map<String, TlsIdentity> named) {
        named.forEach((name, identity) -> byName.put(name.toLowerCase(ROOT), identity));
        byName.put(DEFAULT, otherwise);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return fitting(alias(engine), keyType);
    }

    /// The very name, or that of all names in its domain, or the default.
    private String alias(@Nullable SSLEngine engine) {
        if (engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            String asked = TlsSession.serverName(session);
            if (asked != null) {
                String name = asked.toLowerCase(ROOT);
                int dot = name.indexOf('.');
                String inDomain = dot < 0 ? name : "*" + name.substring(dot);
                if (byName.containsKey(name)) {
                    return name;
                }
                if (byName.containsKey(inDomain)) {
                    return inDomain;
                }
            }
        }
        return DEFAULT;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        for (String keyType : keyTypes) {
            String alias = fitting(DEFAULT, keyType);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    private @Nullable String fitting(String alias, String keyType) {
        TlsIdentity identity = byName.get(alias);
        return identity != null && identity.key().getAlgorithm().equals(keyType) ? alias : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsIdentity identity = byName.get(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsIdentity identity = byName.get(alias);
        return identity == null ? null : identity.key();
    }

    // ---- for sockets, of which there are none ----

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
