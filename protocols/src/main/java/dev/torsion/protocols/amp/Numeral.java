package dev.torsion.protocols.amp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/// Numbers written in decimal digits, by a peer that may mean no good. To look at one takes a time
/// by its length; to make an exact number of it takes one by the square, so it may have only so
/// many digits. To add one to another takes as many digits as lie between them, so its exponent too
/// is bounded.
final class Numeral {
    /// As many as CPython takes for an integer.
    static final int MAX_DIGITS = 4_300;

    /// Above and below zero, of the last digit: whatever is written without an exponent has it.
    static final int MAX_EXPONENT = 4_300;

    // Possessive: what follows the digits that were taken never makes the matcher take fewer.
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]++");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?([0-9]++(\\.[0-9]*+)?|\\.[0-9]++)([eE][+-]?[0-9]++)?");

    private Numeral() {}

    /// Whether it is one with a fraction, an exponent, or neither.
    static boolean isDecimal(CharSequence text) {
        return DECIMAL.matcher(text).matches();
    }

    static boolean isShort(String text) {
        return text.chars().filter(each -> each >= '0' && each <= '9').count() <= MAX_DIGITS;
    }

    static BigInteger integer(String text) throws AmpException.Unreadable {
        if (!INTEGER.matcher(text).matches() || !isShort(text)) {
            throw new AmpException.Unreadable(
                    "expected an integer of at most " + MAX_DIGITS + " digits");
        }
        return new BigInteger(text);
    }

    /// @param text a decimal
    static BigDecimal decimal(String text) throws AmpException.Unreadable {
        if (!isShort(text)) {
            throw new AmpException.Unreadable(
                    "expected a decimal number of at most " + MAX_DIGITS + " digits");
        }
        BigDecimal number = null;
        try {
            number = new BigDecimal(text);
        } catch (NumberFormatException _) {
            // An exponent that not even this type has.
        }
        if (number == null || !isNearZero(number)) {
            throw new AmpException.Unreadable(
                    "expected a decimal number whose last digit has an exponent of -%d to %d"
                            .formatted(MAX_EXPONENT, MAX_EXPONENT));
        }
        return number;
    }

    /// Whether its exponent is within the bounds.
    static boolean isNearZero(BigDecimal number) {
        return number.scale() >= -MAX_EXPONENT && number.scale() <= MAX_EXPONENT;
    }
}
