package dev.torsion.protocols.endpoints;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsReload;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.Thrown;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What follows `tls:`, at either end.
final class TlsReading {
    private static final Duration RELOAD = Duration.ofSeconds(60);

    private TlsReading() {}

    static LayeredEndpoint server(EndpointText text, Endpoints endpoints) {
        List<OwnFiles> own = OwnFiles.all(text, text.required("certificate", "a PEM file"));
        TrustFiles trust = TrustFiles.named(text, "client-trust", "client-crl");
        TlsServer tls = new TlsServer(serverOptions(text, own, trust));
        Duration interval = text.secondsOrOff("reload", RELOAD);
        String next = text.peek();
        LayeredEndpoint around =
                next != null && endpoints.isServerPrefix(next)
                        ? endpoints.readServer(text)
                        : LayeredEndpoint.of(Endpoint.Tcp.read(text));
        LayeredEndpoint secured = around.securedBy(tls);
        return interval == null
                ? secured
                : secured.withService(reactor ->
                        new TlsReload(
                                reactor,
                                files(own, trust),
                                interval,
                                () -> read(own, trust),
                                tls::change));
    }

    private static TlsServerOptions serverOptions(
            EndpointText text, List<OwnFiles> own, @Nullable TrustFiles trust) {
        List<TlsIdentity> identities = own.stream().map(each -> each.identity(text)).toList();
        TlsServerOptions options =
                TlsServerOptions.of(identities.getFirst())
                        .withIdentities(identities)
                        .withApplicationProtocols(protocols(text))
                        .withVersions(versions(text));
        options = withCipherSuites(text, options, options::withCipherSuites);
        options =
                options.withHandshakeTimeout(
                        text.seconds("handshake-timeout", options.handshakeTimeout()));
        ClientCertificates asked = asked(text, trust != null);
        return trust == null ? options : options.withClientCertificates(asked, trust.trust(text));
    }

    /// What is in the files, into whatever options a program has given the server since.
    private static UnaryOperator<TlsServerOptions> read(
            List<OwnFiles> own, @Nullable TrustFiles trust) throws IOException {
        List<TlsIdentity> identities = new ArrayList<>();
        for (OwnFiles each : own) {
            identities.add(each.identity());
        }
        TlsTrust trusted = trust == null ? null : trust.trust();
        return options -> {
            TlsServerOptions now = options.withIdentities(identities);
            return trusted == null
                    ? now
                    : now.withClientCertificates(now.clientCertificates(), trusted);
        };
    }

    private static ClientCertificates asked(EndpointText text, boolean trust) {
        String asked = text.option("client-certificates");
        if (asked != null && !trust) {
            throw text.wrong(
                    "client-certificates", "client-certificates= needs a client-trust= beside it");
        }
        if (asked == null || asked.equals("needed")) {
            return ClientCertificates.NEEDED;
        }
        if (asked.equals("wanted")) {
            return ClientCertificates.WANTED;
        }
        throw text.wrong(
                "client-certificates",
                "expected client-certificates= with needed or wanted, not \"" + asked + "\"");
    }

    static LayeredClientEndpoint client(EndpointText text, Endpoints endpoints) {
        TrustFiles trust = TrustFiles.named(text, "trust", "crl");
        OwnFiles own = OwnFiles.named(text, "", text.option("certificate"));
        TlsClientOptions options = clientOptions(text, own, trust);
        Duration interval = text.secondsOrOff("reload", RELOAD);
        List<Path> files = files(own == null ? List.of() : List.of(own), trust);
        TlsClient tls =
                interval == null || files.isEmpty()
                        ? new TlsClient(options)
                        : TlsClient.reloading(
                                options, files, interval, () -> read(options, own, trust));
        String host = text.option("host");
        String next = text.peek();
        LayeredClientEndpoint around =
                next != null && endpoints.isClientPrefix(next)
                        ? endpoints.readClient(text)
                        : LayeredClientEndpoint.of(ClientEndpoint.Tcp.read(text));
        Address.Inet server = server(text, around.endpoint().address(), host);
        return around.within((reactor, below) -> tls.around(reactor, below, server));
    }

    /// Whom the certificate is for.
    private static Address.Inet server(EndpointText text, Address address, @Nullable String host) {
        int port = address instanceof Address.Inet inet ? inet.port() : 0;
        if (host == null && address instanceof Address.Inet inet) {
            return inet;
        }
        String named =
                host != null
                        ? host
                        : text.required(
                                "host",
                                "whom the certificate is for, as a UNIX socket has no host");
        try {
            return Address.of(named, port);
        } catch (IllegalArgumentException wrong) {
            throw text.wrong("host", String.valueOf(wrong.getMessage()));
        }
    }

    private static TlsClientOptions clientOptions(
            EndpointText text, @Nullable OwnFiles own, @Nullable TrustFiles trust) {
        TlsClientOptions options =
                TlsClientOptions.trusting(trust == null ? TlsTrust.system() : trust.trust(text))
                        .withApplicationProtocols(protocols(text))
                        .withVersions(versions(text));
        options = withCipherSuites(text, options, options::withCipherSuites);
        return own == null ? options : options.withIdentity(own.identity(text));
    }

    private static TlsClientOptions read(
            TlsClientOptions options, @Nullable OwnFiles own, @Nullable TrustFiles trust)
            throws IOException {
        TlsClientOptions now = trust == null ? options : options.withTrust(trust.trust());
        return own == null ? now : now.withIdentity(own.identity());
    }

