package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process that is given its sockets by the one before it, which opens them as systemd does:
/// blocking, from file descriptor 3 on, with the variables of `sd_listen_fds`.
@Timeout(300)
@EnabledOnOs(value = OS.LINUX, disabledReason = "takes sockets over by their Linux descriptors")
final class SystemdActivationTest {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /// `argv`: the path of the UNIX socket, then the program.
    private static final String LAUNCHER =
            """
            import os, socket, sys
            tcp = socket.create_server(("127.0.0.1", 0))
            unix = socket.socket(socket.AF_UNIX)
            unix.bind(sys.argv[1])
            unix.listen()
            print("port", tcp.getsockname()[1], flush=True)
            for number, fd in enumerate([tcp.fileno(), unix.fileno()]):
                os.dup2(fd, 100 + number)
            os.dup2(100, 3)
            os.dup2(101, 4)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="web:admin")
            os.execv(sys.argv[2], sys.argv[2:])
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private ChildJvm launch(ReactorOptions.Io io) throws IOException {
        if (!Files.isExecutable(PYTHON)) {
            String why = "no " + PYTHON + "; on Debian: apt-get install python3";
            if ("require".equals(System.getenv("TORSION_INTEROP"))) {
                fail(why);
            }
            abort(why);
        }
        String path = directory.resolve("a.sock").toString();
        List<String> launcher = List.of(PYTHON.toString(), "-c", LAUNCHER, path);
        return ChildJvm.start(
                ChildJvm.launched(launcher, Activated.class, io.name()).redirectErrorStream(true));
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "AUTO"})
    void servesOnTheSocketsThatItIsGiven(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
        try (ChildJvm program = launch(io)) {
            BufferedReader output = program.output();
            int port = Integer.parseInt(output.readLine().substring("port ".length()));
            assertThat(output.readLine()).isEqualTo("web at 127.0.0.1:" + port);
            assertThat(output.readLine()).isEqualTo("admin at unix:");
            assertThat(output.readLine()).isEqualTo("web again at 127.0.0.1:" + port);
            for (int i = 0; i < 3; i++) {
                try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    peer.getOutputStream().write("hello".getBytes(UTF_8));
                    assertThat(peer.getInputStream().readNBytes(5))
                            .asString(UTF_8)
                            .isEqualTo("hello");
                }
                UnixDomainSocketAddress path =
                        UnixDomainSocketAddress.of(directory.resolve("a.sock"));
                try (SocketChannel peer = SocketChannel.open(path)) {
                    peer.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
                    assertThat(Channels.newInputStream(peer).readNBytes(5))
                            .asString(UTF_8)
                            .isEqualTo("hello");
                }
            }
        }
    }

    @Test
    void saysWhatToUseWhereItCannot() throws Exception {
        try (ChildJvm program = launch(ReactorOptions.Io.NIO)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).startsWith("port ");
            assertThat(output.readLine())
                    .isEqualTo(
                            "cannot listen on systemd:name=web: only epoll can take over a socket"
                                    + " that was opened before: use"
                                    + " ReactorOptions.withIo(ReactorOptions.Io.EPOLL)");
        }
    }

    static final class Activated {
        private Activated() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor =
                    NettyReactor.create(
                            ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.valueOf(arguments[0])));
            try {
                ListeningPort web = open(reactor, "systemd:name=web");
                System.out.println("web at " + web.address());
                ListeningPort admin = open(reactor, "systemd:index=1:domain=UNIX");
                System.out.println("admin at " + admin.address());
                web.stopListening().toCompletableFuture().join();
                System.out.println("web again at " + open(reactor, "systemd:name=web").address());
            } catch (CannotListenException failed) {
                System.out.println(failed.getMessage());
                return;
            }
            reactor.run();
        }

        private static ListeningPort open(NettyReactor reactor, String endpoint) {
            return reactor.listen(Endpoint.parse(endpoint), _ -> new Echo());
        }
    }
}
