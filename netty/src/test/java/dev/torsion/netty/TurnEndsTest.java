package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class TurnEndsTest {
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private final TurnEnds turnEnds = new TurnEnds(queue::add);
    private final List<String> journal = new ArrayList<>();

    private void turn() {
        queue.remove().run();
    }

    private TurnEnds.Ender ender(String name, Runnable endsWith, Runnable failsWith) {
        return new TurnEnds.Ender() {
            @Override
            public void endTurn() {
                journal.add(name + " ends");
                endsWith.run();
            }

            @Override
            public void endOfTurnFailed(Throwable thrown) {
                journal.add(name + " fails: " + thrown.getMessage());
                failsWith.run();
            }
        };
    }

    private TurnEnds.Ender ender(String name) {
        return ender(name, () -> {}, () -> {});
    }

    private static Runnable throwing(String what) {
        return () -> {
            throw new OutOfMemoryError(what);
        };
    }

    @Test
    void endsTheTurnOfAllThatWroteInItAtOnce() {
        turnEnds.add(ender("one"));
        turnEnds.add(ender("two"));
        assertThat(queue).hasSize(1);
        turn();
        assertThat(journal).containsExactly("one ends", "two ends");
    }

    @Test
    void endsInAnotherTurnWhatWritesWhenOneEnds() {
        turnEnds.add(ender("one", () -> turnEnds.add(ender("two")), () -> {}));
        turn();
        assertThat(journal).containsExactly("one ends");
        turn();
        assertThat(journal).containsExactly("one ends", "two ends");
    }

    @Test
    void goesOnThoughOneFails() {
        turnEnds.add(ender("one", throwing("no flush"), () -> {}));
        turnEnds.add(ender("two"));
        turn();
        assertThat(journal).containsExactly("one ends", "one fails: no flush", "two ends");
    }

    @Test
    void goesOnThoughOneCannotEvenFail() {
        turnEnds.add(ender("one", throwing("no flush"), throwing("no close")));
        turnEnds.add(ender("two"));
        turn();
        turnEnds.add(ender("three"));
        turn();
        assertThat(journal)
                .containsExactly("one ends", "one fails: no flush", "two ends", "three ends");
        assertThat(queue).isEmpty();
    }
}
