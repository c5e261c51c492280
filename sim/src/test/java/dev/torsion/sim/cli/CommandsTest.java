package dev.torsion.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CommandsTest {
    /// Its name has a sign in it that a shell would take for its own.
    private static final NamedScenario NESTED =
            NamedScenario.choose(List.of(), List.of(MainTest.Small.class.getName() + "#passes"))
                    .getFirst();

    @Test
    void quotesWhatAShellWouldChange() {
        assertThat(new Commands("").repeat(NESTED, -3, "2,5=1500"))
                .isEqualTo(
                        "./torsion sim --scenario 'dev.torsion.sim.cli.MainTest$Small.passes'"
                                + " --from -3 --seeds 1 --faults 2,5=1500");
        assertThat(Commands.show(Path.of("my records", "it's")))
                .isEqualTo("./torsion sim show 'my records/it'\\''s'");
    }

    @Test
    void namesTheClassPathThatItWasGiven() {
        Commands commands = new Commands("/home/me/my classes:b.jar");
        assertThat(commands.repeat(NESTED, 1, "all"))
                .startsWith(
                        "TORSION_CLASSPATH='/home/me/my classes:b.jar' ./torsion sim --scenario ");
        assertThat(
                        commands.resume(
                                new Arguments(
                                        List.of("--jobs=2", "--twice"),
                                        Set.of("--twice"),
                                        Set.of("--jobs"))))
                .isEqualTo(
                        "TORSION_CLASSPATH='/home/me/my classes:b.jar' ./torsion sim --resume"
                                + " --jobs 2 --twice");
    }
}
