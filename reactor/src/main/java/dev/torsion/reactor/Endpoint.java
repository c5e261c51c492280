package dev.torsion.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Where to listen, as text a person can write: `tcp:4222`,
/// `tcp:4222:interface=0.0.0.0:backlog=50`.
///
/// The form is Twisted's server endpoint string: fields divided by `:`, a backslash before a `:`,
/// `=` or `\` that is meant literally (`tcp:4222:interface=\:\:1`).
///
/// @param address where to bind; port 0 takes any free port
/// @param backlog how many connections may wait to be accepted, at least 1
public record Endpoint(Address.Inet address, int backlog) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int DEFAULT_BACKLOG = 1024;
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "::1");

    public Endpoint {
        if (backlog < 1) {
            throw new IllegalArgumentException("a backlog is at least 1, not " + backlog);
        }
    }

    /// TCP on loopback.
    public static Endpoint tcp(int port) {
        return new Endpoint(Address.of(LOOPBACK, port), DEFAULT_BACKLOG);
    }

    /// Reads an endpoint string; without `interface=` it is loopback.
    ///
    /// @throws IllegalArgumentException saying what was expected and what was found
    public static Endpoint parse(String text) {
        List<String> fields = split(text);
        if (!fields.getFirst().equals("tcp") || fields.size() < 2) {
            throw new IllegalArgumentException(
                    "expected an endpoint such as tcp:4222 or tcp:4222:interface=ADDRESS, not \""
                            + text
                            + "\"");
        }
        int port = Ports.parse(fields.get(1), text);
        String host = LOOPBACK;
        int backlog = DEFAULT_BACKLOG;
        for (String field : fields.subList(2, fields.size())) {
            if (field.startsWith("interface=") && field.length() > "interface=".length()) {
                host = field.substring("interface=".length());
            } else if (field.matches("backlog=[0-9]{1,6}")) {
                backlog = Integer.parseInt(field.substring("backlog=".length()));
            } else {
                throw new IllegalArgumentException(
                        "expected interface=ADDRESS or backlog=NUMBER, not \""
                                + field
                                + "\" in \""
                                + text
                                + "\"");
            }
        }
        return new Endpoint(Address.of(host, port), backlog);
    }

    /// Whether only programs on this machine can reach it.
    public boolean isLoopback() {
        return address.host().matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
                || LOOPBACK_NAMES.contains(address.host());
    }

    /// The same place with another port.
    public Endpoint withPort(int port) {
        return new Endpoint(Address.of(address.host(), port), backlog);
    }

    private static List<String> split(String text) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                field.append(text.charAt(++i));
            } else if (c == ':') {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    /// The endpoint string, loopback and the default backlog left out.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("tcp:").append(address.port());
        if (!address.host().equals(LOOPBACK)) {
            text.append(":interface=")
                    .append(address.host().replace("\\", "\\\\").replace(":", "\\:"));
        }
        if (backlog != DEFAULT_BACKLOG) {
            text.append(":backlog=").append(backlog);
        }
        return text.toString();
    }
}
