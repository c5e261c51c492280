package dev.torsion.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the configuration says about one component or gateway. Every method throws
/// [SettingsException], which names file and line, if a value is missing or cannot be read. What
/// nobody has read is reported by [#unread()], so that a misspelt key is an error and not a
/// default. Not thread-safe.
public final class Settings {
    private final Map<String, Setting> values;
    private final String where;
    private final Set<String> read = new LinkedHashSet<>();

    /// Wraps what stands in the configuration.
    ///
    /// @param where the place of the whole, for messages about what is missing
    public Settings(Map<String, Setting> values, String where) {
        this.values = new LinkedHashMap<>(values);
        this.where = where;
    }

    /// No settings at all: everything has its default.
    public static Settings none() {
        return new Settings(Map.of(), "settings");
    }

    /// Settings from code or a test.
    public static Settings of(Map<String, String> values) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        values.forEach((key, value) -> settings.put(key, new Setting(value, "settings")));
        return new Settings(settings, "settings");
    }

    /// A text that has to be there.
    public String text(String key) {
        String value = text(key, null);
        if (value == null) {
            throw missing(key);
        }
        return value;
    }

    /// A text, or the default.
    public @Nullable String text(String key, @Nullable String otherwise) {
        Setting setting = take(key);
        return setting == null ? otherwise : setting.value();
    }

    /// A whole number within bounds, or the default.
    public long integer(String key, long otherwise, long least, long most) {
        return read(
                key,
                otherwise,
                "a whole number from " + least + " to " + most,
                text -> {
                    long value = Long.parseLong(text);
                    return value >= least && value <= most ? value : null;
                });
    }

    /// A finite number, or the default.
    public double decimal(String key, double otherwise) {
        return read(
                key,
                otherwise,
                "a number",
                text -> {
                    double value = Double.parseDouble(text);
                    return Double.isFinite(value) ? value : null;
                });
    }

    /// `true` or `false`, or the default.
    public boolean flag(String key, boolean otherwise) {
        return read(
                key,
                otherwise,
                "true or false",
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> null;
                        });
    }

    /// A length of time such as `250ms`, `2s`, `5m`, or the default.
    public Duration duration(String key, Duration otherwise) {
        return read(key, otherwise, "a duration such as 250ms, 2s or 5m", Durations::parse);
    }

    /// A pattern of topics, or the default.
    public TopicPattern pattern(String key, TopicPattern otherwise) {
        return read(
                key, otherwise, "a topic pattern such as orders.* or orders.>", TopicPattern::new);
    }

    /// A pattern of topics, or null where none is given.
    public @Nullable TopicPattern pattern(String key) {
        return this.<@Nullable TopicPattern>read(
                key, null, "a topic pattern such as orders.* or orders.>", TopicPattern::new);
    }

    /// A topic that has to be there.
    public Topic topic(String key) {
        Topic topic = this.<@Nullable Topic>read(key, null, "a topic such as orders.eu", Topic::of);
        if (topic == null) {
            throw missing(key);
        }
        return topic;
    }

    /// What stands in the configuration and was not asked for.
    public List<SettingsException> unread() {
        List<SettingsException> unknown = new ArrayList<>();
        values.forEach((key, setting) -> {
            if (!read.contains(key)) {
                unknown.add(
                        new SettingsException(
                                setting.where(),
                                "unknown setting \""
                                        + key
                                        + "\"; expected "
                                        + (read.isEmpty()
                                                ? "no settings"
                                                : "one of " + String.join(", ", read))));
            }
        });
        return unknown;
    }

    private SettingsException missing(String key) {
        return new SettingsException(where, "the setting \"" + key + "\" is missing");
    }

    private @Nullable Setting take(String key) {
        read.add(key);
        return values.get(key);
    }

    private <T extends @Nullable Object> T read(
            String key, T otherwise, String expected, Function<String, @Nullable T> parser) {
        Setting setting = take(key);
        if (setting == null) {
            return otherwise;
        }
        T value;
        try {
            value = parser.apply(setting.value());
        } catch (IllegalArgumentException e) {
            value = null;
        }
        if (value == null) {
            throw new SettingsException(
                    setting.where(),
                    key + ": expected " + expected + ", not \"" + setting.value() + "\"");
        }
        return value;
    }
}
