package dev.torsion.protocols.endpoints;

import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What follows `tls:`, at either end.
final class TlsReading {
    private TlsReading() {}

    static LayeredEndpoint server(EndpointText text, Endpoints endpoints) {
        TlsServer tls = new TlsServer(serverOptions(text));
        String next = text.peek();
        LayeredEndpoint around =
                next != null && endpoints.isServerPrefix(next)
                        ? endpoints.readServer(text)
                        : LayeredEndpoint.of(Endpoint.Tcp.read(text));
        return around.within(tls::around);
    }

    private static TlsServerOptions serverOptions(EndpointText text) {
        String chain = text.required("certificate", "the PEM file of one");
        TlsServerOptions options =
                TlsServerOptions.of(identity(text, chain, text.option("key")))
                        .withApplicationProtocols(protocols(text));
        options =
                options.withHandshakeTimeout(
                        text.seconds("handshake-timeout", options.handshakeTimeout()));
        String trust = text.option("client-trust");
        ClientCertificates asked = asked(text, trust != null);
        return trust == null ? options : options.withClientCertificates(asked, trust(text, trust));
    }

    private static ClientCertificates asked(EndpointText text, boolean trust) {
        String asked = text.option("client-certificates");
        if (asked != null && !trust) {
            throw text.wrong("client-certificates= needs a client-trust= beside it");
        }
        if (asked == null || asked.equals("needed")) {
            return ClientCertificates.NEEDED;
        }
        if (asked.equals("wanted")) {
            return ClientCertificates.WANTED;
        }
        throw text.wrong(
                "expected client-certificates= with needed or wanted, not \"" + asked + "\"");
    }

    static LayeredClientEndpoint client(EndpointText text, Endpoints endpoints) {
        TlsClient tls = new TlsClient(clientOptions(text));
        String host = text.option("host");
        String next = text.peek();
        LayeredClientEndpoint around =
                next != null && endpoints.isClientPrefix(next)
                        ? endpoints.readClient(text)
                        : LayeredClientEndpoint.of(ClientEndpoint.Tcp.read(text));
        Address.Inet server = server(text, around.endpoint().address(), host);
        return around.within((reactor, below) -> tls.around(reactor, below, server));
    }

    private static Address.Inet server(EndpointText text, Address address, @Nullable String host) {
        return switch (address) {
            case Address.Inet inet -> host == null ? inet : Address.of(host, inet.port());
            case Address.Unix _ -> {
                if (host == null) {
                    throw text.wrong(
                            "a UNIX socket has no name: host= must say whom the"
                                    + " certificate is for");
                }
                yield Address.of(host, 0);
            }
        };
    }

    private static TlsClientOptions clientOptions(EndpointText text) {
        String trust = text.option("trust");
        TlsClientOptions options =
                TlsClientOptions.trusting(trust == null ? TlsTrust.system() : trust(text, trust))
                        .withApplicationProtocols(protocols(text));
        String chain = text.option("certificate");
        String key = text.option("key");
        if (chain == null && key != null) {
            throw text.wrong("key= needs a certificate= beside it");
        }
        return chain == null ? options : options.withIdentity(identity(text, chain, key));
    }

    private static List<String> protocols(EndpointText text) {
        String alpn = text.option("alpn");
        return alpn == null ? List.of() : List.of(alpn.split(",", -1));
    }

    private static TlsIdentity identity(EndpointText text, String chain, @Nullable String key) {
        try {
            return TlsIdentity.read(Path.of(chain), Path.of(key == null ? chain : key));
        } catch (IOException unreadable) {
            throw wrong(text, unreadable);
        }
    }

    private static TlsTrust trust(EndpointText text, String file) {
        try {
            return TlsTrust.read(Path.of(file));
        } catch (IOException unreadable) {
            throw wrong(text, unreadable);
        }
    }

    private static IllegalArgumentException wrong(EndpointText text, IOException unreadable) {
        IllegalArgumentException wrong = text.wrong(String.valueOf(unreadable.getMessage()));
        wrong.initCause(unreadable);
        return wrong;
    }
}
