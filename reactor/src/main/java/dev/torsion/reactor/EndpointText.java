package dev.torsion.reactor;

import static dev.torsion.reactor.EndpointFields.quoted;

import dev.torsion.reactor.EndpointFields.Field;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The text of an endpoint, `PREFIX:FIELD:KEY=VALUE`, field by field: the one grammar of servers,
/// clients and whatever is put around them.
///
/// Fields are divided by `:`. A field with a `=` in it is an option, which may stand anywhere and
/// once; the others are taken in their order, the prefix first, each prefix at most once. A
/// backslash comes before a `:`, `=` or `\` that is meant literally.
///
/// Whoever knows a prefix takes the fields that are his and leaves the others to what he is around;
/// [#end()] then refuses what nobody took, and says what could stand there.
///
/// ```java
/// var text = EndpointText.ofServer("tcp:4222:backlog=50");
/// text.prefix("an endpoint", List.of("tcp", "unix")); // "tcp"
/// text.nextNumber("a port", 0, 65_535);               // 4222
/// text.number("backlog", 1, 65_535, 1024);            // 50
/// text.end();
/// ```
///
/// Every method throws [IllegalArgumentException] for what is not as expected, in one line: what
/// was, what is there, at which column, and how to write it if that can be guessed. **Thread:** one
/// at a time.
public final class EndpointText {
    private final EndpointFields fields;
    private final EndpointCures cures;
    private final List<Field> left;
    private final Set<String> prefixes = new TreeSet<>(); // that were taken
    private final Set<String> known = new TreeSet<>(); // keys that were asked for
    private int endColumn = 1; // of what was taken

    private EndpointText(String text, Function<WrittenPlace, String> placed) {
        fields = new EndpointFields(text);
        cures = new EndpointCures(fields, placed);
        left = new ArrayList<>(fields.all());
    }

    /// Splits the text of a server's endpoint into its fields.
    ///
    /// @param text at most 4096 characters
    public static EndpointText ofServer(String text) {
        return new EndpointText(text, WrittenPlace::asServer);
    }

    /// Splits the text of a client's endpoint into its fields.
    ///
    /// @param text at most 4096 characters
    public static EndpointText ofClient(String text) {
        return new EndpointText(text, WrittenPlace::asClient);
    }

    // ---- fields in their order ----

    /// Takes the next field that is no option.
    ///
    /// @param expected what it is, for the error: `a port`
    public String next(String expected) {
        return takeNext(expected).value();
    }

    private Field takeNext(String expected) {
        Field field = nextField();
        if (field == null) {
            throw fields.wrong(expected, "the end", endColumn);
        }
        if (field.value().isEmpty()) {
            throw fields.wrong(expected, field);
        }
        return take(field);
    }

    /// Takes the next field that is no option, the path of a socket.
    Address.Unix nextPath() {
        String expected = "the path of a socket";
        Field named = fields.option("path");
        if (named != null && nextField() == null) {
            throw cures.noPath(expected, named);
        }
        Field path = takeNext(expected);
        return placed(path, () -> Address.unix(path.value()));
    }

    /// Takes the next two fields that are no options, a host and a port.
    Address.Inet nextAddress() {
        Field host = takeNext("a host");
        int port = nextNumber("a port", 1, 65_535);
        return placed(host, () -> Address.of(host.value(), port));
    }

    /// An address at the host that the option `key` gives, if it is there.
    Address.@Nullable Inet address(String key, int port) {
        Field host = takeOption(key);
        return host == null ? null : placed(host, () -> Address.of(host.value(), port));
    }

