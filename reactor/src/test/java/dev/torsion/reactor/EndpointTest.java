package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "tcp:4222, 127.0.0.1, 4222, 1024",
        "tcp:0, 127.0.0.1, 0, 1024",
        "tcp:4222:interface=0.0.0.0, 0.0.0.0, 4222, 1024",
        "tcp:4222:backlog=50, 127.0.0.1, 4222, 50",
        "tcp:4222:backlog=1:interface=a, a, 4222, 1",
        "'tcp:4222:interface=\\:\\:1', ::1, 4222, 1024",
        "'tcp:4222:interface=a\\\\b\\=c', 'a\\b=c', 4222, 1024",
    })
    void readsWhereToListen(String text, String host, int port, int backlog) {
        assertThat(Endpoint.parse(text)).isEqualTo(new Endpoint(Address.of(host, port), backlog));
    }

    @ParameterizedTest
    @CsvSource({
        "'', expected an endpoint such as tcp:4222",
        "4222, expected an endpoint such as tcp:4222",
        "tcp, expected an endpoint such as tcp:4222",
        "udp:4222, expected an endpoint such as tcp:4222",
        "TCP:4222, expected an endpoint such as tcp:4222",
        "tcp:, expected a port from 0 to 65535",
        "tcp:65536, expected a port from 0 to 65535",
        "tcp:4222:, expected interface=ADDRESS or backlog=NUMBER",
        "tcp:4222:interface=, expected interface=ADDRESS or backlog=NUMBER",
        "tcp:4222:interface=::1, expected interface=ADDRESS or backlog=NUMBER",
        "tcp:4222:backlog=many, expected interface=ADDRESS or backlog=NUMBER",
        "tcp:4222:backlog=-5, expected interface=ADDRESS or backlog=NUMBER",
        "tcp:4222:port=1, expected interface=ADDRESS or backlog=NUMBER",
    })
    void saysWhatIsWrong(String text, String expected) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void hasRoomForOneWaitingConnection() {
        assertThatThrownBy(() -> Endpoint.parse("tcp:1:backlog=0"))
                .hasMessageContaining("at least 1, not 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:4222",
                "tcp:4222:interface=0.0.0.0",
                "tcp:4222:interface=\\:\\:1:backlog=50",
            })
    void writesWhatItReads(String text) {
        assertThat(Endpoint.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=b", "a\\b", "a:b", "a\\:=b"})
    void readsWhatItWrites(String host) {
        Endpoint endpoint = new Endpoint(Address.of(host, 1), 7);

        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "127.8.9.10, true",
        "::1, true",
        "localhost, true",
        "0.0.0.0, false",
        "::, false",
        "127.0.0.1.example, false",
        "10.0.0.1, false",
    })
    void knowsLoopback(String host, boolean loopback) {
        assertThat(new Endpoint(Address.of(host, 1), 1).isLoopback()).isEqualTo(loopback);
    }

    @Test
    void movesToAnotherPort() {
        assertThat(Endpoint.parse("tcp:1:interface=a:backlog=5").withPort(2))
                .hasToString("tcp:2:interface=a:backlog=5");
    }
}
