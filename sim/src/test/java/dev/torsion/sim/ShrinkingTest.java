package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a developer is told of a bug: the fewest faults that show it, soon, and how to see it
/// again.
final class ShrinkingTest {

    @Test
    void leavesOfManyFaultsThoseThatShowAPlantedBug() throws ReflectiveOperationException {
        PlantedBug bug =
                PlantedBug.all().stream()
                        .filter(it -> it.name().equals("a lost link is not dialled again"))
                        .findFirst()
                        .orElseThrow();
        List<?> told =
                (List<?>)
                        PatchedProduct.with(bug.changes())
                                .loadClass(PlantedRun.class.getName())
                                .getMethod("shrunk", String.class)
                                .invoke(null, bug.scenario());

        int drawn = Integer.parseInt((String) told.get(2));
        int needed = Integer.parseInt((String) told.get(3));
        assertThat(drawn).isGreaterThan(10);
        assertThat(needed).isBetween(1, 2);
        assertThat((String) told.getFirst())
                .contains("seed ")
                .contains("faults needed, of " + drawn + " drawn:")
                .contains("what happened");
        assertThat(told.get(4)).isEqualTo("nodes that can reach each other are linked in time");
    }

    @Test
    void tellsTheSeedTheFaultsTheTimelineAndACommand() throws NoSuchMethodException {
        Failure failure = failure();
        AssertionError told = SimulationExtension.failed(failure, thisMethod());

        assertThat(told)
                .hasMessageContaining("seed " + failure.seed())
                .hasMessageContaining("n1 stands still")
                .hasMessageContaining("incarnation 1 starts")
                .hasMessageContaining("recorded in target")
                .hasMessageContaining(
                        "repeat with: mvn verify"
                                + " -Dtest=ShrinkingTest#tellsTheSeedTheFaultsTheTimelineAndACommand")
                .hasMessageContaining("-Dsim.seed=" + failure.seed())
                .hasMessageContaining("-Dsim.faults=" + failure.selection());
    }

    @Test
    void failsWhenNoSeedMeetsACondition() {
        Campaign.Outcome outcome =
                Campaign.of(1, 3)
                        .run(sim -> {
                            sim.sometimes("often", true);
                            sim.sometimes("a queue is full", false);
                        });

        assertThatThrownBy(() -> SimulationExtension.requireAllMet(outcome))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no seed of 3")
                .hasMessageContaining("[a queue is full]");
    }

    @Test
    void saysWhichParameterCannotBeRead() {
        assertThat(SimulationExtension.number("sim.seed", "-7", Long.MIN_VALUE)).isEqualTo(-7);
        for (String wrong : List.of("x", "0", "-1", "99999999999", "")) {
            assertThatThrownBy(() -> SimulationExtension.number("sim.seeds", wrong, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-Dsim.seeds: expected a whole number from 1 to ")
                    .hasMessageEndingWith("not \"" + wrong + "\"");
        }
    }

    @Test
    void showsAtOnceWhatItHasWhenThereIsNoPatience() {
        Failure failure =
                Objects.requireNonNull(
                        Campaign.of(1, 1)
                                .withShrinkingTime(Duration.ZERO)
                                .run(ShrinkingTest::mindsAPause)
                                .failure());
        assertThat(failure.faults()).hasSize(failure.drawn());
    }

    private static Failure failure() {
        return Objects.requireNonNull(Campaign.of(1, 1).run(ShrinkingTest::mindsAPause).failure());
    }

    private static void mindsAPause(Simulation sim) {
        sim.nodes(1, _ -> {});
        sim.faults(
                Faults.none()
                        .withKinds(Set.of(Faults.Kind.PAUSE))
                        .withBetween(Duration.ofSeconds(1)));
        sim.runFor(Duration.ofSeconds(20));
        boolean paused =
                sim.history().happenings().stream().anyMatch(Happening.Faulted.class::isInstance);
        sim.claim("nobody stands still", !paused, "somebody did");
    }

    private static Method thisMethod() throws NoSuchMethodException {
        return ShrinkingTest.class.getDeclaredMethod("tellsTheSeedTheFaultsTheTimelineAndACommand");
    }
}
