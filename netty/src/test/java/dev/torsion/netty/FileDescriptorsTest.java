package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// A process of its own, because it uses up every file descriptor it may have.
@Timeout(60)
final class FileDescriptorsTest {

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "limits file descriptors with a shell's ulimit")
    void acceptsAgainWhenThereAreFileDescriptorsAgain() throws Exception {
        Process program =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "ulimit -n 200 && exec \"$0\" --enable-native-access=ALL-UNNAMED"
                                        + " -cp \"$1\" \"$2\"",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                System.getProperty("java.class.path"),
                                Hungry.class.getName())
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader output = program.inputReader()) {
            assertThat(output.readLine())
                    .contains("cannot accept connections")
                    .contains("Too many open files");
            program.getOutputStream().write('\n');
            program.getOutputStream().flush();
            assertThat(output.readLine()).contains("accepts connections again");
            assertThat(output.readLine()).isEqualTo("accepted");
        } finally {
            program.destroyForcibly();
            assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    static final class Hungry {
        private Hungry() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = NettyReactor.create();
            Recorder server = new Recorder();
            int port = reactor.listenTcp(0, _ -> server).port();
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (Socket client = new Socket()) {
                client.setTcpNoDelay(
                        true); // makes the socket: connecting needs no more descriptors
                List<InputStream> eaten = eatAll();
                client.connect(address);
                System.in.read();
                for (InputStream file : eaten) {
                    file.close();
                }
                server.transport();
                System.out.println("accepted");
            }
        }

        private static List<InputStream> eatAll() {
            List<InputStream> eaten = new ArrayList<>();
            try {
                while (true) {
                    eaten.add(new FileInputStream(new File("/dev/null")));
                }
            } catch (IOException noMore) {
                return eaten;
            }
        }
    }
}
