package dev.torsion.bus;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where an event is published: dot-separated tokens, `orders.eu.placed`, as NATS has its subjects.
///
/// At most 512 characters and 64 tokens; a token is one or more characters, none of them white
/// space, a control character or a dot, and it is not `*` or `>` (those are for a [TopicPattern]).
public final class Topic implements Comparable<Topic> {
    static final int MAX_LENGTH = 512;
    static final int MAX_TOKENS = 64;

    private final String name;
    private @Nullable List<String> tokens;

    private Topic(String name) {
        this.name = name;
    }

    /// Checks and wraps a name.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    public static Topic of(String name) {
        Tokens.check("topic", name, false);
        return new Topic(name);
    }

    public String name() {
        return name;
    }

    /// The tokens, first to last.
    public List<String> tokens() {
        List<String> split = tokens;
        if (split == null) {
            split = Tokens.split(name);
            tokens = split; // a race stores an equal list twice
        }
        return split;
    }

    @Override
    public int compareTo(Topic other) {
        return name.compareTo(other.name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Topic that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
