package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.netty.ReactorOptions.Io;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(300)
final class SocketsChoiceTest {
    private final Throwable cause =
            new IllegalStateException("failed", new IllegalStateException("not permitted"));

    @Test
    void isToldByTheReactor() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(Io.NIO).withThreadName("loop"));
        assertThat(reactor.io()).isEqualTo(Io.NIO);
        assertThat(reactor).hasToString("loop (NIO)");
        reactor.stop().toCompletableFuture().get();
    }

    @Test
    void isTheBestThatWorks() {
        SocketsChoice choice = SocketsChoice.of(Io.AUTO);
        List<Io> best = new ArrayList<>(List.of(Io.IO_URING, Io.EPOLL, Io.NIO));
        assertThat(choice.sockets().io()).isEqualTo(best.get(choice.passedOver().size()));
    }

    @Test
    void needsAnArtifactForEachMachine() {
        assertThat(SocketsChoice.why(Io.EPOLL, "Linux", "s390x", cause))
                .isEqualTo(
                        "epoll needs io.netty:netty-transport-native-epoll (classifier linux-s390x)"
                                + " on the class path");
        assertThat(SocketsChoice.why(Io.IO_URING, "Linux", "aarch64", cause))
                .contains("io.netty:netty-transport-native-io_uring (classifier linux-aarch_64)");
    }

    @Test
    void hasNothingNativeElsewhereThanOnLinux() {
        assertThat(SocketsChoice.why(Io.EPOLL, "Mac OS X", "aarch64", cause))
                .isEqualTo("epoll is of Linux, and this is Mac OS X");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void saysWhatTheKernelSaysIfTheLibraryIsThere() {
        assertThat(SocketsChoice.why(Io.EPOLL, "Linux", "amd64", cause))
                .isEqualTo("epoll cannot be used here: not permitted");
        assertThat(SocketsChoice.why(Io.IO_URING, "Linux", "amd64", cause))
                .isEqualTo("io_uring cannot be used here: not permitted");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void saysInOneLineWhatIsNotOnTheClassPath() throws Exception {
        String uring =
                "io_uring needs io.netty:netty-transport-native-io_uring (classifier linux-x86_64)"
                        + " on the class path";
        String epoll = uring.replace("io_uring", "epoll");
        for (String without : List.of("netty-transport-(native|classes)-", "-linux-x86_64")) {
            assertThat(logged(without, "AUTO"))
                    .singleElement()
                    .asString()
                    .endsWith("reactor watches its sockets with NIO; " + uring + "; " + epoll);
            assertThat(logged(without, "EPOLL")).first().asString().endsWith(epoll);
            assertThat(logged(without, "IO_URING")).first().asString().endsWith(uring);
        }
    }

    @Test
    void refusesWhatCannotBeHad() {
        for (Io io : List.of(Io.EPOLL, Io.IO_URING)) {
            try {
                SocketsChoice.of(io);
            } catch (IllegalStateException absent) {
                assertThatThrownBy(() -> NettyReactor.create(ReactorOptions.DEFAULT.withIo(io)))
                        .hasMessage(absent.getMessage())
                        .hasMessageStartingWith(io.text());
            }
        }
    }

    /// What a program says that makes a reactor, on a class path without some of the jars.
    private static List<String> logged(String without, String io) throws Exception {
        List<String> jars =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(jar -> !jar.matches(".*" + without + ".*"))
                        .toList();
        ProcessBuilder logging =
                ChildJvm.of(
                        List.of(
                                "-Dorg.slf4j.simpleLogger.log.dev.torsion.netty=debug",
                                "-cp",
                                String.join(File.pathSeparator, jars)),
                        Program.class,
                        io);
        try (ChildJvm program = ChildJvm.start(logging.redirectErrorStream(true))) {
            return program.output().lines().toList();
        }
    }

    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            NettyReactor.create(ReactorOptions.DEFAULT.withIo(Io.valueOf(arguments[0])));
        }
    }
}
