package dev.torsion.protocols.amp;

import java.math.BigDecimal;

/// AMP's Decimal whole: a number, or one of the values that are none. An argument that is always a
/// number is simpler as a [BigDecimal], which takes no others.
///
/// Java has no negative zero of this kind: `-0` is read as `0`.
public sealed interface Decimal {
    /// A number, with its precision: `1E+2` is not `100`.
    record Finite(BigDecimal value) implements Decimal {}

    /// What Python's `decimal` has beside numbers.
    enum Special implements Decimal {
        INFINITY("Infinity"),
        NEGATIVE_INFINITY("-Infinity"),
        NAN("NaN"),
        NEGATIVE_NAN("-NaN"),
        SIGNALING_NAN("sNaN"),
        NEGATIVE_SIGNALING_NAN("-sNaN");

        private final String text;

        Special(String text) {
            this.text = text;
        }

        /// As it is sent.
        String text() {
            return text;
        }
    }
}
