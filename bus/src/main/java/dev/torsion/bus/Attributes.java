package dev.torsion.bus;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What CloudEvents 1.0 (§ Context Attributes) allows as attributes, and how much of it we carry.
final class Attributes {
    static final SortedMap<String, String> NONE = Collections.emptySortedMap();
    private static final List<String> REQUIRED =
            List.of("id", "source", "specversion", "time", "type");
    private static final int MAX_COUNT = 64;
    private static final int MAX_NAME = 64;
    private static final int MAX_VALUE = 4096;

    private Attributes() {}

    static SortedMap<String, String> checked(Map<String, String> attributes) {
        if (attributes.isEmpty()) {
            return NONE;
        }
        if (attributes.size() > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "an event has at most " + MAX_COUNT + " attributes, not " + attributes.size());
        }
        attributes.forEach((name, value) -> {
            checkName(name);
            checkValue(name, value);
        });
        return Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    static List<Header> checked(List<Header> headers) {
        if (headers.size() > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "an event has at most " + MAX_COUNT + " headers, not " + headers.size());
        }
        return List.copyOf(headers);
    }

    /// What an event has a field of its own for is not among its other attributes.
    static void checkOptional(Map<String, String> attributes) {
        if (attributes.isEmpty()) {
            return; // as of most events
        }
        for (String name : REQUIRED) {
            if (attributes.containsKey(name)) {
                throw new IllegalArgumentException(
                        "the attribute " + name + " is not optional, and stands elsewhere");
            }
        }
    }

    static void checkName(String name) {
        boolean fits = !name.isEmpty() && name.length() <= MAX_NAME;
        for (int i = 0; fits && i < name.length(); i++) {
            char c = name.charAt(i);
            fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        }
        if (!fits || name.equals("data")) {
            throw new IllegalArgumentException(
                    "an attribute name is 1 to 64 of a-z and 0-9 and not \"data\", which \""
                            + name
                            + "\" is not");
        }
    }

    static void checkValue(String name, String value) {
        if (value.isEmpty() || value.length() > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the attribute " + name + " is 1 to " + MAX_VALUE + " characters long");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= ' ' && c <= '~') {
                continue; // nearly all there is, and every event passes here
            }
            boolean pair =
                    i + 1 < value.length() && Character.isSurrogatePair(c, value.charAt(i + 1));
            if (Character.isISOControl(c) || (Character.isSurrogate(c) && !pair)) {
                throw new IllegalArgumentException(
                        "the attribute "
                                + name
                                + " has a control character, or half a character, at "
                                + (i + 1));
            }
            i += pair ? 1 : 0;
        }
    }
}
