package dev.torsion.gateways.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.bus.Event;
import dev.torsion.bus.Topic;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What the door says to a client, each in one array.
final class ServerMessages {
    static final Bytes OK = Bytes.utf8("+OK\r\n");
    static final Bytes PING = Bytes.utf8("PING\r\n");
    static final Bytes PONG = Bytes.utf8("PONG\r\n");

    /// The version of nats-server whose client protocol this is. Clients read it to decide what
    /// they may use, so it names a server they know, and none of its other services: INFO does not
    /// offer JetStream.
    static final String PROTOCOL_VERSION = "2.10.0";

    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] NO_RESPONDERS = "NATS/1.0 503\r\n\r\n".getBytes(UTF_8);
    private static final byte[] NO_BYTES = new byte[0];

    private ServerMessages() {}

    static Bytes info(
            NatsOptions options,
            int maxPayload,
            long clientId,
            Address host,
            Address client,
            boolean lameDuck) {
        StringWriter text = new StringWriter();
        text.write("INFO ");
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("server_id", options.serverId());
            json.writeStringProperty("server_name", options.serverName());
            json.writeStringProperty("version", PROTOCOL_VERSION);
            json.writeNumberProperty("proto", 1);
            writeHost(json, host);
            json.writeBooleanProperty("headers", true);
            json.writeNumberProperty("max_payload", maxPayload);
            json.writeNumberProperty("client_id", clientId);
            if (client instanceof Address.Inet inet) {
                json.writeStringProperty("client_ip", inet.host());
            }
            if (lameDuck) {
                json.writeBooleanProperty("ldm", true);
            }
            json.writeEndObject();
        }
        text.write("\r\n");
        return Bytes.utf8(text.toString());
    }

    /// Clients want both, and read neither as an address while they are told no others.
    private static void writeHost(JsonGenerator json, Address host) {
        switch (host) {
            case Address.Inet inet -> {
                json.writeStringProperty("host", inet.host());
                json.writeNumberProperty("port", inet.port());
            }
            case Address.Unix unix -> {
                json.writeStringProperty("host", unix.toString());
                json.writeNumberProperty("port", 0);
            }
        }
    }

    /// An event for a client that does not understand headers.
    static Bytes message(Event event, String sid) {
        String line =
                head("MSG ", event, sid).append(event.data().size()).append("\r\n").toString();
        return join(line, NO_BYTES, event.data());
    }

    static Bytes messageWithHeaders(Event event, String sid) {
        byte[] headers = CloudEventHeaders.block(event).getBytes(UTF_8);
        return withHeaders(event, sid, headers, event.data());
    }

    /// Nobody got the client's request.
    static Bytes noResponders(Event event, String sid) {
        return withHeaders(event, sid, NO_RESPONDERS, Bytes.empty());
    }

    private static Bytes withHeaders(Event event, String sid, byte[] headers, Bytes data) {
        String line =
                head("HMSG ", event, sid)
                        .append(headers.length)
                        .append(' ')
                        .append(headers.length + data.size())
                        .append("\r\n")
                        .toString();
        return join(line, headers, data);
    }

    private static StringBuilder head(String verb, Event event, String sid) {
        StringBuilder line = new StringBuilder(64).append(verb);
        line.append(event.topic().name()).append(' ').append(sid).append(' ');
        Topic replyTo = event.replyTo();
        if (replyTo != null) {
            line.append(replyTo.name()).append(' ');
        }
        return line;
    }

    private static Bytes join(String line, byte[] headers, Bytes data) {
        byte[] head = line.getBytes(UTF_8);
        int beforeData = head.length + headers.length;
        byte[] all = new byte[beforeData + data.size() + 2];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(headers, 0, all, head.length, headers.length);
        data.copyTo(0, all, beforeData, data.size());
        all[all.length - 2] = '\r';
        all[all.length - 1] = '\n';
        return Bytes.wrap(all);
    }
}