    /// What is wrong with what `field` makes is an error there.
    private <T> T placed(Field field, Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException wrong) {
            throw fields.error(String.valueOf(wrong.getMessage()), field.column(), null);
        }
    }

    /// Takes the next field that is no option, a prefix of those given, which was not taken before.
    ///
    /// @param expected what begins with it, for the error: `an endpoint such as tcp:4222`
    public String prefix(String expected, Collection<String> choices) {
        if (peek() == null) {
            cures.requirePlace(expected, left, "tcp:");
        }
        Field field = takeNext(expected);
        if (!choices.contains(field.value())) {
            throw cures.noPrefix(expected, field, choices);
        }
        if (!prefixes.add(field.value())) {
            throw fields.wrong(field.value() + ": once", "a second one", field.column());
        }
        return field.value();
    }

    /// Refuses a host and port that are next but written as others write them, `HOST:PORT` say, and
    /// says how to write them here.
    ///
    /// @param expected what is first, for the error
    void requirePlace(String expected) {
        cures.requirePlace(expected, left, "");
    }

    /// What [#next] would take; null if it would find none.
    public @Nullable String peek() {
        Field field = nextField();
        return field == null || field.value().isEmpty() ? null : field.value();
    }

    /// Takes the next field that is no option, a number in decimal digits.
    public int nextNumber(String expected, int least, int most) {
        String between = expected + " from " + least + " to " + most;
        Field field = takeNext(between);
        Integer number = digits(field.value(), 10, least, most);
        if (number == null) {
            throw fields.wrong(between, field);
        }
        return number;
    }

    private @Nullable Field nextField() {
        return left.stream().filter(it -> it.key() == null).findFirst().orElse(null);
    }

    // ---- options ----

    /// Takes the option `key`; null if it is not there.
    public @Nullable String option(String key) {
        Field field = takeOption(key);
        return field == null ? null : field.value();
    }

    /// Takes the option `key`, which must be there.
    ///
    /// @param expected what it is, for the error: `the file of a private key`
    public String required(String key, String expected) {
        String value = option(key);
        if (value == null) {
            String what = key + "= with " + expected;
            for (Field field : left) {
                if (field.key() != null && key.equals(Spelling.nearest(field.key(), Set.of(key)))) {
                    throw fields.wrong(what, field);
                }
            }
            throw fields.wrong(what, "the end", fields.text().length() + 1);
        }
        return value;
    }

    /// Takes the option `key`, a number in decimal digits.
    public int number(String key, int least, int most, int otherwise) {
        return number(key, 10, "a number from " + least + " to " + most, least, most, otherwise);
    }

    /// Takes the option `key`, permissions as `chmod` has them: `660`.
    public int mode(String key, int otherwise) {
        return number(key, 8, "permissions such as 660", 0, 0777, otherwise);
    }

    private int number(String key, int radix, String expected, int least, int most, int otherwise) {
        Field field = takeOption(key);
        if (field == null) {
            return otherwise;
        }
        Integer number = digits(field.value(), radix, least, most);
        if (number == null) {
            throw wrongOption(field, expected);
        }
        return number;
    }

    /// Takes the option `key`, `true` or `false`.
    public boolean flag(String key, boolean otherwise) {
        Field field = takeOption(key);
        if (field == null) {
            return otherwise;
        }
        return switch (field.value()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrongOption(field, "true or false");
        };
    }

    /// Takes the option `key`, a time in seconds with at most three decimals: `30` or `0.5`; more
    /// than zero.
    public Duration seconds(String key, Duration otherwise) {
        Field field = takeOption(key);
        return field == null ? otherwise : seconds(field, "");
    }

    /// Takes the option `key`, a time as [#seconds] does, or `off`; null for that.
    public @Nullable Duration secondsOrOff(String key, @Nullable Duration otherwise) {
        Field field = takeOption(key);
        if (field == null) {
            return otherwise;
        }
        return field.value().equals("off") ? null : seconds(field, ", or off");
    }

    private Duration seconds(Field field, String orElse) {
        if (!field.value().matches("[0-9]{1,6}(\\.[0-9]{1,3})?")) {
            throw wrongOption(field, "seconds such as 30 or 0.5" + orElse);
        }
        Duration time =
                Duration.ofMillis(new BigDecimal(field.value()).movePointRight(3).longValueExact());
        if (!time.isPositive()) {
            throw wrongOption(field, "more than no seconds" + orElse);
        }
        return time;
    }

    /// A time of whole milliseconds as [#seconds] reads it.
    static String inSeconds(Duration time) {
        int millis = time.toMillisPart();
        return time.toSeconds() + (millis == 0 ? "" : String.format(Locale.ROOT, ".%03d", millis));
    }

    /// Every field has been taken.
    public void end() {
        if (left.isEmpty()) {
            return;
        }
        Field field = left.getFirst();
        String meant = field.key() == null ? null : Spelling.nearest(field.key(), known);
        String expected =
                known.isEmpty() ? "the end" : "nothing more but " + String.join("=, ", known) + "=";
        throw fields.wrong(meant == null ? expected : meant + "=", field);
    }

    /// An error in the option `key`, or for want of it.
    ///
    /// @param why what is wrong, and what would be right
    public IllegalArgumentException wrong(String key, String why) {
        Field option = fields.option(key);
        int column = option == null ? fields.text().length() + 1 : option.column();
        return fields.error(why, column, null);
    }

    private IllegalArgumentException wrongOption(Field field, String expected) {
        return fields.wrong(
                field.key() + "= with " + expected, quoted(field.value()), field.column());
    }

    private @Nullable Field takeOption(String key) {
        known.add(key);
        Field field = fields.option(key);
        return field != null && left.contains(field) ? take(field) : null;
    }

    private Field take(Field field) {
        left.remove(field);
        endColumn = Math.max(endColumn, field.end() + 1);
        return field;
    }

    private static @Nullable Integer digits(String digits, int radix, int least, int most) {
        if (!digits.matches("[0-" + (radix - 1) + "]{1,9}")) {
            return null;
        }
        int number = Integer.parseInt(digits, radix);
        return number < least || number > most ? null : number;
    }

    /// What reads as `value`, in a text.
    public static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=");
    }
}
