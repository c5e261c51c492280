package dev.torsion.protocols.endpoints;

import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Reads endpoints, of servers and of clients, from text that a person can write. Immutable.
///
/// ```java
/// Endpoints endpoints = Endpoints.standard();
/// endpoints.server("tls:8443:certificate=server.pem").listen(reactors, factory);
/// endpoints.client("tls:a.example:8443:trust=ca.pem").connect(reactor, factory);
/// ```
///
/// What [Endpoint] and [ClientEndpoint] read is read here too. Around them, the prefix on the left
/// being nearest to the wire:
///
/// - a server's `tls:ENDPOINT`, or `tls:PORT` for TCP: `certificate=` a PEM file, its own first;
///   `key=` if that is in another file, `key-password-file=` a file whose first line is the
///   password of an encrypted one; `certificate-2=` and so on more of them, with `key-2=` and
///   `key-password-file-2=`, see [dev.torsion.protocols.tls.TlsServerOptions#identities];
///   `client-trust=` a PEM file whose word is taken for who the clients are, `client-crl=` a PEM
///   file with lists of what that has revoked, `client-certificates=` `needed` (by default, with a
///   trust) or `wanted`; `alpn=` protocols, divided by commas, the one liked best first;
///   `versions=` which of `TLSv1.2,TLSv1.3` are spoken, both by default; `cipher-suites=` those
///   allowed, divided by commas, by their names in the IANA's registry, the one liked best first;
///   `handshake-timeout=` seconds; `reload=` how many seconds from one look at the files to the
///   next, 60 by default, or `off`
/// - a client's `tls:ENDPOINT`, or `tls:HOST:PORT` for TCP: `trust=` a PEM file instead of what the
///   JDK trusts, `crl=` what that has revoked; `host=` whom the certificate must be for, if that is
///   not the host of the address; `certificate=`, `key=` and `key-password-file=` for who this end
///   is; `alpn=`, `versions=` and `cipher-suites=` as of a server; `reload=` for how many seconds a
///   look at the files is good, 60 by default, or `off`
/// - a server's `haproxy:ENDPOINT`: every connection begins with a PROXY header, which must be
///   there within `header-timeout=` seconds, 5 by default; what is refused is logged at debug level
/// - a client's `haproxy:ENDPOINT`: the same, from the other side. It says nothing of whom it
///   speaks for (`UNKNOWN`, `LOCAL`), unless `source=` and `destination=` do, each `HOST:PORT` with
///   its colons escaped; `version=` 1 (by default) or 2
///
/// So `haproxy:tls:8443:…` has the header in front of the handshake, as a proxy sends it that
/// passes TLS on, and `tls:haproxy:tcp:8443:…` has it inside. Where a prefix can be, its name is
/// the prefix: a host called `haproxy` is written with all of them, `tls:tcp:haproxy:8443`.
///
/// Reading a `tls:` endpoint reads its files, and blocks for them. A server's are read again when
/// the port opens, and whenever they have changed, as long as it listens:
/// [dev.torsion.protocols.tls.TlsReload] says how, and what becomes of files that are wrong then. A
/// client's are looked at when it connects, see [dev.torsion.protocols.tls.TlsClient#reloading].
///
/// **Thread:** any.
public final class Endpoints {
    private static final Set<String> SERVERS = Set.of("tcp", "unix", "systemd", "descriptor");
    private static final Set<String> CLIENTS = Set.of("tcp", "unix");

    private final Map<String, Reading<LayeredEndpoint>> servers;
    private final Map<String, Reading<LayeredClientEndpoint>> clients;

    /// Reads what follows a prefix: takes the fields that are its own, and lets `endpoints` read
    /// the endpoint that it is around, if there is one.
    @FunctionalInterface
    public interface Reading<E> {
        /// Reads it.
        ///
        /// @throws IllegalArgumentException for a field that is not as expected, see [EndpointText]
        E read(EndpointText text, Endpoints endpoints);
    }

    private Endpoints(
            Map<String, Reading<LayeredEndpoint>> servers,
            Map<String, Reading<LayeredClientEndpoint>> clients) {
        this.servers = servers;
        this.clients = clients;
    }

