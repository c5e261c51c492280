package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
    private static final List<String> WORDS =
            List.of("backlog", "bind", "bind-port", "certificate", "key", "timeout");

    @ParameterizedTest
    @CsvSource({
        "certifcate, certificate",
        "certificates, certificate",
        "cert, certificate",
        "tiemout, timeout",
        "tmieotu, timeout",
        "kye, key",
        "bind_port, bind-port",
        "binds, bind",
    })
    void findsTheWordThatWasMeant(String written, String meant) {
        assertThat(Spelling.nearest(written, WORDS)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"interface", "k", "ce", "x", "bn", "timetable"})
    void leavesAloneWhatMayMeanAnything(String written) {
        assertThat(Spelling.nearest(written, WORDS)).isNull();
    }

    @Test
    void isContentWithNoWordsAndNothingWritten() {
        assertThat(Spelling.nearest("a", List.of())).isNull();
        assertThat(Spelling.nearest("", WORDS)).isNull();
    }
}
