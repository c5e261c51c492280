package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Function;
import org.assertj.core.api.AbstractThrowableAssert;

/// A text that is refused, by either end's reading.
final class Misread {
    private Misread() {}

    /// The error names the whole text, and says what was expected and what is where.
    static AbstractThrowableAssert<?, ?> says(
            Function<String, ?> reading, String text, String expected) {
        return assertThatThrownBy(() -> reading.apply(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(" of \"" + text + "\")");
    }

    /// Besides, what to do ends it.
    static void cures(Function<String, ?> reading, String text, String expected, String cure) {
        var _ =
                says(reading, text, expected)
                        .hasMessageEndingWith(" of \"" + text + "\"): " + cure);
    }
}
