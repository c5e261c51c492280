package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.SubscribeOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
}
