package dev.torsion.sim;

import dev.torsion.bus.TopicPattern;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A subscription that writes down what it is given, in each life of its node.
///
/// @param node whose it is
/// @param number counts the watches of a node
/// @param group shares the events with the other watches of that group; null for each event
public record Watch(String node, int number, TopicPattern pattern, @Nullable String group) {
    public Watch {
        Checked.named("the node of a watch", node);
        Checked.between("the number of a watch", number, 1, Integer.MAX_VALUE);
        Objects.requireNonNull(pattern, "pattern");
    }

    /// Asked for often.
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Watch that
                        && number == that.number
                        && node.equals(that.node)
                        && pattern.equals(that.pattern)
                        && Objects.equals(group, that.group));
    }

    /// Asked for often.
    @Override
    public int hashCode() {
        return node.hashCode() * 31 + number;
    }

    @Override
    public String toString() {
        return "watch "
                + number
                + " ("
                + pattern
                + (group == null ? ")" : ", group " + group + ")");
    }
}