    /// With the prefixes named above.
    public static Endpoints standard() {
        return new Endpoints(new TreeMap<>(), new TreeMap<>())
                .withServer("tls", TlsReading::server)
                .withServer("haproxy", ProxyReading::server)
                .withClient("tls", TlsReading::client)
                .withClient("haproxy", ProxyReading::client);
    }

    /// With one prefix more for servers.
    ///
    /// @throws IllegalArgumentException if the prefix is taken, or cannot be written without a
    ///   backslash
    public Endpoints withServer(String prefix, Reading<LayeredEndpoint> reading) {
        return new Endpoints(with(servers, SERVERS, prefix, reading), clients);
    }

    /// With one prefix more for clients.
    ///
    /// @throws IllegalArgumentException as [#withServer]
    public Endpoints withClient(String prefix, Reading<LayeredClientEndpoint> reading) {
        return new Endpoints(servers, with(clients, CLIENTS, prefix, reading));
    }

    private static <E> Map<String, Reading<E>> with(
            Map<String, Reading<E>> there, Set<String> own, String prefix, Reading<E> reading) {
        if (prefix.isEmpty() || !EndpointText.escaped(prefix).equals(prefix)) {
            throw new IllegalArgumentException(
                    "a prefix has a letter at least, and no \":\", \"=\" or \"\\\", as \""
                            + prefix
                            + "\" has");
        }
        Map<String, Reading<E>> more = new TreeMap<>(there);
        if (own.contains(prefix) || more.put(prefix, reading) != null) {
            throw new IllegalArgumentException("\"" + prefix + ":\" means something already");
        }
        return more;
    }

    // ---- reading ----

    /// Reads where to listen.
    ///
    /// @throws IllegalArgumentException saying what was expected, and what is where
    public LayeredEndpoint server(String text) {
        EndpointText fields = EndpointText.ofServer(text);
        LayeredEndpoint endpoint = readServer(fields);
        fields.end();
        return endpoint.written(text);
    }

    /// Reads where to connect to.
    ///
    /// @throws IllegalArgumentException saying what was expected, and what is where
    public LayeredClientEndpoint client(String text) {
        EndpointText fields = EndpointText.ofClient(text);
        LayeredClientEndpoint endpoint = readClient(fields);
        fields.end();
        return endpoint.written(text);
    }

    /// Takes the fields of a server's endpoint; for a [Reading] that is around one.
    public LayeredEndpoint readServer(EndpointText text) {
        String prefix = text.peek();
        if (prefix != null && SERVERS.contains(prefix)) {
            return LayeredEndpoint.of(Endpoint.read(text));
        }
        return reading(text, SERVERS, servers).read(text, this);
    }

    /// Takes the fields of a client's endpoint; for a [Reading] that is around one.
    public LayeredClientEndpoint readClient(EndpointText text) {
        String prefix = text.peek();
        if (prefix != null && CLIENTS.contains(prefix)) {
            return LayeredClientEndpoint.of(ClientEndpoint.read(text));
        }
        return reading(text, CLIENTS, clients).read(text, this);
    }

    private static <E> Reading<E> reading(
            EndpointText text, Set<String> own, Map<String, Reading<E>> more) {
        Set<String> choices = prefixes(own, more);
        String found = text.prefix("an endpoint that begins with one of " + choices, choices);
        Reading<E> reading = more.get(found);
        if (reading == null) {
            throw new IllegalStateException("a prefix nobody reads: " + found);
        }
        return reading;
    }

    private static Set<String> prefixes(Set<String> own, Map<String, ?> more) {
        Set<String> all = new TreeSet<>(own);
        all.addAll(more.keySet());
        return all;
    }

    /// Whether a server's endpoint may begin so.
    boolean isServerPrefix(String word) {
        return SERVERS.contains(word) || servers.containsKey(word);
    }

    /// Whether a client's endpoint may begin so.
    boolean isClientPrefix(String word) {
        return CLIENTS.contains(word) || clients.containsKey(word);
    }
}
