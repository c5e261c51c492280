package dev.torsion.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.Two;
import com.acme.Wrong;
import dev.torsion.sim.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a name after `--scenario` means, and what is said if it means nothing.
final class NamedScenarioTest {
    private static final String TWO = Two.class.getName();
    private static final String OTHER = com.acme.other.Two.class.getName();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private TestTerminal run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--records", folder.toString()));
        all.addAll(List.of("--state", folder.resolve("progress").toString()));
        return TestTerminal.of(all.toArray(String[]::new));
    }

    @Test
    void runsBothOfTwoClassesWithTheSameName() {
        TestTerminal run =
                run("--scenario", TWO + "#passes", "--scenario", OTHER + "#passes", "--seeds", "2");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).first().asString().endsWith("of 2 scenarios; stop with Ctrl-C");
        assertThat(run.out())
                .anyMatch(line -> line.startsWith("FAILED " + OTHER + ".passes seed 1: "))
                .anyMatch(line -> line.endsWith("never met, by 2 seeds: " + OTHER + ".passes: met"))
                .noneMatch(line -> line.contains(TWO + ".passes"));
        assertThat(folder.resolve(OTHER + ".passes-1.txt")).isRegularFile();
    }

    @Test
    void takesAScenarioThatIsNamedTwiceOnce() {
        String[] names = {"--scenario", OTHER, "--scenario", OTHER + ".passes", "--from", "2"};
        assertThat(run(names).err()).first().asString().contains("of 1 scenario;");
    }

    @Test
    void saysWhereInTheUsersCodeItFailed() throws IOException {
        TestTerminal run = run("--scenario", TWO + "#fails", "--seeds", "1");

        String failure =
                RunRecord.parse(Files.readAllLines(folder.resolve(TWO + ".fails-1.txt"))).failure();
        assertThat(failure)
                .matches(
                        "java\\.lang\\.IllegalStateException: it is 1"
                                + " at com\\.acme\\.Two\\.fails\\(Two\\.java:[0-9]+\\)");
        assertThat(run.out()).anyMatch(line -> line.contains(failure));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    com.acme.Three               | --scenario: "com.acme.Three" is no scenario and no class that is found
                    com.acme.Two#wins            | --scenario: com.acme.Two has no method wins with @SimulationTest; it has fails, passes
                    com.acme.Wrong$Empty         | --scenario: the class com.acme.Wrong$Empty is there, and has no method with @SimulationTest
                    com.acme.Wrong$Empty#passes  | --scenario: the class com.acme.Wrong$Empty is there, and has no method with @SimulationTest
                    com.acme.Wrong$WithParameter | com.acme.Wrong$WithParameter: the class of a scenario is static if it is in another, and has a constructor without parameters
                    com.acme.Wrong$Throwing      | com.acme.Wrong$Throwing: no instance of it can be made: java.lang.IllegalStateException: no database at com.acme.Wrong$Throwing.<init>(Wrong.java:
                    com.acme.Wrong$ThrowingAtOnce | com.acme.Wrong$ThrowingAtOnce: no instance of it can be made: java.lang.NumberFormatException: For input string: "seven" at com.acme.Wrong$ThrowingAtOnce.<clinit>(Wrong.java:
                    com.acme.Wrong$WithoutSimulation | com.acme.Wrong$WithoutSimulation.passes: a method with @SimulationTest has one parameter, the Simulation
                    """)
    void saysInOneLineWhyANameIsNoScenario(String name, String why) {
        TestTerminal run = run("--scenario", name);

        assertThat(Wrong.class.getPackageName()).isEqualTo("com.acme");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).singleElement().asString().startsWith("torsion: " + why);
    }

    @Test
    void refusesAFaultThatTheSeedDoesNotDraw() {
        String[] passing = {"--scenario", TWO + "#passes", "--seeds", "1", "--faults", "99"};
        TestTerminal run = run(passing);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .last()
                .asString()
                .startsWith("torsion: --faults: seed 1 draws 0 faults, there is no number 99");

        List<String> recorded = new ArrayList<>(List.of(passing));
        Path record = folder.resolve("record");
        recorded.addAll(List.of("--record", record.toString()));
        assertThat(run(recorded.toArray(String[]::new)).code()).isEqualTo(2);
        assertThat(record).doesNotExist();
    }
}
