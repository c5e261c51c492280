package dev.torsion.bus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds the entries whose pattern matches a topic, in time that grows with the topic's tokens, not
/// with the entries.
///
/// A trie over tokens; `*` and `>` are branches of their own, so a match follows at most two
/// branches per token. The maps are only looked up, never walked: the order of what is found
/// follows the order in which it was added. Not thread-safe.
final class TopicIndex<T> {
    private final Node<T> root = new Node<>();

    /// Whether nothing is left of it, branches included.
    boolean isEmpty() {
        return root.isEmpty();
    }

    void add(TopicPattern pattern, T entry) {
        Node<T> node = root;
        for (String token : pattern.tokens()) {
            node = node.child(token);
        }
        node.add(entry);
    }

    /// Whether the entry was there. Branches that hold nothing any more go with it.
    boolean remove(TopicPattern pattern, T entry) {
        return remove(root, pattern.tokens(), 0, entry);
    }

    private boolean remove(Node<T> node, List<String> tokens, int depth, T entry) {
        if (depth == tokens.size()) {
            return !node.entries.isEmpty() && node.entries.remove(entry);
        }
        String token = tokens.get(depth);
        Node<T> child = node.find(token);
        if (child == null || !remove(child, tokens, depth + 1, entry)) {
            return false;
        }
        if (child.isEmpty()) {
            node.prune(token);
        }
        return true;
    }

    void match(Topic topic, Consumer<? super T> found) {
        match(root, topic.tokens(), 0, found);
    }

    private void match(Node<T> node, List<String> tokens, int depth, Consumer<? super T> found) {
        if (depth == tokens.size()) {
            node.entries.forEach(found);
            return;
        }
        if (node.rest != null) {
            node.rest.entries.forEach(found);
        }
        if (node.any != null) {
            match(node.any, tokens, depth + 1, found);
        }
        Node<T> next = node.named.get(tokens.get(depth));
        if (next != null) {
            match(next, tokens, depth + 1, found);
        }
    }

    private static final class Node<T> {
        // Most nodes lack one or the other, and there are as many nodes as patterns.
        Map<String, Node<T>> named = Map.of();
        List<T> entries = List.of();
        @Nullable Node<T> any; // *
        @Nullable Node<T> rest; // >

        void add(T entry) {
            if (entries.isEmpty()) {
                entries = new ArrayList<>(1);
            }
            entries.add(entry);
        }

        @Nullable Node<T> find(String token) {
            return switch (token) {
                case "*" -> any;
                case ">" -> rest;
                default -> named.get(token);
            };
        }

        Node<T> child(String token) {
            Node<T> child = find(token);
            if (child == null) {
                child = new Node<>();
                put(token, child);
            }
            return child;
        }

        void prune(String token) {
            put(token, null);
        }

        private void put(String token, @Nullable Node<T> child) {
            switch (token) {
                case "*" -> any = child;
                case ">" -> rest = child;
                default -> {
                    if (child == null) {
                        named.remove(token);
                    } else {
                        named = named.isEmpty() ? new HashMap<>(2) : named;
                        named.put(token, child);
                    }
                }
            }
        }

        boolean isEmpty() {
            return entries.isEmpty() && named.isEmpty() && any == null && rest == null;
        }
    }
}
