package dev.torsion.reactor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A host and a port as they are written elsewhere, in URLs, on command lines and by name, where an
/// endpoint has them in another order or with backslashes: `0.0.0.0:80`, `[::1]:80`,
/// `//a.example:80/`, `host=a.example:port=80`, `:80`, `80`.
///
/// @param written as it stands there
/// @param host null if there is none
/// @param end the index of what follows it, in the whole text
record WrittenPlace(String written, @Nullable String host, String port, int end) {
    private static final String OPTIONS = "(?::[^:=]+=.*)?";
    private static final Pattern PLACE =
            Pattern.compile(
                    "(?<written>(?://)?(?:host=)?"
                            + "(?<host>\\[[^]]*]|[^:=\\[\\]\\\\/]+"
                            + "|[0-9A-Fa-f:.]{0,39}::[0-9A-Fa-f:.]{0,39}?)"
                            + ":(?:port=)?(?<port>[0-9]{1,5})/?)"
                            + OPTIONS);
    private static final Pattern PORT =
            Pattern.compile(
                    "(?<written>:?(?:port=)?(?<port>[0-9]{1,5})(?::host=(?<host>[^:=\\\\]+))?)"
                            + OPTIONS);
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    /// The place that the end of an endpoint's text begins with, options following; null if that is
    /// nothing of the kind.
    static @Nullable WrittenPlace at(String text, int begin) {
        Matcher port = PORT.matcher(text).region(begin, text.length());
        if (port.matches()) {
            return of(port);
        }
        Matcher place = PLACE.matcher(text).region(begin, text.length());
        return place.matches() && !NUMBER.matcher(place.group("host")).matches() ? of(place) : null;
    }

    private static WrittenPlace of(Matcher place) {
        String host = place.group("host");
        return new WrittenPlace(
                place.group("written"),
                host == null ? null : host.replaceAll("[\\[\\]\\\\]", ""),
                place.group("port"),
                place.end("written"));
    }

    WrittenPlace withHost(String newHost) {
        return new WrittenPlace(written, newHost, port, end);
    }

    /// As the fields of a server.
    String asServer() {
        return port + (host == null ? "" : ":interface=" + hostOr("0.0.0.0"));
    }

    /// As the fields of a client.
    String asClient() {
        return hostOr("localhost") + ":" + port;
    }

    /// The host as a field; `otherwise` for none, and for a `*`.
    private String hostOr(String otherwise) {
        return host == null || host.equals("*") ? otherwise : EndpointText.escaped(host);
    }
}