    private static List<String> protocols(EndpointText text) {
        String alpn = text.option("alpn");
        List<String> names = alpn == null ? List.of() : List.of(alpn.split(",", -1));
        boolean sound = names.stream().allMatch(TlsReading::isProtocol);
        if (!sound || Set.copyOf(names).size() < names.size()) {
            throw text.wrong(
                    "alpn",
                    "expected alpn= with names of 1 to 255 bytes, each once, divided by commas, such"
                            + " as h2,http/1.1, not \"%s\"".formatted(alpn));
        }
        return names;
    }

    private static boolean isProtocol(String name) {
        int size = name.getBytes(UTF_8).length;
        return size > 0 && size < 256;
    }

    private static Set<TlsVersion> versions(EndpointText text) {
        Set<TlsVersion> all = EnumSet.allOf(TlsVersion.class);
        String written = text.option("versions");
        if (written == null) {
            return all;
        }
        List<String> names = List.of(written.split(",", -1));
        Set<TlsVersion> named = EnumSet.copyOf(all);
        named.removeIf(version -> !names.contains(version.toString()));
        if (named.size() < names.size()) {
            throw text.wrong(
                    "versions",
                    "expected versions= with some of %s, each once, divided by commas, not \"%s\""
                            .formatted(all, written));
        }
        return named;
    }

    private static <O> O withCipherSuites(
            EndpointText text, O options, Function<List<String>, O> with) {
        String written = text.option("cipher-suites");
        try {
            return written == null ? options : with.apply(List.of(written.split(",", -1)));
        } catch (IllegalArgumentException refused) {
            throw text.wrong(
                    "cipher-suites", "cipher-suites= cannot be used: " + refused.getMessage());
        }
    }

    // ---- files ----

    private static List<Path> files(List<OwnFiles> own, @Nullable TrustFiles trust) {
        return Stream.concat(
                        own.stream()
                                .flatMap(each -> Stream.of(each.chain, each.key, each.password)),
                        trust == null ? Stream.of() : Stream.of(trust.trusted, trust.revoked))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /// Who an end is.
    ///
    /// @param number what follows the names of these fields: nothing, `-2`, `-3`
    /// @param key may be the same file
    /// @param password whose first line is the key's password; null if that is not encrypted
    private record OwnFiles(String number, Path chain, Path key, @Nullable Path password) {

        /// The first certificate, and all that are numbered.
        static List<OwnFiles> all(EndpointText text, String certificate) {
            List<OwnFiles> all = new ArrayList<>();
            OwnFiles next = named(text, "", certificate);
            while (next != null) {
                all.add(next);
                String number = "-" + (all.size() + 1);
                next = named(text, number, text.option("certificate" + number));
            }
            return all;
        }

        /// @return null if no certificate is named
        static @Nullable OwnFiles named(
                EndpointText text, String number, @Nullable String certificate) {
            Path key = path(text, "key" + number);
            Path password = path(text, "key-password-file" + number);
            if (certificate == null) {
                if (key != null || password != null) {
                    String needing = (key != null ? "key" : "key-password-file") + number;
                    throw text.wrong(
                            needing,
                            "%s= needs a certificate%s= beside it".formatted(needing, number));
                }
                return null;
            }
            Path chain = path(text, "certificate" + number, certificate);
            return new OwnFiles(number, chain, key == null ? chain : key, password);
        }

        TlsIdentity identity() throws IOException {
            return password == null
                    ? TlsIdentity.read(chain, key)
                    : TlsIdentity.read(chain, key, password);
        }

        TlsIdentity identity(EndpointText text) {
            try {
                return identity();
            } catch (IOException unreadable) {
                throw unusable(text, blamed(unreadable) + number, unreadable);
            }
        }

        private String blamed(IOException unreadable) {
            String file =
                    unreadable instanceof FileSystemException one
                            ? one.getFile()
                            : chain.toString();
            if (chain.toString().equals(file)) {
                return "certificate";
            }
            return key.toString().equals(file) ? "key" : "key-password-file";
        }
    }

    /// Whom an end trusts.
    ///
    /// @param revoked what was revoked; null if nothing
    private record TrustFiles(
            Path trusted, @Nullable Path revoked, String trustedKey, String revokedKey) {
        static @Nullable TrustFiles named(EndpointText text, String trusted, String revoked) {
            Path file = path(text, trusted);
            Path lists = path(text, revoked);
            if (file == null && lists != null) {
                throw text.wrong(revoked, revoked + "= needs a " + trusted + "= beside it");
            }
            return file == null ? null : new TrustFiles(file, lists, trusted, revoked);
        }

        TlsTrust trust() throws IOException {
            TlsTrust trust = TlsTrust.read(trusted);
            return revoked == null ? trust : trust.withRevocation(revoked);
        }

        TlsTrust trust(EndpointText text) {
            TlsTrust trust = reading(text, trustedKey, () -> TlsTrust.read(trusted));
            return revoked == null
                    ? trust
                    : reading(text, revokedKey, () -> trust.withRevocation(revoked));
        }
    }

    private interface FileReading<T> {
        T read() throws IOException;
    }

    private static <T> T reading(EndpointText text, String key, FileReading<T> reading) {
        try {
            return reading.read();
        } catch (IOException unreadable) {
            throw unusable(text, key, unreadable);
        }
    }

    private static IllegalArgumentException unusable(
            EndpointText text, String key, IOException unreadable) {
        IllegalArgumentException wrong =
                text.wrong(key, key + "= cannot be used: " + Thrown.text(unreadable));
        wrong.initCause(unreadable);
        return wrong;
    }

    private static @Nullable Path path(EndpointText text, String key) {
        String name = text.option(key);
        return name == null ? null : path(text, key, name);
    }

    private static Path path(EndpointText text, String key, String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException invalid) {
            throw text.wrong(
                    key,
                    "expected %s= with the path of a file, not \"%s\", which this machine cannot"
                                    .formatted(key, name)
                            + " write: "
                            + invalid.getReason());
        }
    }
}
