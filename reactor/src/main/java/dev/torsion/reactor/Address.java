package dev.torsion.reactor;

/// One end of a TCP connection.
///
/// @param host a name, or an address in its textual form (IPv6 without brackets)
/// @param port 0 to 65535; 0 means "any free port" where something is to be bound
public record Address(String host, int port) {
    public Address {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an address needs a host");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        }
    }

    /// Reads `HOST:PORT`, an IPv6 host in brackets.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("expected HOST:PORT, not \"" + text + "\"");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 host stands in brackets: expected [HOST]:PORT, not \"" + text + "\"");
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("expected HOST:PORT, not \"" + text + "\"");
        }
        return new Address(host, Ports.parse(text.substring(colon + 1), text));
    }

    /// `HOST:PORT`, an IPv6 host in brackets: what [#parse] reads.
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
