package dev.torsion.gateways.nats;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import dev.torsion.bus.Topic;
import dev.torsion.reactor.Bytes;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How a NATS message becomes an event and an event a NATS message: CloudEvents' NATS binding,
/// binary content mode. The attribute `type` is the header `ce-type`, and so on,
/// `ce-datacontenttype` and `ce-specversion` included; every other header is one of the event's
/// own.
///
/// A `ce-` header that cannot be an attribute (a malformed value, a name that CloudEvents does not
/// allow, a second one of that name) is not lost: it stays a plain header, and goes out as it came,
/// after the attributes. Structured content mode is carried through as any other payload.
final class CloudEventHeaders {
    private static final String PREFIX = "ce-";
    private static final String SPEC_VERSION = "specversion";
    private static final String SUPPORTED_VERSION = "1.0";

    private CloudEventHeaders() {}

    /// The event of a message.
    ///
    /// @param source the event's source unless a header says otherwise
    /// @throws IllegalArgumentException if there are more headers than an event may have
    static Draft draft(
            Topic topic,
            @Nullable Topic replyTo,
            String source,
            List<Header> headers,
            Bytes payload) {
        Map<String, String> attributes = new TreeMap<>();
        List<Header> plain = new ArrayList<>();
        for (Header header : headers) {
            if (!takeAttribute(header, attributes)) {
                plain.add(header);
            }
        }
        attributes.remove(SPEC_VERSION);
        attributes.putIfAbsent("source", source);
        return new Draft(topic, payload, replyTo, attributes, plain);
    }

    private static boolean takeAttribute(Header header, Map<String, String> attributes) {
        if (!header.name().startsWith(PREFIX)) {
            return false;
        }
        String name = header.name().substring(PREFIX.length());
        try {
            String value = PercentCode.decode(header.value());
            return isValid(name, value) && attributes.putIfAbsent(name, value) == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isValid(String name, String value) {
        return Draft.allowsAttribute(name, value)
                && switch (name) {
                    case SPEC_VERSION -> value.equals(SUPPORTED_VERSION);
                    case "time" -> isTime(value);
                    default -> true;
                };
    }

    private static boolean isTime(String value) {
        try {
            OffsetDateTime.parse(value);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /// The whole header block of a message with this event.
    static String block(Event event) {
        StringBuilder block = new StringBuilder(256).append(HeaderBlock.VERSION).append("\r\n");
        append(block, SPEC_VERSION, SUPPORTED_VERSION);
        append(block, "id", event.id());
        append(block, "source", event.source());
        append(block, "type", event.type());
        append(block, "time", event.time().toString());
        event.attributes().forEach((name, value) -> append(block, name, value));
        event.headers().forEach(header -> HeaderBlock.append(block, header.name(), header.value()));
        return block.append("\r\n").toString();
    }

    private static void append(StringBuilder block, String attribute, String value) {
        HeaderBlock.append(block, PREFIX + attribute, PercentCode.encode(value));
    }
}
