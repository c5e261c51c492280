package dev.torsion.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.sim.guide.HastyLedgerSimulation;
import dev.torsion.sim.guide.LedgerSimulationTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What `docs/guides/simulation.md` tells of a component with an ordering bug: plain tests pass
/// (`HastyLedgerTest`), the simulation finds it, makes it small and repeats it, and passes when it
/// is mended. `-Dsim.guide.write=true` writes anew what the guide quotes as printed.
final class SimulationGuideTest {
    private static final Path PRINTED = Path.of("src", "test", "guide", "hasty-ledger.txt");
    private static final int SEEDS = 50;

    @Test
    void findsTheBugMakesItSmallRepeatsItAndPassesWhenItIsMended() throws IOException {
        Scenario hasty = new HastyLedgerSimulation()::whatIsPaidIsNotOpen;
        Campaign patient = Campaign.of(1, SEEDS).withShrinkingTime(Duration.ofHours(1));
        Failure found = Objects.requireNonNull(patient.run(hasty).failure());
        assertThat(found.cause()).hasMessageContaining("what is paid is not open");
        assertThat(found.drawn()).isGreaterThan(5);
        assertThat(found.faults()).hasSizeBetween(1, 2);

        Campaign again = Campaign.of(found.seed(), 1).withFaults(found.selection());
        Failure repeated = Objects.requireNonNull(again.withShrinkingRuns(0).run(hasty).failure());
        assertThat(repeated.timeline()).isEqualTo(found.timeline());

        Scenario mended = new LedgerSimulationTest()::whatIsPaidIsNotOpen;
        assertThat(again.run(mended).failure()).isNull();

        AssertionError told =
                SimulationExtension.failed(
                        found, HastyLedgerSimulation.class, "whatIsPaidIsNotOpen");
        String printed = told.getMessage() + "\n";
        if (Boolean.getBoolean("sim.guide.write")) {
            Files.writeString(PRINTED, printed, UTF_8);
        }
        assertThat(shape(printed)).isEqualTo(shape(Files.readString(PRINTED, UTF_8)));
    }

    /// What is printed, without what may differ when the product does: numbers, and how many lines.
    private static String shape(String printed) {
        return printed.replaceAll("(?s)what happened.*\nrecorded", "what happened…\nrecorded")
                .replaceAll("(?s)faults needed.*?\nwhat", "faults needed…\nwhat")
                .replaceAll("(, order [0-9]+)+", "")
                .replaceAll("sim.faults=[0-9=,]+", "sim.faults=…")
                .replaceAll("[0-9]+", "N");
    }
}
