package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Endpoint;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SystemdSocketsTest {
    private static final Map<String, String> THREE =
            Map.of("LISTEN_PID", "7", "LISTEN_FDS", "3", "LISTEN_FDNAMES", "web:admin:web");

    private static int find(String endpoint, Map<String, String> environment) throws IOException {
        return SystemdSockets.find((Endpoint.Systemd) Endpoint.parse(endpoint), environment, 7);
    }

    private static void fails(Map<String, String> environment, String endpoint, String why) {
        assertThatThrownBy(() -> find(endpoint, environment))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void countsFromTheThirdDescriptor() throws IOException {
        assertThat(find("systemd", THREE)).isEqualTo(3);
        assertThat(find("systemd:index=2", THREE)).isEqualTo(5);
    }

    @Test
    void findsNames() throws IOException {
        assertThat(find("systemd:name=admin", THREE)).isEqualTo(4);
        assertThat(find("systemd:name=web", THREE)).isEqualTo(3);
        assertThat(find("systemd:name=web:index=1", THREE)).isEqualTo(5);
    }

    @Test
    void callsASocketWithoutANameUnknown() throws IOException {
        Map<String, String> nameless = Map.of("LISTEN_PID", "7", "LISTEN_FDS", "1");
        assertThat(find("systemd:name=unknown", nameless)).isEqualTo(3);
    }

    @Test
    void saysWhatThereIsWhenNothingFits() {
        fails(THREE, "systemd:name=ftp", "no such socket was passed; there are [web, admin, web]");
        fails(THREE, "systemd:index=3", "no such socket was passed; there are [web, admin, web]");
    }

    @Test
    void saysThatNothingWasPassed() {
        fails(Map.of(), "systemd", "LISTEN_FDS and LISTEN_PID are not set");
    }

    @Test
    void leavesTheSocketsOfAnotherProcessAlone() {
        Map<String, String> other = Map.of("LISTEN_PID", "8", "LISTEN_FDS", "1");
        fails(other, "systemd", "passed to process 8 (LISTEN_PID), and this is 7");
    }

    @Test
    void wantsANumberOfSockets() {
        Map<String, String> odd = Map.of("LISTEN_PID", "7", "LISTEN_FDS", "-1");
        fails(odd, "systemd", "expected a number from 0 to 9999 in LISTEN_FDS, not \"-1\"");
    }
}
