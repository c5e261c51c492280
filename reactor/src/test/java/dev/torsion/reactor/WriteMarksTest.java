package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WriteMarksTest {
    @ParameterizedTest
    @CsvSource({"0, 1, 2", "2, 1, 3", "1, 3, 2", "1, 3, 3", "-1, -1, -1"})
    void standInTheirOrder(int low, int high, int hard) {
        assertThatThrownBy(() -> new WriteMarks(low, high, hard))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "expected 1 <= low <= high < hard, not %d, %d, %d"
                                .formatted(low, high, hard));
    }

    @Test
    void boundAProgramBesideTheTimeOfItsEnd() {
        assertThatThrownBy(() -> new ProcessLife.Limits(WriteMarks.DEFAULT, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a timeout must be positive, not PT0S");
    }
}
