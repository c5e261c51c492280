package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.sim.PatchedProduct.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Faults in the NATS door that the simulation must find; see [PlantedBug].
final class NatsPlantedBugsTest {
    private static final int SEEDS = Integer.getInteger("sim.planted.seeds", 60);
    private static final boolean ALL = Boolean.getBoolean("sim.planted.all");
    private static final Path TABLE = Path.of("target", "planted-bugs.md");
    private static final List<PlantedBugs.Found> ALL_FOUND = new CopyOnWriteArrayList<>();

    private static PlantedBug bug(
            String name, String scenario, String type, String before, String after) {
        return new PlantedBug(
                name,
                "NatsScenarios." + scenario,
                new Change("gateways", "nats/" + type, before, after));
    }

    static List<PlantedBug> bugs() {
        return List.of(
                bug(
                        "what waited for a client that is sent away is not counted as dropped",
                        "crowded",
                        "ClientConnection",
                        """
                        door.books().dropped.add(outbox().drop());
                        outbox().write(Text.error(error));
                        """,
                        """
                        outbox().drop();
                        outbox().write(Text.error(error));
                        """),
                bug(
                        "a client is sent away without being told why",
                        "crowded",
                        "ClientConnection",
                        "outbox().write(Text.error(error));",
                        ""),
                bug(
                        "a message written is not counted",
                        "calm",
                        "ClientConnection",
                        "door.books().written.increment();",
                        ""),
                bug(
                        "the largest payload is refused",
                        "calm",
                        "ClientParser",
                        "publication.total > maxPayload",
                        "publication.total >= maxPayload"),
                bug(
                        "a payload of one byte too many is waited for",
                        "crowded",
                        "ClientParser",
                        "publication.total > maxPayload",
                        "publication.total > maxPayload + 1"),
                bug(
                        "an unsubscribe forgets its count",
                        "calm",
                        "ClientSubscription",
                        "max = messages;",
                        ""),
                bug(
                        "a subscription ends one message late",
                        "calm",
                        "ClientSubscription",
                        "written >= max",
                        "written > max"),
                bug(
                        "all clients share one outbox: an answer reaches the wrong one",
                        "calm",
                        "ClientConnection",
                        "private @Nullable Outbox outbox;",
                        "private static @Nullable Outbox outbox;"),
                bug(
                        "a member of a queue group gets everything",
                        "calm",
                        "ClientConnection",
                        "wish.group(), limits.maxPendingEvents()",
                        "null, limits.maxPendingEvents()"),
                bug(
                        "of a payload in many pieces one is lost",
                        "flapping",
                        "ClientParser",
                        """
                        if (to - from < wanted) {
                            unfinished.append(chunk, from, to);
                        """,
                        """
                        if (to - from < wanted) {
                            if (unfinished.size() == 0) {
                                unfinished.append(chunk, from, to);
                            }
                        """),
                bug(
                        "the subscriptions of a client that is gone stay",
                        "flapping",
                        "ClientConnection",
                        "List.copyOf(open.values()).forEach(Subscription::close);",
                        ""),
                bug(
                        "a client that is gone keeps its place",
                        "flapping",
                        "ClientConnection",
                        "door.left(id);",
                        ""));
    }

    @AfterAll
    static void writeTable() throws IOException {
        Files.createDirectories(TABLE.getParent());
        Files.write(TABLE, PlantedBugs.table(bugs(), ALL_FOUND, SEEDS));
    }

    /// Each bug has a product of its own, loaded apart from all others.
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @MethodSource("bugs")
    void isFoundWhereTheDoorPasses(PlantedBug bug) throws ReflectiveOperationException {
        PlantedBugs.Found found = PlantedBugs.find(bug, SEEDS, ALL);

        if (found == null) {
            throw new AssertionError(
                    SEEDS + " seeds of " + bug.scenario() + " do not find: " + bug);
        }
        ALL_FOUND.add(found);
        assertThat(PlantedBugs.brokenWithout(found)).containsOnly("");
    }
}
