package dev.torsion.sim.cli;

import dev.torsion.sim.RunRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The record of a run as text for people: on the left a lane for each node and program, on the
/// right what happens.
///
/// ```
///      time  n1 n2 n3
///  0.000000  ▲  ·  ·   n1 incarnation 1 starts
///  4.231007  │  ●  │   n2 client of n2 publishes n2-1-7 on orders.n2
///  4.232110  ○  │  ○   watch 1 (orders.>) is given n2-1-7 on orders.n2
///  9.100000  │  ▼  │   n2 incarnation 1 ends
/// ```
final class TimeLine {
    private static final Pattern LINE =
            Pattern.compile(" *([0-9]+\\.[0-9]+) +(\\S+) +([a-z]+) +(.*)");
    private static final int MOST_LANES = 24;
    private static final int LONGEST_LABEL = 4;
    private static final double SAME_MOMENT = 0.005;
    private static final int TIME_WIDTH = 12;
    private static final int LEAST_TEXT = 24;

    /// What [dev.torsion.sim.Fault.Pause] says of itself.
    private static final String STANDS_STILL = "stands still";

    private static final String RESET = "\033[0m";
    private static final String BOLD = "\033[1m";
    private static final String RED = "\033[31m";
    private static final String GREEN = "\033[32m";
    private static final String YELLOW = "\033[33m";
    private static final String DIM = "\033[2m";

    private final RunRecord record;
    private final int width;
    private final boolean colours;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> lanes = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();
    private final Set<String> seen = new LinkedHashSet<>(); // all places, in their order
    private Set<String> places = Set.of();
    private double since;
    private double until = Double.MAX_VALUE;

    private enum State {
        NOT_YET("·"),
        UP("│"),
        STILL("┆"),
        DOWN(" ");

        private final String sign;

        State(String sign) {
            this.sign = sign;
        }
    }

    /// One moment, at one place or, for what is the same at several, at all of them.
    private record Row(double time, Set<String> places, String kind, String text) {}

