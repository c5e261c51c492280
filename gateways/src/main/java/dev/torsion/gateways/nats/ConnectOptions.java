package dev.torsion.gateways.nats;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// What a client says of itself in CONNECT. Keys that mean nothing here (users, languages) are
/// passed over; the whole is bounded by the control line.
///
/// @param verbose each command is answered `+OK`
/// @param echo the client's own messages come back to its own subscriptions
/// @param headers the client understands HMSG
/// @param noResponders a request that nobody gets is answered 503
/// @param protocol 1 if the client understands an INFO that comes later
/// @param name for the node's log
record ConnectOptions(
        boolean verbose,
        boolean echo,
        boolean headers,
        boolean noResponders,
        int protocol,
        String name) {

    /// What holds before CONNECT, and for what it leaves out, as in nats-server.
    static final ConnectOptions DEFAULTS = new ConnectOptions(true, true, false, false, 0, "");

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    /// Reads the argument of CONNECT.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    static ConnectOptions parse(String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            return read(parser);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "CONNECT takes a JSON object: "
                            + e.getOriginalMessage()
                                    .replaceAll(" ?\\(start marker at [^)]*\\)\\)?", ""),
                    e);
        }
    }

    private static ConnectOptions read(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("CONNECT takes a JSON object");
        }
        boolean verbose = DEFAULTS.verbose;
        boolean echo = DEFAULTS.echo;
        boolean headers = DEFAULTS.headers;
        boolean noResponders = DEFAULTS.noResponders;
        int protocol = DEFAULTS.protocol;
        String name = DEFAULTS.name;
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            parser.nextToken();
            switch (key) {
                case "verbose" -> verbose = parser.getBooleanValue();
                case "echo" -> echo = parser.getBooleanValue();
                case "headers" -> headers = parser.getBooleanValue();
                case "no_responders" -> noResponders = parser.getBooleanValue();
                case "protocol" -> protocol = parser.getIntValue();
                case "name" -> name = onOneLine(parser.getValueAsString(""));
                default -> parser.skipChildren();
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
            throw new IllegalArgumentException("CONNECT takes one JSON object and no more");
        }
        return new ConnectOptions(verbose, echo, headers, noResponders, protocol, name);
    }

    /// A log must not show what a client makes up as lines of its own.
    private static String onOneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
