package dev.torsion.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final TopicPattern NONE = new TopicPattern("none");

    @Test
    void readWhatStandsThere() {
        Settings settings =
                Settings.of(
                        Map.of(
                                "text",
                                "hall",
                                "integer",
                                "7",
                                "decimal",
                                "1.5",
                                "flag",
                                "true",
                                "duration",
                                "250ms",
                                "pattern",
                                "a.>"));

        assertThat(settings.text("text")).isEqualTo("hall");
        assertThat(settings.integer("integer", 0, 0, 10)).isEqualTo(7);
        assertThat(settings.decimal("decimal", 0)).isEqualTo(1.5);
        assertThat(settings.flag("flag", false)).isTrue();
        assertThat(settings.duration("duration", Duration.ZERO)).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.pattern("pattern", NONE)).isEqualTo(new TopicPattern("a.>"));
        assertThat(settings.unread()).isEmpty();
    }

    @Test
    void haveDefaults() {
        Settings settings = Settings.none();

        assertThat(settings.text("text", "hall")).isEqualTo("hall");
        assertThat(settings.text("text", null)).isNull();
        assertThat(settings.integer("integer", 99, 0, 10)).isEqualTo(99);
        assertThat(settings.decimal("decimal", 1.5)).isEqualTo(1.5);
        assertThat(settings.flag("flag", true)).isTrue();
        assertThat(settings.duration("duration", Duration.ZERO)).isZero();
        assertThat(settings.pattern("pattern", NONE)).isEqualTo(NONE);
    }

    @Test
    void sayWhatIsMissingAndWhere() {
        Settings settings = new Settings(Map.of(), "torsion.yaml:7");

        assertThatThrownBy(() -> settings.text("place"))
                .isInstanceOf(SettingsException.class)
                .hasMessage("torsion.yaml:7: the setting \"place\" is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "11   | torsion.yaml:9: key: expected a whole number from 0 to 10, not \"11\"",
                "-1   | torsion.yaml:9: key: expected a whole number from 0 to 10, not \"-1\"",
                "1.5  | torsion.yaml:9: key: expected a whole number from 0 to 10, not \"1.5\"",
            })
    void sayWhatIsWrongWithAnInteger(String value, String message) {
        assertThatThrownBy(() -> at9(value).integer("key", 5, 0, 10)).hasMessage(message);
    }

    @Test
    void sayWhatIsWrongWithAnythingElse() {
        assertThatThrownBy(() -> at9("NaN").decimal("key", 1))
                .hasMessage("torsion.yaml:9: key: expected a number, not \"NaN\"");
        assertThatThrownBy(() -> at9("yes").flag("key", true))
                .hasMessage("torsion.yaml:9: key: expected true or false, not \"yes\"");
        assertThatThrownBy(() -> at9("a..b").pattern("key", NONE))
                .hasMessage(
                        "torsion.yaml:9: key: expected a topic pattern such as orders.* or"
                                + " orders.>, not \"a..b\"");
    }

    @ParameterizedTest
    @CsvSource({"250ms, PT0.25S", "2s, PT2S", "5m, PT5M", "1h, PT1H", "0s, PT0S"})
    void readDurations(String text, Duration duration) {
        assertThat(at9(text).duration("key", Duration.ofDays(1))).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"5", "-5s", "5 s", "5d", "1234567890s"})
    void sayWhatIsWrongWithADuration(String text) {
        assertThatThrownBy(() -> at9(text).duration("key", Duration.ZERO))
                .hasMessage(
                        "torsion.yaml:9: key: expected a duration such as 250ms, 2s or 5m, not \""
                                + text
                                + "\"");
    }

    @Test
    void nameWhatNobodyAskedFor() {
        Map<String, Setting> values = new LinkedHashMap<>();
        values.put("place", new Setting("hall", "torsion.yaml:8"));
        values.put("intervall", new Setting("2s", "torsion.yaml:9"));
        Settings settings = new Settings(values, "torsion.yaml:7");
        settings.text("place");
        settings.duration("interval", Duration.ZERO);

        assertThat(settings.unread())
                .singleElement()
                .asString()
                .endsWith(
                        "torsion.yaml:9: unknown setting \"intervall\"; expected one of place,"
                                + " interval");
    }

    private static Settings at9(String value) {
        return new Settings(Map.of("key", new Setting(value, "torsion.yaml:9")), "torsion.yaml:7");
    }
}
