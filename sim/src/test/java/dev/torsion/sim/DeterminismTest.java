package dev.torsion.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The same seed gives the same run: in this JVM, and in another, where identity hashes and the
/// order of `Map.of` differ. `-Dsim.determinism.seeds=1000` compares more, or as many as one likes.
final class DeterminismTest {
    private static final int SEEDS = Integer.getInteger("sim.determinism.seeds", 200);

    /// One in so many seeds is also run in the large scenario.
    private static final int LARGE = 50;

    /// Runs in the other JVM.
    public static void main(String[] arguments) {
        traces(Integer.parseInt(arguments[0])).forEach(System.out::println);
    }

    /// For each run its seed and the hash of all that happened in it.
    private static List<String> traces(int seeds) {
        List<String> traces = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            traces.add(trace("brief", seed));
            if (seed % LARGE == 0) {
                traces.add(trace("chaos", seed));
            }
        }
        return traces;
    }

    private static String trace(String scenario, long seed) {
        Run run = Run.of(PlantedRun.named(scenario), seed, FaultSelection.all());
        return scenario
                + " "
                + seed
                + ": "
                + Long.toHexString(run.fingerprint())
                + " "
                + run.failureKind();
    }

    @Test
    void runsTheSameInTwoProcesses() throws IOException, InterruptedException {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                                "-XX:+UseSerialGC",
                                "-XX:+UnlockExperimentalVMOptions",
                                "-XX:hashCode=2", // the same for all: other orders than here
                                "-cp",
                                System.getProperty("java.class.path"),
                                DeterminismTest.class.getName(),
                                Integer.toString(SEEDS))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> here = traces(SEEDS);
        List<String> there =
                new String(other.getInputStream().readAllBytes(), UTF_8).lines().toList();

        assertThat(other.waitFor(10, SECONDS)).isTrue();
        assertThat(here).hasSize(SEEDS + SEEDS / LARGE).allMatch(trace -> trace.endsWith(" none"));
        assertThat(there).isEqualTo(here);
    }

    @Test
    void runsDifferentlyForEverySeed() {
        List<Long> hashes = new ArrayList<>();
        for (long seed = 1; seed <= 50; seed++) {
            Run run = Run.of(Scenarios::brief, seed, FaultSelection.all());
            hashes.add(run.fingerprint());
        }

        assertThat(hashes).doesNotHaveDuplicates();
    }
}
