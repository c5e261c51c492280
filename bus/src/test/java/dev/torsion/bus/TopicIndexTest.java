package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicIndexTest {
    private record Entry(TopicPattern pattern, int number) {}

    /// Few tokens, so that much matches; many steps, so that branches come and go.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsExactlyWhatThePatternsMatch(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TopicIndex<Entry> index = new TopicIndex<>();
        List<Entry> entries = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            if (entries.isEmpty() || random.nextInt(5) > 1) {
                Entry entry = new Entry(pattern(random), step);
                index.add(entry.pattern(), entry);
                entries.add(entry);
            } else {
                Entry entry = entries.remove(random.nextInt(entries.size()));
                assertThat(index.remove(entry.pattern(), entry)).isTrue();
                assertThat(index.remove(entry.pattern(), entry)).isFalse();
            }
            Topic topic = topic(random);
            assertThat(found(index, topic))
                    .containsExactlyInAnyOrderElementsOf(
                            entries.stream().filter(e -> e.pattern().matches(topic)).toList());
        }
        entries.forEach(entry -> index.remove(entry.pattern(), entry));
        assertThat(index.isEmpty()).isTrue();
    }

    @Test
    void keepsTheOrderOfEqualPatterns() {
        TopicIndex<Integer> index = new TopicIndex<>();
        TopicPattern pattern = new TopicPattern("a.*");
        IntStream.range(0, 5).forEach(number -> index.add(pattern, number));
        index.remove(pattern, 2);

        assertThat(found(index, Topic.of("a.b"))).containsExactly(0, 1, 3, 4);
    }

    @Test
    void removesNothingThatIsNotThere() {
        TopicIndex<String> index = new TopicIndex<>();
        index.add(new TopicPattern("a.b.c"), "it");

        assertThat(index.remove(new TopicPattern("a.b"), "it")).isFalse();
        assertThat(index.remove(new TopicPattern("a.b.c.d"), "it")).isFalse();
        assertThat(index.remove(new TopicPattern("a.b.*"), "it")).isFalse();
        assertThat(index.remove(new TopicPattern("a.b.c"), "another")).isFalse();
        assertThat(found(index, Topic.of("a.b.c"))).containsExactly("it");
    }

    private static <T> List<T> found(TopicIndex<T> index, Topic topic) {
        List<T> found = new ArrayList<>();
        index.match(topic, found::add);
        return found;
    }

    private static Topic topic(SplittableRandom random) {
        return Topic.of(tokens(random, List.of("a", "b", "c")));
    }

    private static TopicPattern pattern(SplittableRandom random) {
        String tokens = tokens(random, List.of("a", "b", "c", "*"));
        return new TopicPattern(random.nextInt(4) == 0 ? tokens + ".>" : tokens);
    }

    private static String tokens(SplittableRandom random, List<String> choice) {
        return IntStream.rangeClosed(0, random.nextInt(4))
                .mapToObj(_ -> choice.get(random.nextInt(choice.size())))
                .collect(Collectors.joining("."));
    }
}