    /// @param width of the lines, in columns
    TimeLine(RunRecord record, int width, boolean colours) {
        this.record = record;
        this.width = width;
        this.colours = colours;
        for (String line : record.timeline()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                add(matcher);
                if (!matcher.group(2).equals("-")) {
                    seen.add(matcher.group(2));
                }
            } else {
                unread.add(line);
                rows.add(new Row(rows.isEmpty() ? 0 : rows.getLast().time, Set.of(), "note", line));
            }
        }
        drawFirst(seen);
    }

    /// Lanes for these places, as many as there is room for.
    private void drawFirst(Collection<String> wanted) {
        lanes.clear();
        wanted.stream().limit(MOST_LANES).forEach(lanes::add);
    }

    private void add(Matcher line) {
        double time = Double.parseDouble(line.group(1));
        String place = line.group(2);
        String kind = line.group(3);
        String text = line.group(4);
        Row last = rows.isEmpty() ? null : rows.getLast();
        if (last != null
                && kind.equals("deliver")
                && last.kind.equals(kind)
                && last.text.equals(text)
                && !last.places.contains(place)
                && time - last.time < SAME_MOMENT) {
            Set<String> all = new LinkedHashSet<>(last.places);
            all.add(place);
            rows.set(rows.size() - 1, new Row(last.time, all, kind, text));
        } else {
            rows.add(new Row(time, place.equals("-") ? Set.of() : Set.of(place), kind, text));
        }
    }

    /// Shows no more than this; the places that are named have the lanes if there are more places
    /// than lanes.
    ///
    /// @param names of the places, empty for all
    /// @throws WrongUseException if nothing happens at one of them
    void only(List<String> names, double newSince, double newUntil) {
        for (String name : names) {
            if (!seen.contains(name)) {
                throw new WrongUseException(
                        "--place: nothing happens at \"" + name + "\"; expected one of " + seen);
            }
        }
        if (!names.isEmpty() && seen.size() > MOST_LANES) {
            drawFirst(new LinkedHashSet<>(names));
        }
        places = new LinkedHashSet<>(names);
        since = newSince;
        until = newUntil;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("scenario  " + record.scenario());
        lines.add("seed      " + record.seed() + ", faults " + record.selection());
        lines.add(paint(record.failed() ? RED + BOLD : GREEN, "failure   " + record.failure()));
        lines.add("repeat    " + record.repeat());
        record.faults().forEach(fault -> lines.add("fault     " + fault));
        Map<String, String> labels = labels();
        labels.forEach((place, label) -> {
            if (!place.equals(label)) {
                lines.add("lane      " + label + " = " + place);
            }
        });
        if (lanes.size() < seen.size()) {
            lines.add(
                    "lanes     %d of %d places have one; --place NAME chooses, the lines of the others stand without a mark"
                            .formatted(lanes.size(), seen.size()));
        }
        if (!unread.isEmpty()) {
            lines.add(
                    paint(
                            YELLOW,
                            "unread    %d lines that are not of a time line, such as \"%s\""
                                    .formatted(unread.size(), unread.getFirst())));
        }
        lines.add("");
        StringBuilder head = new StringBuilder(String.format("%" + TIME_WIDTH + "s  ", "time"));
        labels.values().forEach(label -> head.append(pad(label)));
        lines.add(head.toString().stripTrailing());
        addRows(lines);
        return lines;
    }

    private Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String lane : lanes) {
            labels.put(
                    lane,
                    lane.length() <= labelWidth()
                            ? lane
                            : String.valueOf((char) ('A' + labels.size())));
        }
        return labels;
    }

    /// Many lanes are narrow, so that they and the text find room.
    private int labelWidth() {
        return lanes.size() > 10 ? 1 : LONGEST_LABEL;
    }

    private int laneWidth() {
        int longest = labels().values().stream().mapToInt(String::length).max().orElse(1);
        return longest + 1;
    }

    private String pad(String text) {
        return text + " ".repeat(Math.max(0, laneWidth() - text.length()));
    }

    private void addRows(List<String> lines) {
        Map<String, State> states = new LinkedHashMap<>();
        lanes.forEach(lane -> states.put(lane, State.NOT_YET));
        int textAt = TIME_WIDTH + 2 + lanes.size() * laneWidth() + 1;
        for (Row row : rows) {
            begins(row, states);
            if (isWanted(row)) {
                add(row, states, textAt, lines);
            }
            ended(row, states);
        }
    }

    private void add(Row row, Map<String, State> states, int textAt, List<String> lines) {
        String left = String.format(Locale.ROOT, "%" + TIME_WIDTH + ".6f  ", row.time);
        boolean first = true;
        for (String text : wrap(row.text, Math.max(LEAST_TEXT, width - textAt))) {
            lines.add(
                    (left + lanes(row, states, first) + " " + paint(colour(row.kind), text))
                            .stripTrailing());
            left = " ".repeat(TIME_WIDTH + 2);
            first = false;
        }
    }

    private boolean isWanted(Row row) {
        boolean somewhere =
                places.isEmpty()
                        || row.places.isEmpty()
                        || row.places.stream().anyMatch(places::contains);
        return somewhere && row.time >= since && row.time <= until;
    }

    /// What a row means for the lanes in it.
    private static void begins(Row row, Map<String, State> states) {
        boolean goesOn = row.kind.equals("mend") && row.text.contains(STANDS_STILL);
        if (row.kind.equals("start") || goesOn) {
            row.places.forEach(place -> states.replace(place, State.UP));
        }
    }

    /// What a row means for the lanes below it.
    private static void ended(Row row, Map<String, State> states) {
        if (row.kind.equals("end")) {
            row.places.forEach(place -> states.replace(place, State.DOWN));
        } else if (row.kind.equals("break") && row.text.contains(STANDS_STILL)) {
            row.places.forEach(place -> states.replace(place, State.STILL));
        }
    }

    private String lanes(Row row, Map<String, State> states, boolean marked) {
        StringBuilder text = new StringBuilder();
        for (String lane : lanes) {
            State state = states.getOrDefault(lane, State.NOT_YET);
            if (marked && row.places.contains(lane)) {
                text.append(paint(colour(row.kind), mark(row.kind)));
            } else {
                text.append(paint(DIM, state.sign));
            }
            text.append(" ".repeat(laneWidth() - 1));
        }
        return text.toString();
    }

    private static String mark(String kind) {
        return switch (kind) {
            case "start" -> "▲";
            case "end" -> "▼";
            case "publish" -> "●";
            case "deliver" -> "○";
            case "miss" -> "!";
            case "ask" -> "?";
            case "answer" -> "✓";
            case "refuse" -> "✗";
            case "break" -> "╳";
            case "mend" -> "┼";
            default -> "•";
        };
    }

    private static String colour(String kind) {
        return switch (kind) {
            case "break", "end" -> RED;
            case "miss", "refuse" -> YELLOW;
            case "mend", "start", "settle" -> GREEN;
            case "note" -> BOLD;
            default -> "";
        };
    }

    private String paint(String colour, String text) {
        return colours && !colour.isEmpty() && !text.isBlank() ? colour + text + RESET : text;
    }

    private static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        String left = text;
        while (left.length() > columns) {
            int space = left.lastIndexOf(' ', columns);
            int cut = space > columns / 2 ? space : columns;
            lines.add(left.substring(0, cut));
            left = "  " + left.substring(cut).stripLeading();
        }
        lines.add(left);
        return lines;
    }
}
