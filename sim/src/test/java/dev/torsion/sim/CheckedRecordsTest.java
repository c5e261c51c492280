package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.testing.Cut;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What the records of this room refuse to hold.
final class CheckedRecordsTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration BEFORE = SECOND.negated();

    private static Arguments refused(String why, Runnable made) {
        return Arguments.of(why, made);
    }

    static Stream<Arguments> impossible() {
        String moment = "the moment of a fault is not negative, as PT-1S is";
        String lasting = "the time that a fault lasts is not negative, as PT-1S is";
        String place = "the place of a fault has a name";
        return Stream.of(
                refused(moment, () -> new Fault.Kill(BEFORE, SECOND, "a")),
                refused(lasting, () -> new Fault.Kill(NOW, BEFORE, "a")),
                refused(place, () -> new Fault.Kill(NOW, SECOND, "")),
                refused(lasting, () -> new Fault.PowerLoss(NOW, BEFORE, "a")),
                refused(lasting, () -> new Fault.Restart(NOW, BEFORE, "a")),
                refused(lasting, () -> new Fault.Pause(NOW, BEFORE, "a")),
                refused(lasting, () -> new Fault.Pause(NOW, SECOND, "a").shortenedTo(BEFORE)),
                refused(moment, () -> new Fault.ClockJump(BEFORE, "a", SECOND)),
                refused(moment, () -> new Fault.Reset(BEFORE, "a")),
                refused(place, () -> new Fault.HalfOpen(NOW, "")),
                refused(
                        "the bytes that are read: expected 1 or more, not 0",
                        () -> new Fault.SlowReader(NOW, SECOND, "a", 0, SECOND)),
                refused(
                        "the time between two reads is more than zero, not PT0S",
                        () -> new Fault.SlowReader(NOW, SECOND, "a", 1, Duration.ZERO)),
                refused(lasting, () -> new Fault.Partition(NOW, BEFORE, Set.of("a"), Cut.HOLD)),
                refused(place, () -> new Fault.Partition(NOW, SECOND, Set.of(""), Cut.HOLD)),
                refused(
                        "a partition has one place at least on its side",
                        () -> new Fault.Partition(NOW, SECOND, Set.of(), Cut.RESET)),
                refused(
                        "a way leads from one place to another, not from a to itself",
                        () -> new Fault.OneWay(NOW, SECOND, "a", "a")),
                refused(place, () -> new Fault.OneWay(NOW, SECOND, "a", "")),
                refused(
                        "the latency of a slow way is more than zero, not PT-1S",
                        () -> new Fault.Slow(NOW, SECOND, "a", "b", BEFORE)),
                refused(
                        "the bytes a second of a narrow way: expected 1 or more, not 0",
                        () -> new Fault.Narrow(NOW, SECOND, "a", "b", 0)),
                refused(
                        "the percentage that a lossy way loses: expected 0 to 99, not 100",
                        () -> new Fault.Lossy(NOW, SECOND, "a", "b", 100)),
                refused(
                        "the percentage that a lossy way loses: expected 0 to 99, not -1",
                        () -> new Fault.Lossy(NOW, SECOND, "a", "b", -1)),
                refused(
                        "the time between two faults is more than zero, not PT0S",
                        () -> Faults.swarm().withBetween(Duration.ZERO)),
                refused(
                        "the longest time that a fault lasts is more than zero, not PT-1S",
                        () -> Faults.swarm().withLongest(BEFORE)),
                refused(
                        "the seeds of a campaign: expected 1 or more, not 0",
                        () -> Campaign.of(1, 0)),
                refused(
                        "the runs to make a plan small: expected 0 or more, not -1",
                        () -> Campaign.of(1, 1).withShrinkingRuns(-1)),
                refused(
                        "the time to make a plan small is not negative, as PT-1S is",
                        () -> Campaign.of(1, 1).withShrinkingTime(BEFORE)),
                refused(
                        "the faults that were drawn: expected 0 or more, not -1",
                        () ->
                                new Failure(
                                        1,
                                        new Error(),
                                        -1,
                                        List.of(),
                                        "all",
                                        List.of(),
                                        List.of())),
                refused(
                        "the number of a watch: expected 1 or more, not 0",
                        () -> new Watch("a", 0, new TopicPattern(">"), null)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossible")
    void refuseWhatCannotBe(String why, Runnable made) {
        assertThatThrownBy(made::run)
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller does who is not checked for nulls
    void refuseWhatIsNotThere() {
        Stream<Arguments> absent =
                Stream.of(
                        refused("the moment of a fault", () -> new Fault.Reset(null, "a")),
                        refused("the place of a fault", () -> new Fault.Kill(NOW, SECOND, null)),
                        refused("by", () -> new Fault.ClockJump(NOW, "a", null)),
                        refused("how", () -> new Fault.Partition(NOW, NOW, Set.of("a"), null)),
                        refused("pattern", () -> new Watch("a", 1, null, null)));
        absent.map(Arguments::get)
                .forEach(each ->
                        assertThatThrownBy(((Runnable) each[1])::run)
                                .isExactlyInstanceOf(NullPointerException.class)
                                .hasMessage((String) each[0]));
    }
}
