package dev.torsion.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.sim.Happening;
import dev.torsion.sim.RunRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TimeLineTest {
    private static final List<String> RUN =
            List.of(
                    "    0.000000 n1       start   incarnation 1 starts",
                    "    0.000000 n2       start   incarnation 1 starts",
                    "    1.000000 n2       publish shop publishes n2-1-1 on orders.new",
                    "    1.001000 n1       deliver watch 1 (orders.>) is given n2-1-1 on orders.new",
                    "    1.002000 n2       deliver watch 1 (orders.>) is given n2-1-1 on orders.new",
                    "    2.000000 n1       break   n1 stands still for 1.000 s",
                    "    2.500000 -        note    a note",
                    "    3.000000 n1       mend    over: n1 stands still for 1.000 s",
                    "    4.000000 n2       end     incarnation 1 ends",
                    "    5.000000 n1       miss    watch 1 (orders.>) missed 3, QUEUE_FULL");

    private static TimeLine timeLine(List<String> run, int width, boolean colours) {
        return new TimeLine(
                new RunRecord(
                        "OrdersTest.chaos",
                        17,
                        "2",
                        "in order: it is not",
                        "./torsion sim …",
                        List.of("2.000000 s: n1 stands still for 1.000 s"),
                        run),
                width,
                colours);
    }

    private static List<String> rows(List<String> lines) {
        return lines.subList(lines.indexOf("") + 1, lines.size());
    }

    @Test
    void drawsALaneForEachPlace() {
        assertThat(rows(timeLine(RUN, 100, false).lines()))
                .containsExactly(
                        "        time  n1 n2",
                        "    0.000000  ▲  ·   incarnation 1 starts",
                        "    0.000000  │  ▲   incarnation 1 starts",
                        "    1.000000  │  ●   shop publishes n2-1-1 on orders.new",
                        "    1.001000  ○  ○   watch 1 (orders.>) is given n2-1-1 on orders.new",
                        "    2.000000  ╳  │   n1 stands still for 1.000 s",
                        "    2.500000  ┆  │   a note",
                        "    3.000000  ┼  │   over: n1 stands still for 1.000 s",
                        "    4.000000  │  ▼   incarnation 1 ends",
                        "    5.000000  !      watch 1 (orders.>) missed 3, QUEUE_FULL");
    }

    @Test
    void saysFirstWhatFailedAndHowToRepeatIt() {
        assertThat(timeLine(RUN, 100, false).lines())
                .startsWith(
                        "scenario  OrdersTest.chaos",
                        "seed      17, faults 2",
                        "failure   in order: it is not",
                        "repeat    ./torsion sim …",
                        "fault     2.000000 s: n1 stands still for 1.000 s");
    }

    @Test
    void wrapsWhatIsLongAndKeepsTheLanes() {
        List<String> run = new ArrayList<>(RUN);
        run.add("    6.000000 n1       note    " + "a word and ".repeat(30));
        List<String> rows = rows(timeLine(run, 80, false).lines());

        assertThat(rows).allMatch(row -> row.length() <= 80);
        assertThat(rows).last().asString().startsWith("              │      ");
    }

    @Test
    void namesLanesByLettersWhereTheirNamesAreLong() {
        List<String> lines =
                timeLine(List.of("    0.000000 warehouse start   incarnation 1 starts"), 100, false)
                        .lines();

        assertThat(lines).contains("lane      A = warehouse", "        time  A");
    }

    @Test
    void saysSoWhenThereAreMorePlacesThanLanes() {
        List<String> run = new ArrayList<>();
        for (int i = 1; i <= 30; i++) {
            run.add("    0.000000 n%-7d start   incarnation 1 starts".formatted(i));
        }
        String more =
                "lanes     24 of 30 places have one; --place NAME chooses, the lines of the others"
                        + " stand without a mark";
        assertThat(timeLine(run.subList(0, 24), 100, false).lines())
                .noneMatch(line -> line.startsWith("lanes "));
        assertThat(timeLine(run, 100, false).lines()).contains(more, "lane      X = n24");

        TimeLine chosen = timeLine(run, 100, false);
        chosen.only(List.of("n30", "n1"), 0, 1);
        assertThat(chosen.lines())
                .contains(more.replace("24", "2"))
                .containsSubsequence(
                        "        time  n30 n1",
                        "    0.000000  ·   ▲    incarnation 1 starts",
                        "    0.000000  ▲   │    incarnation 1 starts");
        assertThatThrownBy(() -> chosen.only(List.of("n31"), 0, 1))
                .hasMessageContaining("nothing happens at \"n31\"")
                .hasMessageContaining("n30");
    }

    @Test
    void saysSoOfALineThatItCannotRead() {
        List<String> run = new ArrayList<>(RUN);
        run.add(3, "  1.0x n1 deliver garbled");
        TimeLine part = timeLine(run, 100, false);
        part.only(List.of("n2"), 3, 9);

        assertThat(part.lines())
                .contains(
                        "unread    1 lines that are not of a time line, such as \"  1.0x n1"
                                + " deliver garbled\"");
        assertThat(timeLine(RUN, 100, false).lines()).noneMatch(line -> line.startsWith("unread"));
    }

    @Test
    void readsANoteOfTwoLinesAsOne() {
        String line = new Happening.Noted(1_000_000_000, "n1", "one\ntwo").line();
        assertThat(line).isEqualTo("    1.000000 n1       note    one / two");
    }

    @Test
    void coloursForPeopleOnly() {
        assertThat(timeLine(RUN, 100, true).lines()).anyMatch(line -> line.contains("\033[31m"));
        assertThat(timeLine(RUN, 100, false).lines()).noneMatch(line -> line.contains("\033"));
    }

    @Test
    void showsAPartAndKnowsTheStateItBeginsIn() {
        TimeLine later = timeLine(RUN, 100, false);
        later.only(List.of("n1"), 4.5, 9);

        assertThat(rows(later.lines()))
                .containsExactly(
                        "        time  n1 n2",
                        "    5.000000  !      watch 1 (orders.>) missed 3, QUEUE_FULL");
        assertThatThrownBy(() -> timeLine(RUN, 100, false).only(List.of("n9"), 0, 1))
                .isInstanceOf(WrongUseException.class)
                .hasMessageContaining("n9");
    }
}
