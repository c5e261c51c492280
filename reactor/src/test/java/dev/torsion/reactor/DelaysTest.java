package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DelaysTest {
    @Test
    void refusesWhatIsNegativeAndNamesIt() {
        Delays.requireNotNegative("a delay", Duration.ZERO);
        assertThatThrownBy(() -> Delays.requireNotNegative("a delay", Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a delay is not negative: PT-1S");
    }

    @Test
    void refusesWhatIsNotPositiveAndNamesIt() {
        Delays.requirePositive("a deadline", Duration.ofNanos(1));
        assertThatThrownBy(() -> Delays.requirePositive("a deadline", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a deadline must be positive, not PT0S");
    }
}
