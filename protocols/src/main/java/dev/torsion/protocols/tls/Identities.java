package dev.torsion.protocols.tls;

import static java.util.Locale.ROOT;

import java.net.IDN;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Which identity is shown to whom: those for the server name that a client asks for (RFC 6066), or
/// else any there is; of several the first whose kind of key the other end takes.
final class Identities extends X509ExtendedKeyManager {
    private final Map<String, TlsIdentity> byAlias = new HashMap<>();
    private final Map<String, List<String>> named = new HashMap<>();
    private final Map<String, List<String>> certified = new HashMap<>();
    private final List<String> all = new ArrayList<>();

    /// @param own shown to whoever asks for a name in their certificates, or for none that is known
    /// @param byName shown to whoever asks for these names, whatever the certificates say
    Identities(List<TlsIdentity> own, Map<String, TlsIdentity> byName) {
        byName.forEach((name, it) -> named.put(askedAs(name), List.of(added(it))));
        for (TlsIdentity identity : own) {
            String alias = added(identity);
            all.add(alias);
            for (String name : identity.hostNames()) {
                certified.computeIfAbsent(askedAs(name), _ -> new ArrayList<>()).add(alias);
            }
        }
    }

    /// A name as clients ask for it: in ASCII, without the dot of the root.
    private static String askedAs(String name) {
        String whole = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        try {
            return IDN.toASCII(whole).toLowerCase(ROOT);
        } catch (IllegalArgumentException _) {
            return whole.toLowerCase(ROOT); // nobody can ask for it
        }
    }

    private String added(TlsIdentity identity) {
        String alias = Integer.toString(byAlias.size());
        byAlias.put(alias, identity);
        return alias;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return fitting(asked(engine), keyType);
    }

    /// Those of the very name and then of all names in its domain, or all if there are none.
    private List<String> asked(@Nullable SSLEngine engine) {
        if (engine != null && engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            String asked = TlsSession.serverName(session);
            if (asked != null) {
                String name = asked.toLowerCase(ROOT);
                int dot = name.indexOf('.');
                String inDomain = dot < 0 ? name : "*" + name.substring(dot);
                for (Map<String, List<String>> known : List.of(named, certified)) {
                    List<String> found = new ArrayList<>(known.getOrDefault(name, List.of()));
                    found.addAll(known.getOrDefault(inDomain, List.of()));
                    if (!found.isEmpty()) {
                        return found;
                    }
                }
            }
        }
        return all;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        for (String keyType : keyTypes) {
            String alias = fitting(all, keyType);
            if (alias != null) {
                return alias;
            }
        }
        return null;
    }

    private @Nullable String fitting(List<String> aliases, String keyType) {
        for (String alias : aliases) {
            PrivateKey key = getPrivateKey(alias);
            if (key != null && key.getAlgorithm().equals(keyType)) {
                return alias;
            }
        }
        return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsIdentity identity = byAlias.get(alias);
        return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsIdentity identity = byAlias.get(alias);
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
