package dev.torsion.bus;

import dev.torsion.reactor.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Something that happened: a CloudEvents 1.0 event on a [Topic]. Immutable; made by
/// [EventBus#publish] from a [Draft].
///
/// @param id unique within `source`
/// @param source what it happened to, a URI reference: `/edge/sensors` for a component, `/edge` for
///   a node
/// @param type what kind of thing happened
/// @param time when
/// @param topic where it was published
/// @param data what is known about it; owned bytes, at most the bus's limit (1 MiB by default)
/// @param replyTo where an answer is awaited, if one is
/// @param attributes the optional CloudEvents attributes (`subject`, `datacontenttype`,
///   `dataschema`) and the extensions, by name, sorted; names are lower-case ASCII letters and
///   digits
/// @param headers transport metadata carried along
public record Event(
        String id,
        String source,
        String type,
        Instant time,
        Topic topic,
        Bytes data,
        @Nullable Topic replyTo,
        SortedMap<String, String> attributes,
        List<Header> headers)
        implements Incoming {

    /// The extension that names the event which caused this one (CloudEvents' *Correlation*
    /// extension).
    public static final String CAUSE = "causationid";

    /// The type of an event published without one.
    public static final String DEFAULT_TYPE = "dev.torsion.event";

    public Event {
        attributes = Attributes.checked(attributes);
        headers = Attributes.checked(headers);
        Attributes.checkOptional(attributes);
        Attributes.checkValue("id", id);
        Attributes.checkValue("source", source);
        Attributes.checkValue("type", type);
        data = data.owned();
    }

    /// The id of the event that caused this one, or null.
    public @Nullable String cause() {
        return attributes.get(CAUSE);
    }

    /// The data read as UTF-8.
    public String text() {
        return data.utf8();
    }
}
