package dev.torsion.cluster;

import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import dev.torsion.bus.Topic;
import dev.torsion.reactor.Bytes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An event as bytes.
///
/// | field | form |
/// | --- | --- |
/// | format | 1 byte: 1 |
/// | flags | 1 byte: 1 if there is a reply topic |
/// | id, source, type, topic | text: 2 bytes of length, UTF-8 |
/// | time | 8 bytes of seconds since 1970, 4 bytes of nanoseconds |
/// | reply topic | text, if the flag says so |
/// | attributes | 1 byte of count, then a text for each name and value |
/// | headers | the same |
/// | data | 4 bytes of length, then the bytes: the end |
final class EventCodec {
    private static final int FORMAT = 1;
    private static final int HAS_REPLY_TO = 1;

    /// A character takes three bytes of UTF-8 at most (one outside the first plane counts twice).
    private static final int UTF8 = 3;

    private static final int MAX_VALUE = 4096 * UTF8;
    private static final int MAX_TOPIC = 512 * UTF8;
    private static final int MAX_ATTRIBUTE_NAME = 64;
    private static final int MAX_HEADER_NAME = 256;
    private static final int MAX_COUNT = 64;

    private EventCodec() {}

    /// Writes all of `event` but the data itself, which comes next.
    static void writeHead(Event event, FrameWriter out) {
        Topic replyTo = event.replyTo();
        out.u8(FORMAT).u8(replyTo == null ? 0 : HAS_REPLY_TO);
        out.text(event.id()).text(event.source()).text(event.type()).text(event.topic().name());
        Instant time = event.time();
        out.i64(time.getEpochSecond()).u32(time.getNano());
        if (replyTo != null) {
            out.text(replyTo.name());
        }
        out.u8(event.attributes().size());
        event.attributes().forEach((name, value) -> out.text(name).text(value));
        out.u8(event.headers().size());
        for (Header header : event.headers()) {
            out.text(header.name()).text(header.value());
        }
        out.u32(event.data().size());
    }

    /// Reads an event: all that is left of the frame.
    ///
    /// @param last what came before it from the same node
    /// @throws MalformedFrameException saying what is wrong
    static Event read(FrameReader in, LastEvent last) {
        int format = in.u8("format");
        if (format != FORMAT) {
            throw new MalformedFrameException("an event in format " + format);
        }
        int flags = in.u8("flags");
        if ((flags & ~HAS_REPLY_TO) != 0) {
            throw new MalformedFrameException("flags that mean nothing: " + flags);
        }
        try {
            Event event = readFields(in, last, (flags & HAS_REPLY_TO) != 0);
            in.end();
            return event;
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Event readFields(FrameReader in, LastEvent last, boolean hasReplyTo) {
        String id = in.text("id", MAX_VALUE);
        String source = last.source(in, MAX_VALUE);
        String type = last.type(in, MAX_VALUE);
        Topic topic = last.topic(in, MAX_TOPIC);
        Instant time = readTime(in);
        @Nullable Topic replyTo = hasReplyTo ? Topic.of(in.text("reply topic", MAX_TOPIC)) : null;
        SortedMap<String, String> attributes = readAttributes(in);
        List<Header> headers = readHeaders(in);
        Bytes data = in.bytes("data", in.i32("data"));
        return new Event(id, source, type, time, topic, data, replyTo, attributes, headers);
    }

    private static Instant readTime(FrameReader in) {
        long seconds = in.i64("time");
        int nanos = in.i32("time");
        if (nanos < 0 || nanos > 999_999_999) {
            throw new MalformedFrameException("a time with " + nanos + " nanoseconds");
        }
        return Instant.ofEpochSecond(seconds, nanos);
    }

    private static SortedMap<String, String> readAttributes(FrameReader in) {
        int count = count(in, "attributes");
        if (count == 0) {
            return Collections.emptySortedMap(); // as of most events
        }
        SortedMap<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            String name = in.text("attribute name", MAX_ATTRIBUTE_NAME);
            if (attributes.put(name, in.text("attribute", MAX_VALUE)) != null) {
                throw new MalformedFrameException("the attribute " + name + " twice");
            }
        }
        return attributes;
    }

    private static List<Header> readHeaders(FrameReader in) {
        int count = count(in, "headers");
        if (count == 0) {
            return List.of(); // as of most events
        }
        List<Header> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String name = in.text("header name", MAX_HEADER_NAME);
            headers.add(new Header(name, in.text("header", MAX_VALUE)));
        }
        return headers;
    }

    private static int count(FrameReader in, String what) {
        int count = in.u8(what);
        if (count > MAX_COUNT) {
            throw new MalformedFrameException(count + " " + what + ", more than " + MAX_COUNT);
        }
        return count;
    }
}
