package dev.torsion.bus;

import java.util.List;

/// Which topics are wanted: a topic in which `*` stands for exactly one token and a final `>` for
/// one or more.
///
/// `orders.*.placed` matches `orders.eu.placed`; `orders.>` matches that and `orders.eu`, not
/// `orders`.
///
/// @param text the pattern; the bounds are those of a [Topic]
public record TopicPattern(String text) implements Comparable<TopicPattern> {

    /// Checks the text.
    ///
    /// @throws IllegalArgumentException saying what is wrong with the text
    public TopicPattern {
        Tokens.check("pattern", text, true);
    }

    /// The tokens, first to last, wildcards included.
    public List<String> tokens() {
        return Tokens.split(text);
    }

    /// Whether it names exactly one topic.
    public boolean isLiteral() {
        for (String token : tokens()) {
            if (token.equals("*") || token.equals(">")) {
                return false;
            }
        }
        return true;
    }

    /// Whether an event on `topic` is wanted.
    public boolean matches(Topic topic) {
        List<String> wanted = tokens();
        List<String> found = topic.tokens();
        for (int i = 0; i < wanted.size(); i++) {
            String token = wanted.get(i);
            if (token.equals(">")) {
                return found.size() > i;
            }
            boolean fits = i < found.size() && (token.equals("*") || token.equals(found.get(i)));
            if (!fits) {
                return false;
            }
        }
        return wanted.size() == found.size();
    }

    @Override
    public int compareTo(TopicPattern other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
