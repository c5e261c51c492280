package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// An event in the JSON format of CloudEvents 1.0, on one line. The attributes are those that the
/// node sends as headers (CloudEvents' NATS binding, binary mode); the extension `topic` says where
/// it was published.
///
/// Data is a JSON value if the event says it is JSON, else a string if it is text in UTF-8, else
/// `data_base64` (§ 3.1 of the format).
final class EventJson {
    private static final String PREFIX = "ce-";
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private EventJson() {}

    static String of(Message message) {
        Map<String, String> attributes = attributes(message.getHeaders());
        ObjectNode event = MAPPER.createObjectNode();
        event.put("specversion", "1.0");
        for (String name : new String[] {"id", "source", "type", "time"}) {
            String value = attributes.remove(name);
            if (value != null) {
                event.put(name, value);
            }
        }
        event.put("topic", message.getSubject());
        attributes.forEach(event::put);
        addData(event, message.getData(), attributes.get("datacontenttype"));
        return MAPPER.writeValueAsString(event);
    }

    private static Map<String, String> attributes(@Nullable Headers headers) {
        Map<String, String> attributes = new TreeMap<>();
        if (headers != null) {
            for (String header : headers.keySet()) {
                String value = headers.getFirst(header);
                String name = header.toLowerCase(Locale.ROOT);
                if (name.startsWith(PREFIX) && value != null) {
                    attributes.put(name.substring(PREFIX.length()), decoded(value));
                }
            }
        }
        attributes.remove("specversion");
        return attributes;
    }

    /// Undoes the binding's percent-encoding.
    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException _) {
            return value;
        }
    }

    private static void addData(ObjectNode event, byte[] data, @Nullable String contentType) {
        if (data.length == 0) {
            return;
        }
        JsonNode json = isJson(contentType) ? parse(data) : null;
        String text = json == null ? EventText.utf8(data) : null;
        if (json != null) {
            event.set("data", json);
        } else if (text != null && !isJson(contentType)) {
            event.put("data", text);
        } else {
            event.put("data_base64", Base64.getEncoder().encodeToString(data));
        }
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.endsWith("/json") || type.endsWith("+json");
    }

    private static @Nullable JsonNode parse(byte[] data) {
        try {
            return MAPPER.readTree(data);
        } catch (JacksonException _) {
            return null;
        }
    }
}
