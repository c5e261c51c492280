package dev.torsion.reactor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A host and a port as they are written elsewhere, in URLs and on command lines, where an endpoint
/// has them in another order or with backslashes: `0.0.0.0:80`, `[::1]:80`, `//a.example:80/`.
///
/// @param written as it stands there
/// @param more what follows: nothing, or `:` and more fields
record WrittenPlace(String written, String host, String port, String more) {
    private static final Pattern PLACE =
            Pattern.compile(
                    "((?://)?(\\[[^]]*]|[^:=\\[\\]\\\\/]+|[0-9A-Fa-f:.]{0,39}::[0-9A-Fa-f:.]{0,39}?)"
                            + ":([0-9]{1,5})/?)(:.*)?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    /// What `rest`, the end of an endpoint's text, begins with; null if that is nothing of the
    /// kind.
    static @Nullable WrittenPlace at(String rest) {
        Matcher place = PLACE.matcher(rest);
        if (!place.matches() || NUMBER.matcher(place.group(2)).matches()) {
            return null;
        }
        String host = place.group(2).replaceAll("[\\[\\]]", "");
        String more = place.group(4);
        return new WrittenPlace(place.group(1), host, place.group(3), more == null ? "" : more);
    }

    /// As the fields of a server.
    String asServer() {
        return port + ":interface=" + EndpointText.escaped(host) + more;
    }

    /// As the fields of a client.
    String asClient() {
        return EndpointText.escaped(host) + ":" + port + more;
    }

    /// Whether the fields of a client are not what is written.
    boolean differsFromClient() {
        return !written.equals(EndpointText.escaped(host) + ":" + port);
    }
}
