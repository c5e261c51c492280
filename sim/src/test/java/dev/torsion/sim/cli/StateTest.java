package dev.torsion.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.Two;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The progress of a run is there to go on with until that run is done or given up.
final class StateTest {
    private static final String FAILS = Two.class.getName() + "#fails";
    private static final String PASSES = Two.class.getName() + "#passes";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path state;

    @SuppressWarnings("NullAway.Init") // set before each
    private String stopped;

    private TestTerminal run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--records", folder.toString(), "--state", state.toString()));
        return TestTerminal.of(all.toArray(String[]::new));
    }

    @BeforeEach
    void stopARunOfTenSeedsAtTheSecond() throws IOException {
        state = folder.resolve("progress");
        run("--scenario", FAILS, "--seeds", "10", "--failures", "2", "--jobs", "1");
        stopped = Files.readString(state);
        assertThat(Progress.read(state).done()).isEqualTo(2);
    }

    @Test
    void isNotTouchedByOneSeedOfOneScenario() throws IOException {
        assertThat(run("--scenario", PASSES, "--seeds", "1").code()).isZero();
        assertThat(run("--scenario", FAILS, "--seeds", "1").out())
                .noneMatch(line -> line.contains("--resume"));

        assertThat(Files.readString(state)).isEqualTo(stopped);
        assertThat(run("--resume", "--failures", "100").out())
                .first()
                .asString()
                .startsWith("10 of 10 seeds");
    }

    @Test
    void isNotOverwrittenByARunOfOtherSeedsOrScenarios() throws IOException {
        for (TestTerminal other :
                List.of(
                        run("--scenario", FAILS, "--seeds", "11"),
                        run("--scenario", FAILS, "--seeds", "10", "--from", "2"),
                        run("--scenario", PASSES, "--seeds", "10"))) {
            assertThat(other.code()).isEqualTo(2);
            assertThat(other.out()).isEmpty();
            assertThat(other.err())
                    .singleElement()
                    .asString()
                    .startsWith(
                            "torsion: "
                                    + state
                                    + " keeps another run, seed 1 to 10 of com.acme.Two.fails, 2"
                                    + " done; --resume goes on with it, --discard gives it up,"
                                    + " --state FILE keeps this one's progress elsewhere");
        }
        assertThat(Files.readString(state)).isEqualTo(stopped);
    }

    @Test
    void isOverwrittenByTheSameRunFromItsStartAndByADiscardingOne() {
        run("--scenario", FAILS, "--seeds", "10", "--failures", "1", "--jobs", "1");
        assertThat(Progress.read(state).done()).isEqualTo(1);

        assertThat(run("--scenario", PASSES, "--seeds", "4", "--discard").code()).isZero();
        assertThat(Progress.read(state).seeds()).isEqualTo(4);
        assertThat(run("--scenario", PASSES, "--seeds", "5").code()).isZero();
    }

    @Test
    void isNotSharedByTwoRuns() throws IOException {
        try (StateLock _ = StateLock.of(state)) {
            for (TestTerminal second :
                    List.of(run("--resume"), run("--scenario", FAILS, "--seeds", "10"))) {
                assertThat(second.code()).isEqualTo(2);
                assertThat(second.err())
                        .singleElement()
                        .asString()
                        .startsWith(
                                "torsion: another run is keeping its progress in "
                                        + state
                                        + "; --state FILE keeps this one's elsewhere");
            }
            assertThat(run("--scenario", PASSES, "--seeds", "1").code()).isZero();
        }
        assertThat(Files.readString(state)).isEqualTo(stopped);
        assertThat(run("--resume", "--failures", "100").err())
                .first()
                .isEqualTo("goes on at seed 3");
    }

    @Test
    void isNoOtherFile() throws IOException {
        Files.writeString(state, "Dear diary");
        for (TestTerminal run :
                List.of(run("--scenario", PASSES, "--seeds", "3"), run("--resume"))) {
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err())
                    .singleElement()
                    .asString()
                    .contains(state + " is not the progress of a simulation");
        }
        assertThat(Files.readString(state)).isEqualTo("Dear diary");
    }

    @Test
    void isNotGoneOnWithWhenAnOptionIsWrong() {
        assertThat(run("--resume", "--faults", "none").err())
                .singleElement()
                .asString()
                .contains("--faults is for one seed of one scenario");
    }
}
