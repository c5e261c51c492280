package dev.torsion.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class FirstReactorTest {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private Process program;

    @BeforeEach
    void start() throws Exception {
        String source =
                Path.of(System.getProperty("basedir", "examples"), "FirstReactor.java").toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        program =
                new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), source, "0")
                        .redirectErrorStream(true)
                        .start();
    }

    @AfterEach
    void end() throws Exception {
        program.destroyForcibly();
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void printsWhatHappensOnAConnectionAndNothingElse() throws Exception {
        try (BufferedReader output = program.inputReader()) {
            String listening = output.readLine();
            assertThat(listening).startsWith("Listening on 127.0.0.1:");
            int port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(output.readLine()).isEqualTo("Connection made");
                peer.getOutputStream().write("Hello\r\n".getBytes(UTF_8));
                assertThat(output.readLine()).isEqualTo("Data received: Hello");
            }
            assertThat(output.readLine()).isEqualTo("Connection lost: closed cleanly");
        }
    }
}
