package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {

    @ParameterizedTest
    @CsvSource({
        "orders.eu.placed, orders.eu.placed, true",
        "orders.eu.placed, orders.eu, false",
        "orders.eu, orders.eu.placed, false",
        "orders.eu, orders.us, false",
        "orders.*.placed, orders.eu.placed, true",
        "orders.*.placed, orders.placed, false",
        "orders.*.placed, orders.eu.west.placed, false",
        "*, orders, true",
        "*, orders.eu, false",
        "*.*, orders.eu, true",
        "orders.>, orders.eu, true",
        "orders.>, orders.eu.placed, true",
        "orders.>, orders, false",
        ">, orders.eu.placed, true",
        "*.>, orders.eu, true",
        "*.>, orders, false",
        "*.eu.>, orders.us.placed, false",
        "a*, ab, false",
        "a*, a*, true",
    })
    void wantsWhatItMatches(String pattern, String topic, boolean matches) {
        assertThat(new TopicPattern(pattern).matches(Topic.of(topic))).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"a.b, true", "a.b*, true", "a.*, false", "*, false", "a.>, false", ">, false"})
    void isLiteralWithoutWildcards(String pattern, boolean literal) {
        assertThat(new TopicPattern(pattern).isLiteral()).isEqualTo(literal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ">.a", "a.>.b", "a..*", " "})
    void refusesWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> new TopicPattern(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pattern");
    }
}
