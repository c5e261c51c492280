package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import java.io.BufferedReader;
import java.io.File;
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
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            silent = socket.socket()
            link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
            passed = [tcp, unix, datagrams, silent, link]
            print("port", tcp.getsockname()[1], flush=True)
            for number, each in enumerate(passed):
                os.dup2(each.fileno(), 100 + number)
            for number in range(len(passed)):
                os.dup2(100 + number, 3 + number)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="5")
            os.environ.update(LISTEN_FDNAMES="web:admin:datagrams:silent:link")
            os.execv(sys.argv[2], sys.argv[2:])
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private ChildJvm launch(ReactorOptions.Io io) throws IOException {
        return launch(Activated.class, io);
    }

    private ChildJvm launch(Class<?> main, ReactorOptions.Io io) throws IOException {
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
                ChildJvm.launched(launcher, main, io.name()).redirectErrorStream(true));
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
            greetBoth(port);
        }
    }

    @Test
    void servesOnSocketsByTheNumbersOfTheirDescriptors() throws Exception {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
        try (ChildJvm program = launch(Numbered.class, ReactorOptions.Io.EPOLL)) {
            BufferedReader output = program.output();
            int port = Integer.parseInt(output.readLine().substring("port ".length()));
            assertThat(output.readLine()).isEqualTo("3 at 127.0.0.1:" + port);
            assertThat(output.readLine()).isEqualTo("4 at unix:");
            assertThat(output.readLine()).isEqualTo("3 again at 127.0.0.1:" + port);
            greetBoth(port);
        }
    }

    private void greetBoth(int port) throws IOException {
        for (int i = 0; i < 3; i++) {
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                peer.getOutputStream().write("hello".getBytes(UTF_8));
                assertThat(peer.getInputStream().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
            }
            UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("a.sock"));
            try (SocketChannel peer = SocketChannel.open(path)) {
                peer.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
                assertThat(Channels.newInputStream(peer).readNBytes(5))
                        .asString(UTF_8)
                        .isEqualTo("hello");
            }
        }
    }

    @Test
    void saysWhatToUseWhereItCannot() throws Exception {
        refuses(Activated.class, ReactorOptions.Io.NIO, "systemd:name=web");
        refuses(Numbered.class, ReactorOptions.Io.NIO, "descriptor:3");
    }

    @Test
    void saysWhatToUseWithIoUring() throws Exception {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
        refuses(Numbered.class, ReactorOptions.Io.IO_URING, "descriptor:3");
    }

    private void refuses(Class<?> main, ReactorOptions.Io io, String endpoint) throws IOException {
        try (ChildJvm program = launch(main, io)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).startsWith("port ");
            assertThat(output.readLine())
                    .isEqualTo(
                            "cannot listen on "
                                    + endpoint
                                    + ": only epoll can take over a socket that was opened before:"
                                    + " use ReactorOptions.withIo(ReactorOptions.Io.EPOLL)");
        }
        Files.delete(directory.resolve("a.sock"));
    }

    @Test
    void refusesWhatIsOfAnotherKind() throws Exception {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
        try (ChildJvm program = launch(Misused.class, ReactorOptions.Io.EPOLL)) {
            assertThat(program.output().lines().skip(1))
                    .containsExactly(
                            "cannot listen on systemd:name=admin: what was passed is a UNIX socket:"
                                    + " say domain=unix",
                            "cannot listen on systemd:name=web:domain=unix: what was passed is no"
                                    + " UNIX socket, as domain=unix says",
                            "cannot listen on systemd:name=datagrams: what was passed carries"
                                    + " datagrams, not streams",
                            "cannot listen on systemd:name=silent: what was passed is a socket that"
                                    + " does not listen",
                            "cannot listen on descriptor:5: what was passed carries datagrams, not"
                                    + " streams",
                            "cannot listen on descriptor:6: what was passed is a socket that does"
                                    + " not listen",
                            "cannot listen on descriptor:1: what was passed is no socket",
                            "cannot listen on descriptor:7: what was passed is neither a TCP nor a"
                                    + " UNIX socket, but of the address family 16",
                            "cannot listen on descriptor:999999: file descriptor 999999 is not open,"
                                    + " or no other is free",
                            "as many files are open as before");
        }
    }

    static final class Misused {
        private Misused() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor =
                    NettyReactor.create(
                            ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.valueOf(arguments[0])));
            refuse(reactor, "systemd:name=admin");
            int before = openFiles();
            refuse(reactor, "systemd:name=web:domain=unix");
            refuse(reactor, "systemd:name=datagrams");
            refuse(reactor, "systemd:name=silent");
            refuse(reactor, "descriptor:5");
            refuse(reactor, "descriptor:6");
            refuse(reactor, "descriptor:1");
            refuse(reactor, "descriptor:7");
            refuse(reactor, "descriptor:999999");
            System.out.println(
                    openFiles() == before
                            ? "as many files are open as before"
                            : "files are left open");
            System.exit(0);
        }

        private static int openFiles() {
            return requireNonNull(new File("/proc/self/fd").list()).length;
        }

        private static void refuse(NettyReactor reactor, String endpoint) {
            try {
                reactor.listen(Endpoint.parse(endpoint), _ -> new Echo());
            } catch (CannotListenException failed) {
                System.out.println(failed.getMessage());
            }
        }
    }

    static final class Activated {
        private Activated() {}

        public static void main(String[] arguments) {
            serve(
                    ReactorOptions.Io.valueOf(arguments[0]),
                    "web",
                    "systemd:name=web",
                    "admin",
                    "systemd:index=1:domain=UNIX");
        }
    }

    static final class Numbered {
        private Numbered() {}

        public static void main(String[] arguments) {
            serve(
                    ReactorOptions.Io.valueOf(arguments[0]),
                    "3",
                    "descriptor:3",
                    "4",
                    "descriptor:4");
        }
    }

    /// Opens both, and the first once more, and says where it is.
    private static void serve(
            ReactorOptions.Io io, String tcpName, String tcp, String unixName, String unix) {
        NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
        try {
            ListeningPort first = open(reactor, tcp);
            System.out.println(tcpName + " at " + first.address());
            System.out.println(unixName + " at " + open(reactor, unix).address());
            first.stopListening().toCompletableFuture().join();
            System.out.println(tcpName + " again at " + open(reactor, tcp).address());
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
