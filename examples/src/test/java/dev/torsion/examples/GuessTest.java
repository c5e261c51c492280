package dev.torsion.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class GuessTest {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private Process program;

    @BeforeEach
    void start() throws Exception {
        String source = Path.of(System.getProperty("basedir", "examples"), "Guess.java").toString();
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
    void playsWithTwoAtATime() throws Exception {
        String listening = program.inputReader().readLine();
        assertThat(listening).startsWith("Listening on 127.0.0.1:");
        int port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
        try (Socket one = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket other = new Socket(InetAddress.getLoopbackAddress(), port)) {
            BufferedReader first = reader(one);
            assertThat(first.readLine()).isEqualTo("I think of a number from 1 to 100.");
            BufferedReader second = reader(other);
            assertThat(second.readLine()).isEqualTo("I think of a number from 1 to 100.");
            assertThat(halve(one, first)).isBetween(1, 7);
            assertThat(halve(other, second)).isBetween(1, 7);
        }
    }

    private static BufferedReader reader(Socket socket) throws Exception {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    /// Plays, and says how many guesses it took.
    private static int halve(Socket socket, BufferedReader answers) throws Exception {
        int low = 1;
        int high = 100;
        for (int guesses = 1; ; guesses++) {
            int guess = (low + high) / 2;
            socket.getOutputStream().write((guess + "\r\n").getBytes(UTF_8));
            String answer = answers.readLine();
            if (answer.startsWith("Yes")) {
                assertThat(answer).isEqualTo("Yes, and you needed " + guesses + ".");
                assertThat(answers.readLine()).isNull();
                return guesses;
            }
            if (answer.equals("More.")) {
                low = guess + 1;
            } else {
                high = guess - 1;
            }
        }
    }
}
