package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// Makes the JDK's engines, as options want them.
final class TlsContext {
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private static final String NOBODY = "nobody.invalid";
    private static final AtomicBoolean rehearsed = new AtomicBoolean();

    private TlsContext() {}

    static void check(
            List<String> applicationProtocols,
            Set<TlsVersion> versions,
            List<String> cipherSuites,
            Duration timeout) {
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("a version of TLS at least is spoken");
        }
        checkSuites(cipherSuites, versions);
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "a handshake timeout is more than zero, not " + timeout);
        }
        for (String protocol : applicationProtocols) {
            int size = protocol.getBytes(UTF_8).length;
            if (size == 0 || size > 255) {
                throw new IllegalArgumentException(
                        "the name of an application protocol has 1 to 255 bytes, not " + size);
            }
        }
    }

    private static void checkSuites(List<String> suites, Set<TlsVersion> versions) {
        if (suites.isEmpty()) {
            return;
        }
        Set<String> known = suites();
        for (String suite : suites) {
            if (!known.contains(suite)) {
                throw new IllegalArgumentException(
                        "this JDK knows no cipher suite \"%s\", but %s"
                                .formatted(suite, String.join(", ", known)));
            }
        }
        if (versions.stream().noneMatch(version -> suites.stream().anyMatch(version::has))) {
            throw new IllegalArgumentException(
                    "none of the cipher suites %s is one of %s".formatted(suites, versions));
        }
    }

    /// Those of the JDK that prove who the server is, and encrypt.
    private static Set<String> suites() {
        Set<String> known = new TreeSet<>();
        for (String suite : of(null, null).getSupportedSSLParameters().getCipherSuites()) {
            if (suite.startsWith("TLS_") && !suite.matches(".*_(anon|NULL|SCSV)(_.*)?")) {
                known.add(suite);
            }
        }
        return known;
    }

    static SSLContext of(@Nullable Identities identities, @Nullable TlsTrust trust) {
        KeyManager[] keys = identities == null ? new KeyManager[0] : new KeyManager[] {identities};
        TrustManager[] trusted =
                trust == null ? new TrustManager[0] : new TrustManager[] {trust.manager()};
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trusted, null);
            if (rehearsed.compareAndSet(false, true)) {
                rehearse(context);
            }
            return context;
        } catch (GeneralSecurityException | SSLException broken) {
            throw new IllegalStateException("this JDK has no TLS", broken);
        }
    }

    /// Has the first message of a handshake made and read, for nobody. What the JDK loads for the
    /// first one of all takes so long that it would hold up every connection of a loop.
    private static void rehearse(SSLContext context) throws SSLException {
        SSLEngine client = context.createSSLEngine(NOBODY, 1);
        client.setUseClientMode(true);
        SSLParameters parameters = parameters(client, EnumSet.allOf(TlsVersion.class), List.of());
        parameters.setServerNames(List.of(new SNIHostName(NOBODY)));
        client.setSSLParameters(parameters);
        SSLEngine server = context.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer none = ByteBuffer.allocate(0);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        var _ = client.wrap(none, hello);
        var _ = server.unwrap(hello.flip(), none);
    }

    static SSLEngine serverEngine(SSLContext context, TlsServerOptions options) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine, options.versions(), options.cipherSuites());
        parameters.setUseCipherSuitesOrder(true);
        parameters.setApplicationProtocols(applicationProtocols(options.applicationProtocols()));
        switch (options.clientCertificates()) {
            case NONE -> {}
            case WANTED -> parameters.setWantClientAuth(true);
            case NEEDED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    static SSLEngine clientEngine(
            SSLContext context, TlsClientOptions options, String host, int port) {
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine, options.versions(), options.cipherSuites());
        parameters.setApplicationProtocols(applicationProtocols(options.applicationProtocols()));
        String name = serverName(host);
        parameters.setServerNames(name == null ? List.of() : List.of(new SNIHostName(name)));
        if (!options.trustsAnyHostName()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /// By RFC 7301 they are bytes, and the names of the registry UTF-8; the JDK has a character for
    /// each byte.
    private static String[] applicationProtocols(List<String> names) {
        return names.stream()
                .map(name -> new String(name.getBytes(UTF_8), ISO_8859_1))
                .toArray(String[]::new);
    }

    /// What ALPN chose; null if it was not used.
    static @Nullable String applicationProtocol(SSLEngine engine) {
        String chosen = engine.getApplicationProtocol();
        return chosen == null || chosen.isEmpty()
                ? null
                : new String(chosen.getBytes(ISO_8859_1), UTF_8);
    }

    /// What is asked for by SNI: a name, never an address (RFC 6066, section 3), nor what no
    /// registry would allow as one, such as `my_service`; the host is verified all the same.
    static @Nullable String serverName(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (name.isEmpty() || ADDRESS.matcher(name).matches()) {
            return null;
        }
        try {
            return new SNIHostName(name).getAsciiName();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static SSLParameters parameters(
            SSLEngine engine, Set<TlsVersion> versions, List<String> cipherSuites) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(
                versions.stream().sorted().map(TlsVersion::toString).toArray(String[]::new));
        if (!cipherSuites.isEmpty()) {
            parameters.setCipherSuites(cipherSuites.toArray(String[]::new));
        }
        return parameters;
    }
}
