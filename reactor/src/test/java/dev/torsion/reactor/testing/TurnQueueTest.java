package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TurnQueueTest {
    private record Asked(long due, int number) {}

    @Test
    void givesTurnsByTimeAndThenInTheOrderOfAsking() {
        for (int seed = 0; seed < 50; seed++) {
            SplittableRandom chance = new SplittableRandom(seed);
            Timeline timeline = new Timeline();
            List<Asked> asked = new ArrayList<>();
            List<Asked> ran = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                Asked it = new Asked(1 + chance.nextInt(40), i);
                asked.add(it);
                timeline.at(it.due(), null, () -> ran.add(it));
            }
            timeline.advance(Duration.ofNanos(40));
            asked.sort(Comparator.comparingLong(Asked::due).thenComparingInt(Asked::number));
            assertThat(ran).isEqualTo(asked);
        }
    }

    @Test
    void keepsTheOrderWhenManyAreTakenBack() {
        SplittableRandom chance = new SplittableRandom(7);
        Timeline timeline = new Timeline();
        List<Asked> asked = new ArrayList<>();
        List<Asked> ran = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            Asked it = new Asked(1 + chance.nextInt(1000), i);
            Timeline.Turn turn = timeline.at(it.due(), null, () -> ran.add(it));
            if (chance.nextInt(4) > 0) {
                assertThat(timeline.remove(turn)).isTrue();
                assertThat(timeline.remove(turn)).isFalse();
            } else {
                asked.add(it);
            }
        }
        timeline.advance(Duration.ofNanos(1000));
        asked.sort(Comparator.comparingLong(Asked::due).thenComparingInt(Asked::number));
        assertThat(ran).isEqualTo(asked);
    }
}
