package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "localhost:80, localhost, 80",
        "127.0.0.1:0, 127.0.0.1, 0",
        "a.example:65535, a.example, 65535",
        "[::1]:4222, ::1, 4222",
        "[fe80::1%eth0]:1, fe80::1%eth0, 1",
        "[name]:00080, name, 80",
    })
    void readsHostAndPort(String text, String host, int port) {
        assertThat(Address.parse(text)).isEqualTo(Address.of(host, port));
    }

    @ParameterizedTest
    @CsvSource({
        "'', expected HOST:PORT",
        "localhost, expected HOST:PORT",
        ":80, expected HOST:PORT",
        "[]:80, expected HOST:PORT",
        "::1:80, an IPv6 host stands in brackets",
        "[::1]80, an IPv6 host stands in brackets",
        "a:, expected a port from 0 to 65535",
        "a:65536, expected a port from 0 to 65535",
        "a:-1, expected a port from 0 to 65535",
        "a:+1, expected a port from 0 to 65535",
        "a:8o, expected a port from 0 to 65535",
        "a: 80, expected a port from 0 to 65535",
        "a:000080, expected a port from 0 to 65535",
        "a:٨٠, expected a port from 0 to 65535",
    })
    void saysWhatIsWrong(String text, String expected) {
        assertThatThrownBy(() -> Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("\"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource({"localhost:80", "127.0.0.1:0", "[::1]:4222"})
    void writesWhatItReads(String text) {
        assertThat(Address.parse(text)).hasToString(text);
    }

    @Test
    void readsThePathOfAUnixSocket() {
        assertThat(Address.parse("unix:/run/a:b.sock")).isEqualTo(Address.unix("/run/a:b.sock"));
        assertThat(Address.parse("unix:80")).isEqualTo(Address.of("unix", 80));
        assertThatThrownBy(() -> Address.parse("unix:"))
                .hasMessageContaining("expected a port from 0 to 65535");
    }

    @Test
    void saysWhereAUnixSocketIsOrThatItIsNowhere() {
        assertThat(Address.unix("/run/x.sock")).hasToString("unix:/run/x.sock");
        assertThat(Address.unix("")).hasToString("unix:");
        assertThat(Address.unix("").unnamed()).isTrue();
        assertThat(Address.unix("x").unnamed()).isFalse();
    }

    @Test
    void mayBeAnAbstractName() {
        assertThat(Address.unix("@app").isAbstract()).isTrue();
        assertThat(Address.unix("@app").unnamed()).isFalse();
        assertThat(Address.parse("unix:@app")).isEqualTo(Address.unix("@app"));
        assertThat(Address.unix("@app")).hasToString("unix:@app");
        assertThat(Address.unix("./@app").isAbstract()).isFalse();
        assertThatThrownBy(() -> Address.unix("@")).hasMessageContaining("not empty: write @NAME");
        assertThatThrownBy(() -> Address.unix("\0app")).hasMessageContaining("is written @NAME");
    }

    @Test
    void hasNoPathWithANul() {
        assertThatThrownBy(() -> Address.unix("/run/x\0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NUL");
    }

    @Test
    void hasAHostAndAPortInRange() {
        assertThatThrownBy(() -> Address.of("", 80)).hasMessageContaining("needs a host");
        assertThatThrownBy(() -> Address.of("a", -1)).hasMessageContaining("not -1");
        assertThatThrownBy(() -> Address.of("a", 65_536)).hasMessageContaining("not 65536");
    }

    @Test
    void isRefusedInOneLineWhateverWasToBeRead() {
        for (String text :
                List.of("7000\n", "a:80\nb", "::1\n:80", "[]\n", "[]:\u001b", ":\n", "\u202e")) {
            assertThatThrownBy(() -> Address.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\\u")
                    .message()
                    .doesNotContainPattern("[\\p{Cntrl}\u202e]");
        }
        assertThatThrownBy(() -> Address.parse("x".repeat(10_000))).message().hasSizeLessThan(300);
    }

    @Test
    void printsInOneLineAPathThatHasMore() {
        assertThat(Address.unix("/run/a\nb")).hasToString("unix:/run/a\\u000ab");
    }

    @Test
    void hasAHostThatStaysInItsLine() {
        assertThatThrownBy(() -> Address.of("a.example\nb", 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a host has no white space or control characters, \"a.example\\u000ab\" has"
                                + " one at character 10");
        assertThatThrownBy(() -> Address.parse("a b:80")).hasMessageEndingWith("at character 2");
        assertThatThrownBy(() -> Address.parse("[::1\t]:80")).hasMessageEndingWith("character 4");
        assertThatThrownBy(() -> Address.of("\u00a0a", 80)).hasMessageEndingWith("character 1");
        assertThat(Address.of("bücher.example", 80)).hasToString("bücher.example:80");
    }
}
