package dev.torsion.sim;

import dev.torsion.bus.Event;
import java.util.List;
import java.util.Locale;

/// Where two runs of the same seed and faults part, which nothing but outside influence can bring
/// about.
final class Difference {
    private static final String WHY =
            "does not repeat: the scenario takes time, chance, threads or the order of a hash map"
                    + " from somewhere else";

    /// So much is shown of what an event carries.
    private static final int MOST_SHOWN = 200;

    private Difference() {}

    /// In lines: what is wrong, and where the time lines part; none if the runs are the same.
    static List<String> between(Run first, Run second) {
        if (first.fingerprint() == second.fingerprint()
                && first.failureKind().equals(second.failureKind())) {
            return List.of();
        }
        List<Happening> one = first.happenings();
        List<Happening> other = second.happenings();
        int row = 0;
        while (row < one.size() && row < other.size() && one.get(row).equals(other.get(row))) {
            row++;
        }
        return row < Math.max(one.size(), other.size())
                ? parted(one, other, row)
                : List.of(
                        WHY,
                        "its time line is the same in two runs, but not how they came to it:",
                        "  first:  " + first.fingerprint() + " " + first.failureKind(),
                        "  second: " + second.fingerprint() + " " + second.failureKind());
    }

    private static List<String> parted(List<Happening> one, List<Happening> other, int row) {
        String first = line(one, row);
        String second = line(other, row);
        if (first.equals(second)) {
            first += inside(one.get(row));
            second += inside(other.get(row));
        }
        Happening earlier = row < one.size() ? one.get(row) : other.get(row);
        return List.of(
                WHY,
                String.format(Locale.ROOT, "two runs of it part at %.6f s:", earlier.nanos() / 1e9),
                "  first:  " + first,
                "  second: " + second);
    }

    private static String line(List<Happening> all, int row) {
        return row < all.size() ? all.get(row).line().strip() : "nothing more";
    }

    /// What its line does not say.
    private static String inside(Happening happening) {
        return switch (happening) {
            case Happening.Published it -> inside(it.event());
            case Happening.Delivered it -> inside(it.event());
            case Happening.Answered it -> inside(it.answer());
            default -> ", " + happening;
        };
    }

    private static String inside(Event event) {
        String text = event.text().replaceAll("\\p{Cntrl}", "?");
        String shown =
                text.length() > MOST_SHOWN
                        ? text.substring(0, MOST_SHOWN) + "… of " + event.data().size() + " bytes"
                        : text;
        return ": \"" + shown + "\" " + event.attributes() + " " + event.headers();
    }
}
