package dev.torsion.protocols.endpoints;

import dev.torsion.protocols.ProxyHeader;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.EndpointText;
import java.time.Duration;

/// What follows `haproxy:`, at either end.
final class ProxyReading {
    private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(5);

    private ProxyReading() {}

    static LayeredEndpoint server(EndpointText text, Endpoints endpoints) {
        Duration timeout = text.seconds("header-timeout", HEADER_TIMEOUT);
        return endpoints.readServer(text).within(factory -> new ProxyProtocol(factory, timeout));
    }

    static LayeredClientEndpoint client(EndpointText text, Endpoints endpoints) {
        ProxyHeader header = header(text);
        Bytes sent = text.number("version", 1, 2, 1) == 1 ? header.version1() : header.version2();
        return endpoints
                .readClient(text)
                .within((reactor, below) -> new ProxyConnector(reactor, below, sent));
    }

    private static ProxyHeader header(EndpointText text) {
        String source = text.option("source");
        String destination = text.option("destination");
        if (source == null && destination == null) {
            return new ProxyHeader.Unknown();
        }
        if (source == null || destination == null) {
            throw text.wrong(
                    source == null ? "destination" : "source",
                    "source= and destination= stand together");
        }
        Address.Inet from = address(text, "source", source);
        Address.Inet to = address(text, "destination", destination);
        try {
            return new ProxyHeader.Proxied(from, to);
        } catch (IllegalArgumentException _) {
            throw text.wrong(
                    "destination",
                    "expected destination= with an address of the family that source= has, not \"%s\""
                            .formatted(destination));
        }
    }

    private static Address.Inet address(EndpointText text, String key, String written) {
        try {
            Address.Inet address = Address.Inet.parse(written);
            var _ = new ProxyHeader.Proxied(address, address); // which refuses what is none
            return address;
        } catch (IllegalArgumentException _) {
            // Said below, with how it is written here.
        }
        throw text.wrong(
                key,
                "expected %s= with an address and a port such as 192.0.2.7\\:80, not \"%s\""
                        .formatted(key, written));
    }
}
