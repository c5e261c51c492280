package dev.torsion.protocols.amp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
    private record Numbers(int small, long large, BigInteger any) {}

    private record Any(BigInteger value) {}

    private record Real(double value) {}

    private record Truth(boolean value) {}

    private record Raw(Bytes value) {}

    private record Text(String value) {}

    private record Exact(BigDecimal value) {}

    private record Special(Decimal value) {}

    private record Moment(OffsetDateTime value) {}

    private record Lists(List<Long> numbers, List<List<String>> nested, List<Text> records) {}

    private record Named(@Key("content-type") String type, @Nullable Integer length) {}

    private record Positive(long value) {
        Positive {
            if (value < 1) {
                throw new IllegalArgumentException("expected more than zero");
            }
        }
    }

    private record Wrong(float value) {}

    private record Reserved(@Key("_ask") String value) {}

    @Test
    void anIntegerIsDecimalAsciiOfAnySize() throws AmpException {
        BigInteger huge = BigInteger.TEN.pow(1000).negate();
        Box box = encode(new Numbers(-7, Long.MAX_VALUE, huge));

        assertThat(box.text("small")).isEqualTo("-7");
        assertThat(box.text("large")).isEqualTo("9223372036854775807");
        assertThat(box.text("any")).isEqualTo("-1" + "0".repeat(1000));
        assertThat(decode(Numbers.class, box)).isEqualTo(new Numbers(-7, Long.MAX_VALUE, huge));
    }

    @Test
    void anIntegerThatDoesNotFitIsUnreadable() throws AmpException {
        Box box = encode(new Numbers(1, 1, BigInteger.ONE)).put("small", Bytes.utf8("2147483648"));

        assertThatThrownBy(() -> decode(Numbers.class, box))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessageContaining("small");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1.0",
        "-0.0, -0.0",
        "0.1, 0.1",
        "123456.789, 123456.789",
        "1e15, 1000000000000000.0",
        "9007199254740993, 9007199254740992.0",
        "1e16, 1e+16",
        "1e100, 1e+100",
        "1.5e100, 1.5e+100",
        "-1e100, -1e+100",
        "1e-4, 0.0001",
        "1e-5, 1e-05",
        "1.25e-7, 1.25e-07",
        "2e-323, 2e-323",
        "4.9e-324, 5e-324",
        "2e23, 2e+23",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "Infinity, inf",
        "-Infinity, -inf",
        "NaN, nan"
    })
    void aFloatIsAsPythonPrintsIt(double number, String text) throws AmpException {
        assertThat(encode(new Real(number)).text("value")).isEqualTo(text);
        assertThat(decode(Real.class, value(text))).isEqualTo(new Real(number));
    }

    @Test
    void aBooleanIsTrueOrFalse() throws AmpException {
        assertThat(encode(new Truth(true)).text("value")).isEqualTo("True");
        assertThat(encode(new Truth(false)).text("value")).isEqualTo("False");
        assertThat(decode(Truth.class, value("True")).value()).isTrue();
        assertThat(decode(Truth.class, value("False")).value()).isFalse();
        unreadable(Truth.class, "true");
    }

    @Test
    void aStringIsBytesAndUnicodeIsUtf8() throws AmpException {
        byte[] notText = {0, -1, -128};
        assertThat(decode(Raw.class, encode(new Raw(Bytes.wrap(notText)))).value().toArray())
                .isEqualTo(notText);
        assertThat(encode(new Text("häß☃")).get("value")).isEqualTo(Bytes.utf8("häß☃"));
        assertThat(decode(Text.class, encode(new Text("häß☃"))).value()).isEqualTo("häß☃");
        assertThatThrownBy(() -> decode(Text.class, new Box().put("value", Bytes.wrap(notText))))
                .isInstanceOf(AmpException.Unreadable.class);
        assertThatThrownBy(() -> encode(new Text("\ud800")))
                .isInstanceOf(AmpException.Unsendable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1E+2", "100", "1.50", "-0.001", "1E-7", "12345678901234567890.5"})
    void aDecimalKeepsItsPrecision(String text) throws AmpException {
        BigDecimal number = new BigDecimal(text);
        assertThat(encode(new Exact(number)).text("value")).isEqualTo(text);
        assertThat(decode(Exact.class, value(text)).value()).isEqualTo(number);
        assertThat(decode(Special.class, value(text)).value())
                .isEqualTo(new Decimal.Finite(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "-NaN", "sNaN", "-sNaN", "Infinity", "-Infinity"})
    void aDecimalMayBeNoNumber(String text) throws AmpException {
        Special special = decode(Special.class, value(text));
        assertThat(encode(special).text("value")).isEqualTo(text);
        unreadable(Exact.class, text);
    }

    @ParameterizedTest
    @CsvSource({
        "2012-01-23T12:34:56.054321Z, 2012-01-23T12:34:56.054321-00:00",
        "2012-01-23T12:34:56.054321+05:30, 2012-01-23T12:34:56.054321+05:30",
        "2012-01-23T12:34:56-09:30, 2012-01-23T12:34:56.000000-09:30",
        "0001-01-01T00:00:00Z, 0001-01-01T00:00:00.000000-00:00"
    })
    void aDateTimeHas32CharactersAndAMinusForUtc(OffsetDateTime time, String text)
            throws AmpException {
        assertThat(text).hasSize(32);
        assertThat(encode(new Moment(time)).text("value")).isEqualTo(text);
        assertThat(decode(Moment.class, value(text)).value()).isEqualTo(time);
    }

    @Test
    void aDateTimeIsCutToMicrosecondsAndMinutesOfOffset() throws AmpException {
        OffsetDateTime fine = OffsetDateTime.parse("2012-01-23T12:34:56.123456789+01:00:30");

        assertThat(encode(new Moment(fine)).text("value"))
                .isEqualTo("2012-01-23T12:34:26.123456+01:00");
    }

    @Test
    void listOfIsElementsWithTheirLengthsAndAmpListIsBoxes() throws AmpException {
        Lists lists =
                new Lists(
                        List.of(1L, -20L),
                        List.of(List.of("a", ""), List.of()),
                        List.of(new Text("x"), new Text("y")));
        Box box = encode(lists);

        assertThat(box.text("numbers")).isEqualTo("\0\u00011\0\u0003-20");
        assertThat(box.text("nested")).isEqualTo("\0\u0005\0\u0001a\0\0\0\0");
        assertThat(box.text("records"))
                .isEqualTo("\0\u0005value\0\u0001x\0\0" + "\0\u0005value\0\u0001y\0\0");
        assertThat(decode(Lists.class, box)).isEqualTo(lists);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "\0\u0002x", "\0\u0001x\0"})
    void aListThatEndsTooSoonIsUnreadable(String wire) throws AmpException {
        Box box = encode(new Lists(List.of(), List.of(), List.of()));

        assertThatThrownBy(() -> decode(Lists.class, box.put("nested", Box.latin(wire))))
                .isInstanceOf(AmpException.Unreadable.class);
    }

    @Test
    void anAmpListThatEndsInABoxIsUnreadable() throws AmpException {
        Box box = encode(new Lists(List.of(), List.of(), List.of()));

        assertThatThrownBy(() ->
                        decode(
                                Lists.class,
                                box.put("records", Box.latin("\0\u0005value\0\u0001x"))))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessageContaining("within a box");
    }

    @Test
    void aNullableArgumentIsOptionalAndAKeyIsItsNameOnTheWire() throws AmpException {
        Box box = encode(new Named("text/plain", null));
        assertThat(box.text("content-type")).isEqualTo("text/plain");
        assertThat(box.get("length")).isNull();
        assertThat(decode(Named.class, box)).isEqualTo(new Named("text/plain", null));
        assertThat(decode(Named.class, encode(new Named("x", 5)))).isEqualTo(new Named("x", 5));
    }

    @Test
    void unknownKeysAreIgnoredAndMissingOnesUnreadable() throws AmpException {
        Box box = value("x").put("more", Bytes.utf8("y"));

        assertThat(decode(Text.class, box).value()).isEqualTo("x");
        assertThatThrownBy(() -> decode(Text.class, new Box()))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessage("value is missing");
    }

    @Test
    void whatTheRecordItselfRefusesIsUnreadable() throws AmpException {
        assertThat(encode(new Positive(1)).text("value")).isEqualTo("1");
        assertThatThrownBy(() -> decode(Positive.class, value("0")))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessage("Positive: expected more than zero");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " 1", "1_0", "0x1", "1.0", "\u0661"})
    void whatIsNoIntegerIsUnreadable(String text) {
        unreadable(Positive.class, text);
    }

    @Test
    void aNumberIsLookedAtOnceHoweverLongItIs() {
        String digits = "1".repeat(2000);
        for (String text :
                List.of(digits, digits + "." + digits, "." + digits, digits + "e" + digits)) {
            Looks looks = new Looks(text + "x");
            assertThat(Numeral.isDecimal(looks)).isFalse();
            assertThat(looks.count).isLessThan(2 * text.length());
        }
    }

    /// Counts how often somebody looks at one of its characters.
    private static final class Looks implements CharSequence {
        private final String text;
        private int count;

        Looks(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            count++;
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }
    }

    @Test
    void anExactNumberHasAtMost4300Digits() throws AmpException {
        BigInteger most = BigInteger.TEN.pow(4300).subtract(BigInteger.ONE).negate();
        BigInteger more = BigInteger.TEN.pow(4300);
        assertThat(decode(Any.class, encode(new Any(most))).value()).isEqualTo(most);
        BigDecimal exact = new BigDecimal(most, 1000);
        assertThat(decode(Exact.class, encode(new Exact(exact))).value()).isEqualTo(exact);

        for (Class<? extends Record> type :
                List.of(Any.class, Positive.class, Exact.class, Special.class)) {
            assertThatThrownBy(() -> decode(type, value(more.toString())))
                    .isInstanceOf(AmpException.Unreadable.class)
                    .hasMessageContaining("at most 4300 digits");
        }
        for (Record tooLong :
                List.of(
                        new Any(more),
                        new Exact(new BigDecimal(more)),
                        new Special(new Decimal.Finite(new BigDecimal(more))))) {
            assertThatThrownBy(() -> encode(tooLong))
                    .isInstanceOf(AmpException.Unsendable.class)
                    .hasMessageContaining("4300");
        }
        assertThat(decode(Real.class, value("1" + "0".repeat(5000))).value())
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void aDecimalIsNearEnoughToZeroToBeAddedToOne() throws AmpException {
        for (int scale : List.of(-4300, 4300)) {
            BigDecimal last = new BigDecimal(BigInteger.TWO, scale);
            assertThat(decode(Exact.class, encode(new Exact(last))).value()).isEqualTo(last);
        }
        assertThat(decode(Exact.class, value("." + "0".repeat(4299) + "1")).value().scale())
                .isEqualTo(4300);

        String far = "1E+999999999999";
        String farthest = "1E+" + "9".repeat(4000);
        for (String text :
                List.of(
                        "1E+4301",
                        "1E-4301",
                        "0E+4301",
                        "1.5E+4302",
                        "1E+2147483648",
                        far,
                        farthest)) {
            for (Class<? extends Record> type : List.of(Exact.class, Special.class)) {
                assertThatThrownBy(() -> decode(type, value(text)))
                        .isInstanceOf(AmpException.Unreadable.class)
                        .hasMessageContaining("an exponent of -4300 to 4300");
            }
        }
        for (int scale : List.of(-4301, 4301, Integer.MIN_VALUE, Integer.MAX_VALUE)) {
            BigDecimal number = new BigDecimal(BigInteger.ONE, scale);
            for (Record tooFar :
                    List.of(new Exact(number), new Special(new Decimal.Finite(number)))) {
                assertThatThrownBy(() -> encode(tooFar))
                        .isInstanceOf(AmpException.Unsendable.class)
                        .hasMessageContaining("the exponent " + -(long) scale)
                        .hasMessageContaining("-4300 to 4300");
            }
        }
    }

    @Test
    void whatIsUnreadableIsShownInFewCharactersOfOneLine() {
        for (String text : List.of("\r\n\u009b1m\u2028", "x".repeat(65_000))) {
            assertThatThrownBy(() -> decode(Real.class, value(text)))
                    .hasMessageContaining("expected a floating-point number")
                    .message()
                    .hasSizeLessThan(120)
                    .doesNotContainPattern("[\\p{Cntrl}\u0085\u009b\u2028]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1d", "0x1p3", "1e", "."})
    void whatIsNoFloatIsUnreadable(String text) {
        unreadable(Real.class, text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2012-01-23T12:34:56.054321Z",
                "2012-13-23T12:34:56.054321-00:00",
                "2012-01-23T12:34:56.054321-19:00",
                "2012-01-23T12:34:56.05432100:00x"
            })
    void whatIsNoDateTimeIsUnreadable(String text) {
        unreadable(Moment.class, text);
    }

    @Test
    void aValueOfMoreThan65535BytesIsUnsendable() throws AmpException {
        assertThat(encode(new Text("x".repeat(65_535))).encode().size()).isGreaterThan(65_535);
        assertThatThrownBy(() -> encode(new Text("x".repeat(65_536))).encode())
                .isInstanceOf(AmpException.Unsendable.class)
                .hasMessageContaining("65536");
    }

    @Test
    void aTypeThatAmpHasNotIsRefusedWhenTheCommandIsMade() {
        assertThatThrownBy(() -> Command.of("Wrong", Wrong.class, Text.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("value of Wrong: AMP has no type for float");
        assertThatThrownBy(() -> Command.of("Wrong", Reserved.class, Text.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("_ask");
    }

    private record File(Path value) {}

    @Test
    void aPathIsItsText() throws AmpException {
        Box box = encode(new File(Path.of("/srv/a b")));

        assertThat(box.get("value")).isEqualTo(Bytes.utf8("/srv/a b"));
        assertThat(decode(File.class, box)).isEqualTo(new File(Path.of("/srv/a b")));
        unreadable(File.class, "no\0path");
    }

    private static Box value(String text) {
        return new Box().put("value", Bytes.utf8(text));
    }

    private static <R extends Record> Box encode(R record) throws AmpException {
        return Shape.of(record.getClass(), AmpTypes.standard()).encode(record);
    }

    private static <R extends Record> R decode(Class<R> type, Box box) throws AmpException {
        return Shape.of(type, AmpTypes.standard()).decode(box);
    }

    private static void unreadable(Class<? extends Record> type, String text) {
        assertThatThrownBy(() -> decode(type, value(text)))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessageContaining("value");
    }

    @Test
    void aDateTimeIsWrittenInDigitsOfAsciiWhateverTheLocale() throws AmpException {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("th-TH-u-nu-thai"));
        try {
            assertThat(
                            encode(new Moment(OffsetDateTime.parse("2012-01-23T12:34:56Z")))
                                    .text("value"))
                    .isEqualTo("2012-01-23T12:34:56.000000-00:00");
        } finally {
            Locale.setDefault(before);
        }
    }
}
