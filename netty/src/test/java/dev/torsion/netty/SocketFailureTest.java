package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Errors.NativeIoException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
final class SocketFailureTest {
    @Test
    void isReadFromTheNumberOfNativesWhateverTheirText() {
        assumeThat(Epoll.isAvailable()).as("natives, which such an exception asks").isTrue();
        assertThat(SocketFailure.of(new NativeIoException("bind", -98)))
                .isEqualTo(SocketFailure.IN_USE);
        assertThat(SocketFailure.of(new NativeIoException("bind", -13)))
                .isEqualTo(SocketFailure.DENIED);
        assertThat(SocketFailure.of(new NativeIoException("connect", -11)))
                .isEqualTo(SocketFailure.BUSY);
        assertThat(SocketFailure.of(new NativeIoException("bind", -5)))
                .isEqualTo(SocketFailure.OTHER);
        assertThat(
                        SocketFailure.of(
                                new ConnectException(
                                        "finishConnect(..) failed with error(-111): nein: /127.0.0.1:1")))
                .isEqualTo(SocketFailure.REFUSED);
        assertThat(
                        SocketFailure.of(
                                new ConnectException("connect(..) failed with error(-110): nein")))
                .isEqualTo(SocketFailure.TIMED_OUT);
    }

    @Test
    void isReadFromTheClassWhereThatStandsForOne() {
        assertThat(SocketFailure.of(new NoRouteToHostException()))
                .isEqualTo(SocketFailure.NO_ROUTE);
        assertThat(SocketFailure.of(new PortUnreachableException()))
                .isEqualTo(SocketFailure.REFUSED);
        assertThat(SocketFailure.of(new FileNotFoundException())).isEqualTo(SocketFailure.NO_FILE);
    }

    @Test
    void isReadFromTheTextInEnglishAndFromTheClassInAnyLanguage() {
        assertThat(SocketFailure.of(new BindException("Address already in use")))
                .isEqualTo(SocketFailure.IN_USE);
        assertThat(SocketFailure.of(new IOException(new BindException("Permission denied"))))
                .isEqualTo(SocketFailure.DENIED);
        assertThat(SocketFailure.of(new ConnectException("Connection timed out: /127.0.0.1:1")))
                .isEqualTo(SocketFailure.TIMED_OUT);
        assertThat(SocketFailure.of(new ConnectException("Verbindungsaufbau abgelehnt")))
                .isEqualTo(SocketFailure.REFUSED);
        assertThat(SocketFailure.of(new BindException("Keine Berechtigung")))
                .isEqualTo(SocketFailure.OTHER);
    }

    @Test
    void leavesItsOwnTextToWhatIsSomethingElse() {
        BindException taken = new BindException("address already in use: somebody listens there");
        assertThat(SocketFailure.whyNotBound(taken, "")).isEqualTo(taken.getMessage());
        assertThat(
                        SocketFailure.whyNotBound(
                                new BindException("Cannot assign requested address"), "192.0.2.1"))
                .isEqualTo("this machine has no address 192.0.2.1");
    }

    @ParameterizedTest
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    @EnabledOnOs(value = OS.LINUX, disabledReason = "makes a locale as glibc's tools do")
    void isToldInTheSameWordsInAnotherLocale(ReactorOptions.Io io, @TempDir Path locales)
            throws Exception {
        RealWorld.requireHere(io);
        if (!Files.exists(Path.of("/usr/share/i18n/locales/de_DE"))
                || !Files.isExecutable(Path.of("/usr/bin/localedef"))) {
            abort("no localedef, or no sources of locales, to make a German one of");
        }
        Process made =
                new ProcessBuilder(
                                "/usr/bin/localedef",
                                "-i",
                                "de_DE",
                                "-f",
                                "UTF-8",
                                locales.resolve("de_DE.UTF-8").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        ProcessBuilder german =
                ChildJvm.of(List.of(), Failing.class, io.name(), locales.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        german.environment().put("LOCPATH", locales.toString());
        german.environment().put("LC_ALL", "de_DE.UTF-8");
        List<String> told;
        try (ChildJvm program = ChildJvm.start(german)) {
            told = program.output().lines().toList();
        }
        assertThat(told.getFirst()).isEqualTo("connection refused");
        if (io != ReactorOptions.Io.NIO) { // where the JDK's text is all there is
            assertThat(told)
                    .containsExactly(
                            "connection refused",
                            "there is no such socket",
                            "address already in use",
                            "this machine has no address 240.0.0.1",
                            "address already in use");
        }
    }

    /// Fails in several ways, and prints why.
    static final class Failing {
        private Failing() {}

        public static void main(String[] arguments) throws Exception {
            ReactorOptions.Io io = ReactorOptions.Io.valueOf(arguments[0]);
            NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
            int closed;
            try (ServerSocket socket = new ServerSocket(0)) {
                closed = socket.getLocalPort();
            }
            Address.Inet nobody = Address.of("127.0.0.1", closed);
            connect(reactor, ClientEndpoint.to(nobody));
            connect(reactor, ClientEndpoint.unix(arguments[1] + "/no.sock"));
            ListeningPort taken = reactor.listenTcp(0, _ -> null);
            listen(reactor, Endpoint.tcp(taken.port()));
            listen(reactor, Endpoint.at(Address.of("240.0.0.1", 0)));
            connect(
                    reactor,
                    ClientEndpoint.tcp(nobody).withBind(Address.of("127.0.0.1", taken.port())));
            reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        }

        private static void connect(NettyReactor reactor, ClientEndpoint endpoint) {
            try {
                var _ =
                        reactor.connect(endpoint.withTimeout(Duration.ofMinutes(1)), _ -> null)
                                .toCompletableFuture()
                                .join();
            } catch (CompletionException failed) {
                tell(failed);
            }
        }

        private static void listen(NettyReactor reactor, Endpoint endpoint) {
            try {
                var _ = reactor.listen(endpoint, _ -> null);
            } catch (CannotListenException failed) {
                tell(failed);
            }
        }

        private static void tell(Throwable failed) {
            String message = String.valueOf(failed.getMessage());
            System.out.println(message.substring(message.lastIndexOf(": ") + 2));
        }
    }
}
