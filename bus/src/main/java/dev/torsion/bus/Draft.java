package dev.torsion.bus;

import dev.torsion.reactor.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An event to be: what its publisher says about it. [EventBus#publish] adds the rest (id, source,
/// type, time, cause) unless `attributes` has it already.
///
/// ```java
/// bus.publish(Draft.to("readings.sensor-7").withText("21.5").withAttribute("subject", "hall"));
/// ```
///
/// @param attributes CloudEvents attributes by name: `type`, `subject`, `datacontenttype`,
///   extensions
public record Draft(
        Topic topic,
        Bytes data,
        @Nullable Topic replyTo,
        Map<String, String> attributes,
        List<Header> headers) {

    public Draft {
        data = data.owned();
        attributes = Attributes.checked(attributes);
        headers = Attributes.checked(headers);
    }

    /// An event on `topic`, with no data yet.
    ///
    /// @throws IllegalArgumentException if that is not a topic
    public static Draft to(String topic) {
        return to(Topic.of(topic));
    }

    /// An event on `topic`, with no data yet.
    public static Draft to(Topic topic) {
        return new Draft(topic, Bytes.empty(), null, Map.of(), List.of());
    }

    /// Whether an event may have that attribute. For names and values that come from outside.
    public static boolean allowsAttribute(String name, String value) {
        try {
            Attributes.checkName(name);
            Attributes.checkValue(name, value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// The answer to a request.
    ///
    /// @throws IllegalArgumentException if `request` asks for no answer
    public static Draft answering(Event request) {
        Topic replyTo = request.replyTo();
        if (replyTo == null) {
            throw new IllegalArgumentException(
                    "event " + request.id() + " on " + request.topic() + " asks for no answer");
        }
        return to(replyTo);
    }

    /// With these bytes as data.
    public Draft withData(Bytes newData) {
        return new Draft(topic, newData, replyTo, attributes, headers);
    }

    /// With this text, in UTF-8, as data.
    public Draft withText(String text) {
        return withData(Bytes.utf8(text));
    }

    /// With the topic on which an answer is awaited.
    public Draft withReplyTo(Topic newReplyTo) {
        return new Draft(topic, data, newReplyTo, attributes, headers);
    }

    /// With one more attribute, or another value of it.
    public Draft withAttribute(String name, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(name, value);
        return new Draft(topic, data, replyTo, more, headers);
    }

    /// With one more header.
    public Draft withHeader(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Draft(topic, data, replyTo, attributes, more);
    }
}
