package dev.torsion.gateways.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.Header;
import dev.torsion.reactor.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderBlockTest {
    @Test
    void keepsOrderCaseAndRepetition() {
        String block = "NATS/1.0\r\nB: 1\r\na:  two words \r\nB: 2\r\nEmpty:\r\n\r\n";
        assertThat(HeaderBlock.parse(Bytes.utf8(block)))
                .containsExactly(
                        new Header("B", "1"),
                        new Header("a", "two words "),
                        new Header("B", "2"),
                        new Header("Empty", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NATS/1.0\r\n",
                "NATS/2.0\r\n\r\n",
                "NATS/1.0 503\r\n\r\n",
                "NATS/1.0\r\nno colon\r\n\r\n",
                "NATS/1.0\r\n: no name\r\n\r\n",
                "NATS/1.0\r\nwhite space: before\r\n\r\n",
                "NATS/1.0\r\na: 1\n\r\n\r\n",
                "NATS/1.0\r\na: 1\r\n\r\nb: after the end\r\n\r\n"
            })
    void refusesWhatIsNotAHeaderBlock(String block) {
        assertThatThrownBy(() -> HeaderBlock.parse(Bytes.utf8(block)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
