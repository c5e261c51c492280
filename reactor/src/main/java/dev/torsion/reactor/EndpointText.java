package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
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
    private static final int LONGEST = 4096;
    private static final String LAYERS =
            "tls: and haproxy: are layers, which are read with the protocols, not by the reactor";

    /// What is no endpoint here, and where to find it.
    private static final Map<String, String> ELSEWHERE =
            Map.of(
                    "tls", LAYERS,
                    "haproxy", LAYERS,
                    "udp", "UDP is opened by Reactor.listenUdp and Reactor.connectUdp");

    /// What others call what has a name here.
    private static final Map<String, String> NAMES =
            Map.of("ssl", "tls", "https", "tls", "http", "tcp");

    private static final Set<String> PLACE_KEYS = Set.of("host", "port");

    private final String text;
    private final Function<WrittenPlace, String> placed; // as the fields of this side
    private final List<Field> fields = new ArrayList<>();
    private final Map<String, Field> options = new TreeMap<>(); // all of them, by key
    private final Set<String> prefixes = new TreeSet<>(); // that were taken
    private final Set<String> known = new TreeSet<>(); // keys that were asked for
    private int lastEnd;

    /// @param column where it begins, from 1
    /// @param end the index of what follows it
    /// @param key null if it is no option
    private record Field(int column, int end, @Nullable String key, String value) {
        private String written() {
            return key == null ? value : key + "=" + value;
        }
    }

    private EndpointText(String text, Function<WrittenPlace, String> placed) {
        this.text = text;
        this.placed = placed;
    }

    /// Splits the text of a server's endpoint into its fields.
    ///
    /// @param text at most 4096 characters
    public static EndpointText ofServer(String text) {
        return of(text, WrittenPlace::asServer);
    }

    /// Splits the text of a client's endpoint into its fields.
    ///
    /// @param text at most 4096 characters
    public static EndpointText ofClient(String text) {
        return of(text, WrittenPlace::asClient);
    }

    private static EndpointText of(String text, Function<WrittenPlace, String> placed) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an endpoint's text has at most "
                            + LONGEST
                            + " characters, not "
                            + text.length());
        }
        EndpointText split = new EndpointText(text, placed);
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw split.wrong("no NUL character", "one", nul + 1);
        }
        split.split();
        return split;
    }

    private void split() {
        StringBuilder value = new StringBuilder();
        String key = null;
        int column = 1;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || text.charAt(at) == ':') {
                add(new Field(column, at, key, value.toString()));
                value.setLength(0);
                key = null;
                column = at + 2;
            } else if (text.charAt(at) == '=' && key == null) {
                key = value.toString();
                value.setLength(0);
            } else if (text.charAt(at) == '\\') {
                at++;
                if (at == text.length()) {
                    throw wrong("a \":\", \"=\" or \"\\\" after the backslash", "the end", at);
                }
                value.append(text.charAt(at));
            } else {
                value.append(text.charAt(at));
            }
        }
    }

    private void add(Field field) {
        if (field.key != null) {
            if (options.putIfAbsent(field.key, field) != null) {
                throw wrong(field.key + "= once", "a second one", field.column);
            }
            if (field.value.isEmpty()) {
                throw wrong(
                        "a value after " + field.key + "=, with \"\\:\" for a colon in it",
                        "nothing",
                        field.column);
            }
        }
        fields.add(field);
    }

    // ---- fields in their order ----

    /// Takes the next field that is no option.
    ///
    /// @param expected what it is, for the error: `a port`
    public String next(String expected) {
        Field field = nextField();
        if (field == null) {
            throw wrong(expected, "the end", Math.max(lastEnd, 1));
        }
        if (field.value.isEmpty()) {
            throw wrong(expected, "nothing", field.column);
        }
        take(field);
        return field.value;
    }

    /// Takes the next field that is no option, the path of a socket.
    String nextPath() {
        String expected = "the path of a socket";
        Field named = options.get("path");
        if (named == null || nextField() != null) {
            return next(expected);
        }
        String before = text.substring(0, named.column - 1);
        String right = before + escaped(named.value) + text.substring(named.end);
        throw wrong(expected, quoted(named.written()), named.column, "write " + shown(right));
    }

    /// Takes the next field that is no option, a prefix of those given, which was not taken before.
    ///
    /// @param expected what begins with it, for the error: `an endpoint such as tcp:4222`
    public String prefix(String expected, Collection<String> choices) {
        Field field = nextField();
        if (field == null || !choices.contains(field.value)) {
            throw noPrefix(expected, choices);
        }
        take(field);
        if (!prefixes.add(field.value)) {
            throw wrong(field.value + ": once", "a second one", field.column);
        }
        return field.value;
    }

    private IllegalArgumentException noPrefix(String expected, Collection<String> choices) {
        String word = peek();
        int begin = restBegin();
        WrittenPlace place = WrittenPlace.at(text.substring(begin));
        if (word == null && place == null) {
            next(expected); // says so
        }
        String found = word == null ? requireNonNull(place).written() : word;
        return wrong(expected, quoted(found), begin + 1, cure(found, begin, place, choices));
    }

    /// What to write for `word`, which begins what is left and no endpoint.
    ///
    /// @param place that begins there; null if none does
    private @Nullable String cure(
            String word, int begin, @Nullable WrittenPlace place, Collection<String> choices) {
        String name = NAMES.getOrDefault(word, word);
        String elsewhere = choices.contains(name) ? null : ELSEWHERE.get(name);
        if (!name.equals(word)) {
            int behind = Math.min(begin + word.length() + 1, text.length());
            WrittenPlace named = WrittenPlace.at(text.substring(behind));
            String right =
                    named == null
                            ? word + ": is " + name + ": here"
                            : write(begin, name + ":", named);
            return elsewhere == null ? right : right + "; " + elsewhere;
        }
        String meant = Spelling.nearest(word.toLowerCase(Locale.ROOT), choices);
        if (elsewhere != null || meant != null) {
            return elsewhere != null ? elsewhere : "is " + meant + ": meant?";
        }
        return place == null ? null : write(begin, "tcp:", place);
    }

    /// @param prefix what is to stand before the place, and does not yet
    private String write(int begin, String prefix, WrittenPlace place) {
        String before = text.substring(0, begin);
        WrittenPlace whole = place;
        Field host = options.get("host");
        if (host != null && place.host() == null) { // it stands apart from its port
            before = without(host, 0, begin);
            int more = text.length() - place.more().length();
            whole = place.of(host.value, without(host, more, text.length()));
        }
        return "write " + shown(before + prefix + placed.apply(whole));
    }

    /// That part of the text, without `option` if it is there.
    private String without(Field option, int from, int to) {
        int begin = Math.max(option.column - 2, 0); // with the colon before it
        int end = begin == 0 ? option.end + 1 : option.end;
        return begin < from || end > to
                ? text.substring(from, to)
                : text.substring(from, begin) + text.substring(end, to);
    }

    /// The fields of TCP are next, if what is there can be told from a place that is written
    /// otherwise.
    ///
    /// @param expected what is first, for the error
    void requirePlace(String expected) {
        int begin = restBegin();
        WrittenPlace place = WrittenPlace.at(text.substring(begin));
        if (place != null && !text.substring(begin).equals(placed.apply(place))) {
            throw wrong(expected, quoted(place.written()), begin + 1, write(begin, "", place));
        }
    }

    /// Where what is left begins: the next field that is no option, or one that is written as an
    /// option and is none.
    private int restBegin() {
        Field field = nextField();
        for (Field named : fields) {
            if (field == null && named.key != null && PLACE_KEYS.contains(named.key)) {
                field = named;
            }
        }
        return field == null ? text.length() : field.column - 1;
    }

    /// What [#next] would take; null if it would find none.
    public @Nullable String peek() {
        Field field = nextField();
        return field == null || field.value.isEmpty() ? null : field.value;
    }

    /// Takes the next field that is no option, a number in decimal digits.
    public int nextNumber(String expected, int least, int most) {
        String between = expected + " from " + least + " to " + most;
        Field field = nextField();
        String digits = next(between);
        Integer number = digits(digits, 10, least, most);
        if (number == null || field == null) {
            throw wrong(between, quoted(digits), field == null ? 1 : field.column);
        }
        return number;
    }

    private @Nullable Field nextField() {
        for (Field field : fields) {
            if (field.key == null) {
                return field;
            }
        }
        return null;
    }

    // ---- options ----

    /// Takes the option `key`; null if it is not there.
    public @Nullable String option(String key) {
        Field field = find(key);
        if (field == null) {
            return null;
        }
        take(field);
        return field.value;
    }

    /// Takes the option `key`, which must be there.
    ///
    /// @param expected what it is, for the error: `the file of a private key`
    public String required(String key, String expected) {
        String value = option(key);
        if (value == null) {
            String what = key + "= with " + expected;
            for (Field field : fields) {
                if (field.key != null && key.equals(Spelling.nearest(field.key, Set.of(key)))) {
                    throw wrong(what, quoted(field.written()), field.column);
                }
            }
            throw wrong(what, "the end", text.length() + 1);
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
        Field field = find(key);
        if (field == null) {
            return otherwise;
        }
        Integer number = digits(field.value, radix, least, most);
        if (number == null) {
            throw wrongOption(field, expected);
        }
        take(field);
        return number;
    }

    /// Takes the option `key`, `true` or `false`.
    public boolean flag(String key, boolean otherwise) {
        Field field = find(key);
        if (field == null) {
            return otherwise;
        }
        if (!field.value.equals("true") && !field.value.equals("false")) {
            throw wrongOption(field, "true or false");
        }
        take(field);
        return field.value.equals("true");
    }

    /// Takes the option `key`, a time in seconds with at most three decimals: `30` or `0.5`; more
    /// than zero.
    public Duration seconds(String key, Duration otherwise) {
        Field field = find(key);
        if (field == null) {
            return otherwise;
        }
        if (!field.value.matches("[0-9]{1,6}(\\.[0-9]{1,3})?")) {
            throw wrongOption(field, "seconds such as 30 or 0.5");
        }
        Duration time =
                Duration.ofMillis(new BigDecimal(field.value).movePointRight(3).longValueExact());
        if (!time.isPositive()) {
            throw wrongOption(field, "more than no seconds");
        }
        take(field);
        return time;
    }

    /// Every field has been taken.
    public void end() {
        if (fields.isEmpty()) {
            return;
        }
        Field left = fields.getFirst();
        String found = left.value.isEmpty() ? "nothing" : quoted(left.written());
        String meant = left.key == null ? null : Spelling.nearest(left.key, known);
        String expected =
                known.isEmpty() ? "the end" : "nothing more but " + String.join("=, ", known) + "=";
        throw wrong(meant == null ? expected : meant + "=", found, left.column);
    }

    /// An error in the option `key`, or for want of it.
    ///
    /// @param why what is wrong, and what would be right
    public IllegalArgumentException wrong(String key, String why) {
        Field option = options.get(key);
        int column = option == null ? text.length() + 1 : option.column;
        return new IllegalArgumentException(
                "%s (column %d of %s)".formatted(shown(why), column, quoted(text)));
    }

    private @Nullable Field find(String key) {
        known.add(key);
        for (Field field : fields) {
            if (key.equals(field.key)) {
                return field;
            }
        }
        return null;
    }

    private void take(Field field) {
        fields.remove(field);
        lastEnd = Math.max(lastEnd, field.column + field.written().length());
    }

    private static @Nullable Integer digits(String digits, int radix, int least, int most) {
        if (!digits.matches("[0-9]{1,9}")) {
            return null;
        }
        try {
            int number = Integer.parseInt(digits, radix);
            return number < least || number > most ? null : number;
        } catch (NumberFormatException noOctal) {
            return null;
        }
    }

    private IllegalArgumentException wrongOption(Field field, String expected) {
        return wrong(field.key + "= with " + expected, quoted(field.value), field.column);
    }

    private IllegalArgumentException wrong(String expected, String found, int column) {
        return wrong(expected, found, column, null);
    }

    private IllegalArgumentException wrong(
            String expected, String found, int column, @Nullable String cure) {
        return new IllegalArgumentException(
                "expected %s, not %s (column %d of %s)%s"
                        .formatted(
                                expected,
                                found,
                                column,
                                quoted(text),
                                cure == null ? "" : ": " + cure));
    }

    private static String quoted(String what) {
        return "\"" + shown(what) + "\"";
    }

    /// In one line, whatever is in it.
    private static String shown(String what) {
        StringBuilder line = new StringBuilder();
        what.chars()
                .mapToObj(
                        it -> Character.isISOControl(it) ? "\\u%04x".formatted(it) : "" + (char) it)
                .forEach(line::append);
        return line.toString();
    }

    /// What reads as `value`, in a text.
    public static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(":", "\\:").replace("=", "\\=");
    }
}
