package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "orders.eu.placed", "a*.>b", "$SYS.x-y_z", "größe.🌡"})
    void takesTokensBetweenDots(String name) {
        Topic topic = Topic.of(name);

        assertThat(topic.name()).isEqualTo(name).isEqualTo(topic.toString());
        assertThat(String.join(".", topic.tokens())).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``      | may not be empty",
                ".       | an empty token at character 1",
                ".a      | an empty token at character 1",
                "a..b    | an empty token at character 3",
                "a.      | an empty token at character 3",
                "`a b`   | white space at character 2",
                "`a.\t`  | white space at character 3",
                "a\u00a0b| white space at character 2",
                "a\u0085b| white space at character 2",
                "*       | a wildcard",
                "a.*     | a wildcard",
                "a.>     | a wildcard",
            })
    void refusesWhatIsNoTopicAndSaysWhy(String name, String why) {
        assertThatThrownBy(() -> Topic.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xD83C, 0xDF21})
    void refusesHalfACharacter(int half) {
        String name = "a" + (char) half + "b";

        assertThatThrownBy(() -> Topic.of(name)).hasMessageContaining("half a character at 2");
    }

    @Test
    void hasBounds() {
        assertThat(Topic.of("a".repeat(512)).tokens()).hasSize(1);
        assertThat(Topic.of("a" + ".a".repeat(63)).tokens()).hasSize(64);
        assertThatThrownBy(() -> Topic.of("a".repeat(513)))
                .hasMessageContaining("longer than 512 characters");
        assertThatThrownBy(() -> Topic.of("a" + ".a".repeat(64)))
                .hasMessageContaining("more than 64 tokens");
    }

    @Test
    void isItsName() {
        assertThat(Topic.of("a.b")).isEqualTo(Topic.of("a.b")).isNotEqualTo(Topic.of("a.c"));
        assertThat(Topic.of("a.b")).hasSameHashCodeAs(Topic.of("a.b"));
        assertThat(Topic.of("a.b")).isLessThan(Topic.of("a.c"));
    }
}
