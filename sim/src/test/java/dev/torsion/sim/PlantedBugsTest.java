package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.sim.PatchedProduct.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A checker that finds nothing proves nothing: every planted bug is found within a few seeds, for
/// which the product itself passes.
final class PlantedBugsTest {
    private static final int SEEDS = Integer.getInteger("sim.planted.seeds", 60);

    /// Whether to run all seeds, for the table.
    private static final boolean ALL = Boolean.getBoolean("sim.planted.all");

    private static final Path TABLE = Path.of("target", "planted-bugs.md");
    private static final List<PlantedBugs.Found> ALL_FOUND = new CopyOnWriteArrayList<>();

    @AfterAll
    static void writeTable() throws IOException {
        Files.createDirectories(TABLE.getParent());
        Files.write(TABLE, PlantedBugs.table(bugs(), ALL_FOUND, SEEDS));
    }

    static List<PlantedBug> bugs() {
        return PlantedBug.all();
    }

    /// Each bug has a product of its own, loaded apart from all others.
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("bugs")
    void isFoundWhereTheProductPasses(PlantedBug bug) throws ReflectiveOperationException {
        PlantedBugs.Found found = PlantedBugs.find(bug, SEEDS, ALL);

        if (found == null) {
            throw new AssertionError(
                    SEEDS + " seeds of " + bug.scenario() + " do not find: " + bug);
        }
        ALL_FOUND.add(found);
        assertThat(PlantedBugs.brokenWithout(found)).containsOnly("");
    }

    @Test
    void areAtLeastTwentyAndNoneTwice() {
        assertThat(bugs()).hasSizeGreaterThanOrEqualTo(20);
        assertThat(bugs()).extracting(PlantedBug::name).doesNotHaveDuplicates();
        assertThat(bugs()).extracting(PlantedBug::changes).doesNotHaveDuplicates();
    }

    @Test
    void saysSoWhenTheSourceHasChanged() {
        Change change = new Change("bus", "EventBus", "no such line", "");

        assertThatThrownBy(() -> PatchedProduct.with(List.of(change)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("bus/src/main/java/dev/torsion/bus/EventBus.java")
                .hasMessageContaining("no such line");
    }

    @Test
    void changesNothingButWhatIsSaid() throws ReflectiveOperationException {
        Change change = new Change("bus", "BusStats", "public record", "public  record");
        ClassLoader product = PatchedProduct.with(List.of(change));
        Object run =
                product.loadClass(PlantedRun.class.getName())
                        .getConstructor(String.class)
                        .newInstance("calm");

        assertThat(run.getClass()).isNotEqualTo(PlantedRun.class);
        assertThat(((LongFunction<?>) run).apply(1)).isEqualTo("");
    }
}
