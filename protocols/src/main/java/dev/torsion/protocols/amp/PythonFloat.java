package dev.torsion.protocols.amp;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.regex.Pattern;

/// Floating-point numbers in the form that Python's `repr` gives them: the fewest digits that make
/// the same number again, an exponent below 1e-4 and from 1e16 on.
final class PythonFloat {
    private static final Pattern INFINITY = Pattern.compile("(?i)[+-]?inf(inity)?");
    private static final Pattern NAN = Pattern.compile("(?i)[+-]?nan");

    private PythonFloat() {}

    static String write(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        } else if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        } else if (number == 0) {
            return 1 / number > 0 ? "0.0" : "-0.0";
        }
        return (number < 0 ? "-" : "") + positive(Math.abs(number));
    }

    private static String positive(double number) {
        BigDecimal shortest = shortest(number);
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
            String sign = exponent < 0 ? "-" : "+";
            int size = Math.abs(exponent);
            return digits.charAt(0) + fraction + "e" + sign + (size < 10 ? "0" : "") + size;
        }
        return shortest.scale() > 0 ? shortest.toPlainString() : shortest.toPlainString() + ".0";
    }

    /// Java gives two digits at least, also where one would do.
    private static BigDecimal shortest(double number) {
        BigDecimal java = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        if (java.precision() == 2) {
            BigDecimal single = java.round(new MathContext(1)).stripTrailingZeros();
            if (single.doubleValue() == number) {
                return single;
            }
        }
        return java;
    }

    /// @throws NumberFormatException if it is none
    static double read(String text) {
        if (Numeral.isDecimal(text)) {
            return Double.parseDouble(text);
        } else if (INFINITY.matcher(text).matches()) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        } else if (NAN.matcher(text).matches()) {
            return Double.NaN;
        }
        throw new NumberFormatException("expected a floating-point number");
    }
}
