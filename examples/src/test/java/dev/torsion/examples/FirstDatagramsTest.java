package dev.torsion.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class FirstDatagramsTest {

    @Test
    void printsAndSendsBackWhatItReceives() throws Exception {
        String source =
                Path.of(System.getProperty("basedir", "examples"), "FirstDatagrams.java")
                        .toString();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process program =
                new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), source, "0")
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader output = program.inputReader();
                DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String listening = output.readLine();
            assertThat(listening).startsWith("Listening on UDP 127.0.0.1:");
            int port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
            byte[] hello = "hello\n".getBytes(UTF_8);
            peer.send(
                    new DatagramPacket(
                            hello, hello.length, InetAddress.getLoopbackAddress(), port));
            assertThat(output.readLine())
                    .isEqualTo("127.0.0.1:" + peer.getLocalPort() + " says: hello");
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            peer.receive(answer);
            assertThat(answer.getLength()).isEqualTo(hello.length);
        } finally {
            program.destroyForcibly();
            assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
