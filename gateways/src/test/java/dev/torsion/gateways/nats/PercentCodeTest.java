package dev.torsion.gateways.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PercentCodeTest {
    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "/a/b?c=d&e='f', /a/b?c=d&e='f'",
        "'two words', two%20words",
        "100%, 100%25",
        "say \"hi\", say%20%22hi%22",
        "Euro € 😀, Euro%20%E2%82%AC%20%F0%9F%98%80"
    })
    void writesWhatHeadersCannotCarryAndReadsItBack(String value, String encoded) {
        assertThat(PercentCode.encode(value)).isEqualTo(encoded);
        assertThat(PercentCode.decode(encoded)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"%e2%82%ac, €", "\"quoted \\\"value\\\"\", quoted \"value\"", "€, €", "a%2Bb, a+b"})
    void readsWhatOthersWrite(String encoded, String value) {
        assertThat(PercentCode.decode(encoded)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%1", "a%4", "%zz", "%C3%28"})
    void refusesWhatIsNotItsCode(String encoded) {
        assertThatThrownBy(() -> PercentCode.decode(encoded))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
