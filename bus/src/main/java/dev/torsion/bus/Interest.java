package dev.torsion.bus;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// What the subscriptions of a node want: a pattern, for everyone or for a group.
public record Interest(TopicPattern pattern, @Nullable String group)
        implements Comparable<Interest> {
    private static final Comparator<Interest> ORDER =
            Comparator.comparing(Interest::pattern)
                    .thenComparing(
                            Interest::group, Comparator.nullsFirst(Comparator.naturalOrder()));

    @Override
    public int compareTo(Interest other) {
        return ORDER.compare(this, other);
    }
}
