package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CampaignTest {

    /// Fails when n2 is killed, whatever else happens.
    private static void mindsTheDeathOfTheSecondNode(Simulation sim) {
        sim.nodes(3, node -> node.watch(">", SubscribeOptions.defaults()));
        sim.faults(Faults.swarm().withBetween(Duration.ofSeconds(1)));
        sim.runFor(Duration.ofSeconds(40));
        for (Happening happening : sim.history().happenings()) {
            boolean killed =
                    happening instanceof Happening.Faulted it
                            && it.fault() instanceof Fault.Kill kill
                            && kill.place().equals("n2");
            sim.claim("n2 lives", !killed, "it was killed");
        }
    }

    private static final Campaign PATIENT =
            Campaign.of(1, 20).withShrinkingTime(Duration.ofHours(1));

    private static Failure failure(Campaign campaign) {
        return Objects.requireNonNull(
                campaign.run(CampaignTest::mindsTheDeathOfTheSecondNode).failure());
    }

    @Test
    void leavesOutTheFaultsThatAreNotNeeded() {
        Failure failure = failure(PATIENT);

        assertThat(failure.drawn()).isGreaterThan(5);
        assertThat(failure.faults())
                .singleElement()
                .isInstanceOfSatisfying(
                        Fault.Kill.class,
                        kill -> {
                            assertThat(kill.place()).isEqualTo("n2");
                            assertThat(kill.lasting()).isLessThan(Duration.ofMillis(20));
                        });
    }

    @Test
    void repeatsAFailureFromItsSeedAndSelection() {
        Failure failure = failure(PATIENT);
        Failure again =
                failure(
                        Campaign.of(failure.seed(), 1)
                                .withFaults(failure.selection())
                                .withShrinkingRuns(0));

        assertThat(again.timeline()).isEqualTo(failure.timeline());
        assertThat(again.describe()).isEqualTo(failure.describe()).contains("n2 lives");
    }

    @Test
    void writesARecordThatCanBeRead() {
        List<String> lines = failure(PATIENT).toRecord("CampaignTest.scenario", "mvn …");
        RunRecord record = RunRecord.parse(lines);

        assertThat(record.lines()).isEqualTo(lines);
        assertThat(record.scenario()).isEqualTo("CampaignTest.scenario");
        assertThat(record.timeline()).last().asString().contains("n2");
    }

    @Test
    void countsTheSeedsThatMeetACondition() {
        Campaign.Outcome outcome =
                Campaign.of(1, 4)
                        .run(sim -> {
                            sim.sometimes("even", sim.seed() % 2 == 0);
                            sim.sometimes("never", false);
                        });

        assertThat(outcome.sometimes()).containsEntry("even", 2).containsEntry("never", 0);
        assertThat(outcome.failure()).isNull();
    }

    private static final AtomicInteger EVER = new AtomicInteger();

    @Test
    void saysThatAFailureDoesNotRepeatAndWhereTwoRunsOfItPart() {
        Failure failure =
                Objects.requireNonNull(
                        Campaign.of(7, 1)
                                .run(sim -> {
                                    sim.runFor(Duration.ofMillis(1500));
                                    sim.note("run " + (EVER.incrementAndGet() % 2 == 0));
                                    sim.claim("all is well", false, "it is not");
                                })
                                .failure());

        assertThat(failure.repeats()).isFalse();
        assertThat(failure.describe().lines().limit(5))
                .startsWith(
                        "does not repeat: the scenario takes time, chance, threads or the order of"
                                + " a hash map from somewhere else",
                        "two runs of it part at 1.500000 s:")
                .anySatisfy(line -> assertThat(line).startsWith("  first:  1.5").contains("note"))
                .anySatisfy(line -> assertThat(line).startsWith("  second: 1.5").contains("note"))
                .anySatisfy(line -> assertThat(line).startsWith("seed 7: "));
        assertThat(SimulationExtension.failed(failure, CampaignTest.class, "failsTheSameEachTime"))
                .hasMessageStartingWith("does not repeat")
                .hasMessageContaining("may fail again with: mvn");
    }

    @Test
    void failsTheSameEachTime() {
        Failure failure = failure(PATIENT);

        assertThat(failure.repeats()).isTrue();
        assertThat(failure.describe()).doesNotContain("does not repeat");
    }

    /// Whoever looks at the lines of the time line alone sees no difference.
    private static void publishesAnotherNumberInEachRun(Simulation sim) {
        SimulatedNode node = sim.node("n1", it -> it.watch("numbers", SubscribeOptions.defaults()));
        Client client = sim.client("client", node);
        sim.at(
                Duration.ofSeconds(1),
                () ->
                        client.publish(
                                Draft.to("numbers").withText("number " + EVER.incrementAndGet())));
        sim.runFor(Duration.ofSeconds(2));
    }

    @Test
    void failsASeedThatRunsDifferentlyTheSecondTime() {
        Failure failure =
                Objects.requireNonNull(
                        Campaign.of(1, 3)
                                .runTwice(CampaignTest::publishesAnotherNumberInEachRun)
                                .failure());

        assertThat(failure.cause())
                .hasMessage("a seed gives one run: it ran differently the second time");
        assertThat(failure.difference())
                .hasSize(4)
                .anyMatch(line ->
                        line.matches("  first:  1\\.0.* n1-1-1 on numbers: \"number \\d+\".*"));
    }

    @Test
    void runsEachSeedTwiceWithoutComplaintWhereBothRunsAreTheSame() {
        Campaign.Outcome outcome =
                Campaign.of(1, 2)
                        .runTwice(sim -> {
                            sim.nodes(2, it -> it.watch(">", SubscribeOptions.defaults()));
                            sim.runFor(Duration.ofSeconds(2));
                        });

        assertThat(outcome.failure()).isNull();
        assertThat(outcome.seedsRun()).isEqualTo(2);
    }
}
