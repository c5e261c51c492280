package dev.torsion.cluster;

import dev.torsion.bus.Topic;
import org.jspecify.annotations.Nullable;

/// What came last over a link. The next event mostly is from the same source, of the same type and
/// on the same topic, and then shares them instead of having its own. Loop only.
final class LastEvent {
    private String source = "";
    private String type = "";
    private @Nullable Topic topic;

    String source(FrameReader in, int maxBytes) {
        source = in.text("source", maxBytes, source);
        return source;
    }

    String type(FrameReader in, int maxBytes) {
        type = in.text("type", maxBytes, type);
        return type;
    }

    /// @throws IllegalArgumentException if it is not a topic
    Topic topic(FrameReader in, int maxBytes) {
        Topic known = topic;
        String name = in.text("topic", maxBytes, known == null ? "" : known.name());
        if (known == null || !known.name().equals(name)) {
            known = Topic.of(name);
            topic = known;
        }
        return known;
    }
}
