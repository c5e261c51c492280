package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PeerTextTest {
    @Test
    void isTheTextItselfWhileThatIsShortAndPlain() {
        assertThat(PeerText.shown("", 10)).isEmpty();
        assertThat(PeerText.shown("häß☃ \ud83d\ude00", 10)).isEqualTo("häß☃ \ud83d\ude00");
        assertThat(PeerText.shown("x".repeat(10), 10)).isEqualTo("x".repeat(10));
    }

    @Test
    void isCutWhereItGetsLong() {
        assertThat(PeerText.shown("x".repeat(11), 10)).isEqualTo("x".repeat(10) + "…");
        assertThat(PeerText.shown("123\ud83d\ude00", 4)).isEqualTo("123\\ud83d…");
    }

    @ParameterizedTest
    @CsvSource({
        "10, '\\u000a'",
        "13, '\\u000d'",
        "27, '\\u001b'",
        "127, '\\u007f'",
        "133, '\\u0085'",
        "155, '\\u009b'",
        "8232, '\\u2028'",
        "8233, '\\u2029'",
        "8238, '\\u202e'",
        "55357, '\\ud83d'",
        "917505, '\\udb40\\udc01'"
    })
    void showsInLettersWhatWouldNotBeSeen(int character, String shown) {
        assertThat(PeerText.shown("a" + Character.toString(character) + "b", 10))
                .isEqualTo("a" + shown + "b");
    }
}
