package dev.torsion.sim;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which of the faults that a seed draws are to happen, and for how long: the way a fault plan is
/// made small, and written on a command line: `2,5=1500` is the third fault as drawn, and the sixth
/// for 1500 ms.
///
/// @param chosen by number, counted from 0, how long each lasts; zero for as long as drawn. Null
///   for all faults as drawn
record FaultSelection(@Nullable Map<Integer, Duration> chosen) {
    private static final String ALL = "all";
    private static final String NONE = "none";

    FaultSelection {
        chosen = chosen == null ? null : new TreeMap<>(chosen);
    }

    static FaultSelection all() {
        return new FaultSelection(null);
    }

    /// The first so many faults, as drawn.
    static FaultSelection first(int count) {
        Map<Integer, Duration> chosen = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            chosen.put(i, Duration.ZERO);
        }
        return new FaultSelection(chosen);
    }

    /// Reads what [#toString] wrote.
    ///
    /// @throws IllegalArgumentException if it is something else
    static FaultSelection parse(String text) {
        Map<Integer, Duration> chosen = new LinkedHashMap<>();
        if (text.equals(ALL)) {
            return all();
        }
        if (text.equals(NONE)) {
            return new FaultSelection(chosen);
        }
        for (String part : List.of(text.split(",", -1))) {
            if (!part.matches("[0-9]{1,6}(=[0-9]{1,9})?")) {
                throw new IllegalArgumentException(
                        "expected numbers of faults, such as 2,5=1500, or none, not \""
                                + text
                                + "\"");
            }
            int equals = part.indexOf('=');
            String number = equals < 0 ? part : part.substring(0, equals);
            long millis = equals < 0 ? 0 : Long.parseLong(part.substring(equals + 1));
            chosen.put(Integer.valueOf(number), Duration.ofMillis(millis));
        }
        return new FaultSelection(chosen);
    }

    /// Refuses numbers that no fault of the plan has.
    ///
    /// @throws IllegalArgumentException if it names one
    void requireDrawn(long seed, int drawn) {
        if (chosen == null) {
            return;
        }
        for (int number : chosen.keySet()) {
            if (number >= drawn) {
                throw new IllegalArgumentException(
                        "seed %d draws %d faults%s, there is no number %d"
                                .formatted(
                                        seed,
                                        drawn,
                                        drawn == 0 ? "" : ", 0 to " + (drawn - 1),
                                        number));
            }
        }
    }

    /// What becomes of a fault that was drawn; null if it does not happen.
    @Nullable Fault choose(int number, Fault drawn) {
        if (chosen == null) {
            return drawn;
        }
        Duration lasting = chosen.get(number);
        if (lasting == null) {
            return null;
        }
        return lasting.isZero() ? drawn : drawn.shortenedTo(lasting);
    }

    /// What becomes of a plan.
    List<Fault> of(List<Fault> drawn) {
        Map<Integer, Fault> left = new TreeMap<>();
        for (int i = 0; i < drawn.size(); i++) {
            Fault fault = choose(i, drawn.get(i));
            if (fault != null) {
                left.put(i, fault);
            }
        }
        return List.copyOf(left.values());
    }

    @Override
    public String toString() {
        if (chosen == null) {
            return ALL;
        }
        if (chosen.isEmpty()) {
            return NONE;
        }
        return chosen.entrySet().stream()
                .map(it ->
                        it.getValue().isZero()
                                ? it.getKey().toString()
                                : it.getKey() + "=" + it.getValue().toMillis())
                .collect(Collectors.joining(","));
    }
}
