package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void tellsTheSeedTheFaultsTheTimelineAndACommand() {
        Failure failure = failure();
        AssertionError told =
                SimulationExtension.failed(
                        failure,
                        ShrinkingTest.class,
                        "tellsTheSeedTheFaultsTheTimelineAndACommand");

        assertThat(told)
                .hasMessageContaining("seed " + failure.seed())
                .hasMessageContaining("n1 stands still")
                .hasMessageContaining("incarnation 1 starts")
                .hasMessageContaining("recorded in target")
                .hasMessageContaining(
                        "repeat with: mvn verify"
                                + " -Dtest=dev.torsion.sim.ShrinkingTest#tellsTheSeedTheFaultsTheTimelineAndACommand")
                .hasMessageEndingWith(
                        "\nor, with any runner: -Dsim.seed="
                                + failure.seed()
                                + " -Dsim.faults="
                                + failure.selection());
    }

    private static final class Nested {}

    @Test
    void namesANestedClassAsAShellAndMavenTakeIt() {
        assertThat(SimulationExtension.failed(failure(), Nested.class, "passes"))
                .hasMessageContaining(
                        "mvn verify -Dtest='dev.torsion.sim.ShrinkingTest$Nested#passes' -D");
    }

    @Test
    void saysThatNoFaultIsNeeded() {
        Scenario fails =
                sim -> {
                    sim.node("n1", _ -> {});
                    sim.faults(Faults.swarm().withBetween(Duration.ofSeconds(1)));
                    sim.runFor(Duration.ofSeconds(20));
                    throw new IllegalStateException("always");
                };
        Failure failure = Objects.requireNonNull(Campaign.of(1, 1).run(fails).failure());
        assertThat(failure.drawn()).isGreaterThan(1);
        assertThat(failure.describe())
                .contains(
                        "\nfails with none of the "
                                + failure.drawn()
                                + " faults that were drawn\n");

        Scenario calm =
                sim -> {
                    throw new IllegalStateException("always");
                };
        assertThat(Objects.requireNonNull(Campaign.of(1, 1).run(calm).failure()).describe())
                .contains("\nno faults were drawn\n");
    }

    @Test
    void refusesAFaultThatTheSeedDoesNotDraw() {
        Scenario passes =
                sim -> {
                    sim.node("n1", _ -> {});
                    sim.faults(Faults.swarm().withBetween(Duration.ofSeconds(1)));
                    sim.runFor(Duration.ofSeconds(20));
                };
        assertThatThrownBy(() -> Campaign.of(1, 1).withFaults("0,999").run(passes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "seed 1 draws [0-9]+ faults, 0 to [0-9]+, there is no number 999");
        assertThatThrownBy(() -> Campaign.of(7, 1).withFaults("0").run(_ -> {}))
                .hasMessage("seed 7 draws 0 faults, there is no number 0");
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
}
