package dev.torsion.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The same seed gives the same run: in this JVM, and in another, where identity hashes and the
/// order of `Map.of` differ.
final class DeterminismTest {
    private static final int SEEDS = Integer.getInteger("sim.determinism.seeds", 5);

    /// Runs in the other JVM.
    public static void main(String[] arguments) {
        System.out.println(fingerprint(Integer.parseInt(arguments[0])));
    }

    private static String fingerprint(int seeds) {
        Campaign.Outcome outcome = Campaign.of(1, seeds).run(Scenarios::chaos);
        assertThat(outcome.failure()).isNull();
        return Long.toHexString(outcome.fingerprint());
    }

    @Test
    void runsTheSameInTwoProcesses() throws IOException, InterruptedException {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DeterminismTest.class.getName(),
                                Integer.toString(SEEDS))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String here = fingerprint(SEEDS);
        String there = new String(other.getInputStream().readAllBytes(), UTF_8).strip();

        assertThat(other.waitFor(10, SECONDS)).isTrue();
        assertThat(there).isEqualTo(here).isNotEmpty();
    }

    @Test
    void runsDifferentlyForAnotherSeed() {
        assertThat(Campaign.of(1, 1).run(Scenarios::calm).fingerprint())
                .isNotEqualTo(Campaign.of(2, 1).run(Scenarios::calm).fingerprint());
    }
}
