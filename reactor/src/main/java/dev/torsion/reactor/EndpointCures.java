package dev.torsion.reactor;

import dev.torsion.reactor.EndpointFields.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the writer of an endpoint that is wrong probably meant: the errors that say what to write
/// instead.
///
/// @param placed how a place is written on this side: as a server's fields, or a client's
record EndpointCures(EndpointFields fields, Function<WrittenPlace, String> placed) {
    private static final String LAYERS =
            "tls: and haproxy: are layers: read them with Endpoints.standard() of torsion-protocols";

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

    /// An error for `found`, which stands where one of the prefixes `choices` should.
    IllegalArgumentException noPrefix(String expected, Field found, Collection<String> choices) {
        return wrong(expected, found, found.value(), prefix(found, choices));
    }

    private @Nullable String prefix(Field found, Collection<String> choices) {
        String word = found.value();
        String name = NAMES.getOrDefault(word, word);
        String elsewhere = choices.contains(name) ? null : ELSEWHERE.get(name);
        if (!name.equals(word)) {
            int behind = Math.min(found.end() + 1, fields.text().length());
            WrittenPlace place = WrittenPlace.at(fields.text(), behind);
            String right =
                    place == null
                            ? word + ": is " + name + ": here"
                            : writePlace(found, name + ":", place);
            return elsewhere == null ? right : right + "; " + elsewhere;
        }
        String meant = Spelling.nearest(word.toLowerCase(Locale.ROOT), choices);
        if (elsewhere != null || meant != null) {
            return elsewhere != null ? elsewhere : "is " + meant + ": meant?";
        }
        WrittenPlace place = WrittenPlace.at(fields.text(), found.column() - 1);
        return place == null ? null : writePlace(found, "tcp:", place) + ofNamesake(found, place);
    }

    /// What to write if the prefix before `found` is no prefix but a host of that name.
    private String ofNamesake(Field found, WrittenPlace place) {
        int before = fields.all().indexOf(found) - 1;
        if (before < 0) {
            return "";
        }
        Field name = fields.all().get(before);
        String meant = placed.apply(place.withHost(name.value()));
        return meant.equals(name.raw() + ":" + place.written())
                ? "; for a host called %s %s"
                        .formatted(name.value(), write(name, place.end(), "tcp:" + meant, null))
                : "";
    }

    /// Refuses a host and port that are next but written otherwise than as `prefix` and the fields
    /// of TCP, and says how to write them.
    ///
    /// @param left the fields that nobody has taken
    void requirePlace(String expected, List<Field> left, String prefix) {
        Field first = first(left);
        if (first == null) {
            return;
        }
        WrittenPlace place = WrittenPlace.at(fields.text(), first.column() - 1);
        if (place != null && !place.written().equals(prefix + placed.apply(place))) {
            throw wrong(expected, first, place.written(), writePlace(first, prefix, place));
        }
    }

    /// The next field that is no option, or one that is written as an option and is none.
    private static @Nullable Field first(List<Field> left) {
        Field first = null;
        for (Field field : left) {
            if (field.key() == null) {
                return field;
            }
            if (first == null && PLACE_KEYS.contains(field.key())) {
                first = field;
            }
        }
        return first;
    }

    /// An error for `named`, an option that should be a path alone.
    IllegalArgumentException noPath(String expected, Field named) {
        String cure = write(named, named.end(), EndpointText.escaped(named.value()), null);
        return wrong(expected, named, named.plain(), cure);
    }

    /// Says how to write `place`, which is there from `first` on, or behind it.
    private String writePlace(Field first, String prefix, WrittenPlace place) {
        Field host = place.host() == null ? fields.option("host") : null; // apart from its port
        WrittenPlace whole = host == null ? place : place.withHost(host.value());
        return write(first, place.end(), prefix + placed.apply(whole), host);
    }

    /// Says to write the text with `right` for what stands from `first` to the index `end`, and
    /// without `moved`.
    private String write(Field first, int end, String right, @Nullable Field moved) {
        List<String> raw = new ArrayList<>();
        for (Field field : fields.all()) {
            boolean replaced = field.column() >= first.column() && field.column() <= end;
            if (field.equals(first)) {
                raw.add(right);
            } else if (!replaced && !field.equals(moved)) {
                raw.add(field.raw());
            }
        }
        return "write " + String.join(":", raw);
    }

    private IllegalArgumentException wrong(
            String expected, Field first, String found, @Nullable String cure) {
        return fields.error(
                "expected %s, not \"%s\"".formatted(expected, found), first.column(), cure);
    }
}
