package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientEndpointTest {
    @Test
    void readsWhereToConnect() {
        ClientEndpoint.Tcp plain = ClientEndpoint.tcp(Address.of("a.example", 80));
        assertThat(ClientEndpoint.parse("tcp:a.example:80")).isEqualTo(plain);
        assertThat(plain.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(plain.bind()).isNull();
        assertThat(plain.options()).isEqualTo(SocketOptions.DEFAULT);
        assertThat(ClientEndpoint.parse("tcp:\\:\\:1:80:timeout=0.25"))
                .isEqualTo(
                        ClientEndpoint.tcp(Address.of("::1", 80))
                                .withTimeout(Duration.ofMillis(250)));
        assertThat(ClientEndpoint.parse("unix:/run/a.sock:timeout=5"))
                .isEqualTo(ClientEndpoint.unix("/run/a.sock").withTimeout(Duration.ofSeconds(5)));
    }

    @Test
    void readsHowThisEndIsBoundAndSetUp() {
        assertThat(
                        ClientEndpoint.parse(
                                "tcp:a:80:bind=192.0.2.1:bind-port=5000:no-delay=false:keep-alive=true"))
                .isEqualTo(
                        ClientEndpoint.tcp(Address.of("a", 80))
                                .withBind(Address.of("192.0.2.1", 5000))
                                .withOptions(
                                        SocketOptions.DEFAULT
                                                .withNoDelay(false)
                                                .withKeepAlive(SocketOptions.KeepAlive.DEFAULT)));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'expected a place to connect to such as tcp:a.example:4222 or unix:/run/app.sock, not nothing (column 1'",
        "udp:a:1, 'not \"udp\" (column 1'",
        "tcp, 'expected a host, not the end (column 4'",
        "tcp:a, 'expected a port from 1 to 65535, not the end (column 6'",
        "tcp:\\:\\:1, 'expected a port from 1 to 65535, not the end (column 10'",
        "tcp:a:0, 'expected a port from 1 to 65535, not \"0\" (column 7'",
        "tcp:, 'expected a host, not nothing (column 5'",
        "tcp:a:80:timeout=soon, 'expected timeout= with seconds such as 30 or 0.5, not \"soon\" (column 10'",
        "tcp:a:80:timeout=0.000, 'expected timeout= with more than no seconds'",
        "tcp:a:80:bind-port=5, 'bind-port= needs a bind= with the address beside it'",
        "tcp:a:80:interface=b, 'expected nothing more but bind=, bind-port=, dscp=, keep-alive=, keep-alive-count=, keep-alive-idle=, keep-alive-interval=, no-delay=, receive-buffer=, reuse-address=, send-buffer=, timeout=, user-timeout=, not \"interface=b\" (column 10'",
        "tcp:a:80:timout=5, 'expected timeout=, not \"timout=5\" (column 10'",
        "tcp:a:80:bind=b.example, 'expected bind= with an address of this machine such as 192.0.2.1 or \\:\\:1, not the name \"b.example\" (column 10'",
        "unix, 'expected the path of a socket'",
        "unix:/a:mode=600, 'expected nothing more but timeout=, not \"mode=600\" (column 9'",
    })
    void saysWhatIsWrong(String text, String expected) {
        Misread.says(ClientEndpoint::parse, text, expected);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://a.example:80, 'expected a host, not \"//a.example:80\" (column 5', tcp:a.example:80",
        "tcp:[::1]:7900:timeout=5, 'expected a host, not \"[::1]:7900\" (column 5', 'tcp:\\:\\:1:7900:timeout=5'",
        "tcp:::1:7900, 'expected a host, not \"::1:7900\" (column 5', 'tcp:\\:\\:1:7900'",
        "tcp:80, 'expected a host, not \"80\" (column 5', tcp:localhost:80",
        "tcp::80, 'expected a host, not \":80\" (column 5', tcp:localhost:80",
        "tcp:port=80, 'expected a host, not \"port=80\" (column 5', tcp:localhost:80",
        "tcp:port=80:host=a, 'expected a host, not \"port=80:host=a\" (column 5', tcp:a:80",
        "tcp:host=a:port=80, 'expected a host, not \"host=a:port=80\" (column 5', tcp:a:80",
        "tcp:a:port=80, 'expected a host, not \"a:port=80\" (column 5', tcp:a:80",
        "localhost:80, 'or unix:/run/app.sock, not \"localhost\" (column 1', tcp:localhost:80",
        "80, 'or unix:/run/app.sock, not \"80\" (column 1', tcp:localhost:80",
        ":80, 'or unix:/run/app.sock, not \":80\" (column 1', tcp:localhost:80",
        "80:timeout=5, 'not \"80\" (column 1', tcp:localhost:80:timeout=5",
        "http://a.example:80/, 'not \"http\" (column 1', tcp:a.example:80",
    })
    void saysHowAHostAndAPortAreWritten(String text, String expected, String instead) {
        Misread.cures(ClientEndpoint::parse, text, expected, "write " + instead);
        assertThat(ClientEndpoint.parse(instead).address().toString()).doesNotContain("/", "[[");
    }

    @ParameterizedTest
    @CsvSource({
        "ssl:80, write tls:localhost:80",
        "\\s\\sl:80, write tls:localhost:80",
        "https:a:443, write tls:a:443",
        "https://a:443/, write tls:a:443",
        "https://a/b, https: is tls: here",
    })
    void saysWhereTlsIsFound(String text, String cure) {
        Misread.cures(
                ClientEndpoint::parse,
                text,
                "expected a place to connect to such as tcp:a.example:4222",
                cure
                        + "; tls: and haproxy: are layers: read them with Endpoints.standard()"
                        + " of torsion-protocols");
    }

    @Test
    void bindsToNumbersOfEitherKind() {
        for (String host : List.of("192.0.2.1", "\\:\\:1", "fe80\\:\\:1%eth0")) {
            assertThat(ClientEndpoint.parse("tcp:a:80:bind=" + host))
                    .hasToString("tcp:a:80:bind=" + host);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:a:80",
                "tcp:\\:\\:1:80:timeout=0.250:bind=\\:\\:1:bind-port=1:no-delay=false",
                "unix:/a:timeout=5",
                "unix:/a\\=b",
            })
    void writesWhatItReads(String text) {
        assertThat(ClientEndpoint.parse(text)).hasToString(text);
    }

    @Test
    void goesToAnyAddress() {
        assertThat(ClientEndpoint.to(Address.of("a", 1))).hasToString("tcp:a:1");
        assertThat(ClientEndpoint.to(Address.unix("/a"))).hasToString("unix:/a");
    }

    @Test
    void hasSomeTime() {
        assertThatThrownBy(() -> ClientEndpoint.unix("/a").withTimeout(Duration.ZERO))
                .hasMessageContaining("must be positive");
    }

    @Test
    void saysWhereAnAddressIsThatCannotBe() {
        assertThatThrownBy(() -> ClientEndpoint.parse("tcp:a\nb:80"))
                .hasMessage(
                        "a host has no white space or control characters, \"a\\u000ab\" has one at"
                                + " character 2 (column 5 of \"tcp:a\\u000ab:80\")");
        assertThatThrownBy(() -> ClientEndpoint.parse("tcp:a:80:bind=\t"))
                .hasMessageContaining("(column 10 of");
        assertThatThrownBy(() -> ClientEndpoint.parse("unix:@:timeout=5"))
                .hasMessage(
                        "an abstract name is not empty: write @NAME"
                                + " (column 6 of \"unix:@:timeout=5\")");
    }
}
