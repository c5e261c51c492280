package dev.torsion.node;

import dev.torsion.bus.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// One mapping of a YAML file. What is wrong with it is added to the problems, and reads as absent.
final class Section {
    private final String file;
    private final String where;
    private final List<String> problems;
    private final Map<String, NodeTuple> values = new LinkedHashMap<>();

    /// A mapping with any keys.
    Section(String file, String what, Node node, List<String> problems) {
        this(file, where(file, node), what, node, problems);
    }

    private Section(String file, String where, String what, Node node, List<String> problems) {
        this.file = file;
        this.where = where;
        this.problems = problems;
        switch (node) {
            case MappingNode mapping -> mapping.getValue().forEach(this::add);
            case ScalarNode scalar when scalar.getValue().isEmpty() -> {}
            default ->
                    problems.add(
                            where + ": expected " + what + ": keys with values, not " + kind(node));
        }
    }

    /// An empty mapping.
    Section(String file, List<String> problems) {
        this.file = file;
        this.where = file;
        this.problems = problems;
    }

    private void add(NodeTuple tuple) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
            problem(tuple.getKeyNode(), "expected a key, not " + kind(tuple.getKeyNode()));
        } else if (values.putIfAbsent(key.getValue(), tuple) != null) {
            problem(key, "the key \"" + key.getValue() + "\" stands here a second time");
        }
    }

    /// Says which keys there may be.
    void expecting(String... keys) {
        List<String> known = List.of(keys);
        values.forEach((key, tuple) -> {
            if (!known.contains(key)) {
                problem(
                        tuple.getKeyNode(),
                        "unknown key \"" + key + "\"; expected one of " + String.join(", ", known));
            }
        });
    }

    /// Where the section begins: `torsion.yaml:3`.
    String where() {
        return where;
    }

    /// Where `key` stands, or else the section begins: a value may begin on a line of its own.
    String where(String key) {
        NodeTuple tuple = values.get(key);
        return tuple == null ? where : where(file, tuple.getKeyNode());
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /// A single value.
    @Nullable Setting value(String key) {
        NodeTuple tuple = values.get(key);
        return tuple == null ? null : scalar(key, tuple.getKeyNode(), tuple.getValueNode());
    }

    /// The same, which has to be there.
    @Nullable Setting required(String key, String what) {
        if (!has(key)) {
            problems.add(where + ": " + what + " needs the key \"" + key + "\"");
        }
        return value(key);
    }

    /// A list of single values.
    List<Setting> list(String key) {
        List<Setting> texts = new ArrayList<>();
        for (Node item : items(key)) {
            Setting text = scalar(key, item, item);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /// A list of mappings.
    List<Section> sections(String key, String what) {
        return items(key).stream().map(item -> new Section(file, what, item, problems)).toList();
    }

    private List<Node> items(String key) {
        NodeTuple tuple = values.get(key);
        if (tuple == null) {
            return List.of();
        }
        return switch (tuple.getValueNode()) {
            case SequenceNode sequence -> sequence.getValue();
            case ScalarNode scalar when scalar.getValue().isEmpty() -> List.of();
            default -> {
                problem(
                        tuple.getKeyNode(),
                        key + ": expected a list, not " + kind(tuple.getValueNode()));
                yield List.of();
            }
        };
    }

    /// A mapping of single values.
    Map<String, Setting> settings(String key) {
        NodeTuple tuple = values.get(key);
        if (tuple == null) {
            return Map.of();
        }
        Section section = new Section(file, where(key), key, tuple.getValueNode(), problems);
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (String name : section.values.keySet()) {
            Setting value = section.value(name);
            if (value != null) {
                settings.put(name, value);
            }
        }
        return settings;
    }

    /// @param place on whose line it is, if it is none
    private @Nullable Setting scalar(String key, Node place, Node node) {
        if (node instanceof ScalarNode scalar) {
            return new Setting(scalar.getValue(), where(file, node));
        }
        problem(place, key + ": expected a single value, not " + kind(node));
        return null;
    }

    private void problem(Node node, String text) {
        problems.add(where(file, node) + ": " + text);
    }

    private static String where(String file, Node node) {
        return node.getStartMark().map(mark -> file + ":" + (mark.getLine() + 1)).orElse(file);
    }

    private static String kind(Node node) {
        return switch (node) {
            case ScalarNode scalar -> "\"" + scalar.getValue() + "\"";
            case SequenceNode _ -> "a list";
            default -> "keys with values";
        };
    }
}
