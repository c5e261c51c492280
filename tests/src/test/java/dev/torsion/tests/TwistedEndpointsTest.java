package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.endpoints.Endpoints;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ReactorGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same endpoints, as text, for Twisted and for us; most of them UNIX sockets.
@OnEveryIo
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedEndpointsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private final NettyReactor reactor;
    private final Endpoints endpoints = Endpoints.standard();

    TwistedEndpointsTest(Io io) {
        reactor = RealReactor.create(io);
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /// @param text DIRECTORY stands for one of the test's own, PORT for the port
    private String in(String text, int port) {
        return text.replace("DIRECTORY", EndpointText.escaped(directory.toString()))
                .replace("PORT", Integer.toString(port));
    }

    private static final class Served extends LineProtocol implements HalfCloseable {
        @Override
        protected void lineReceived(Bytes line) {
            sendLine(Bytes.utf8("we heard " + line.utf8()));
        }

        @Override
        public void readConnectionLost() {
            sendLine(Bytes.utf8("goodbye"));
            transport().loseConnection();
        }
    }

    private static final class Guest extends LineProtocol implements HalfCloseable {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("hello"));
            transport().loseWriteConnection();
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(line.utf8());
        }

        @Override
        public void readConnectionLost() {
            told.add("its end");
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(reason.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:0:interface=127.0.0.1:backlog=5 tcp:127.0.0.1:PORT:timeout=20",
                "tcp:0:interface=\\:\\:1 tcp:\\:\\:1:PORT",
                "unix:DIRECTORY/a.sock:mode=660:backlog=5 unix:DIRECTORY/a.sock:timeout=20",
                "unix:DIRECTORY/a\\:b\\=c.sock unix:DIRECTORY/a\\:b\\=c.sock",
            })
    void bothReadTheSameTextAtBothEnds(String texts) throws Exception {
        String server = texts.substring(0, texts.indexOf(' '));
        String client = texts.substring(texts.indexOf(' ') + 1);
        try (TwistedPeer twisted = TwistedPeer.start("endpoint_peer.py", "server", in(server, 0))) {
            Guest guest = new Guest();
            endpoints
                    .client(in(client, twisted.port()))
                    .connect(reactor, _ -> guest)
                    .toCompletableFuture()
                    .join();
            assertThat(guest.told.take()).isEqualTo("twisted heard hello");
            assertThat(guest.told.take()).isEqualTo("goodbye");
            assertThat(guest.told.take()).isEqualTo("its end");
            assertThat(guest.told.take()).isEqualTo("closed cleanly");
        }
        ListeningPort port =
                endpoints.server(in(server, 0)).listen(ReactorGroup.of(reactor), _ -> new Served());
        int number = server.startsWith("tcp") ? port.port() : 0;
        try (TwistedPeer twisted =
                TwistedPeer.start("endpoint_peer.py", "client", in(client, number))) {
            assertThat(twisted.linesTo("lost"))
                    .containsExactly(
                            "heard we heard hello", "heard goodbye", "lost ConnectionDone");
        }
    }

    @Test
    void anAbstractNameIsTheSameToBoth() throws Exception {
        assumeThat(reactor.io()).as("NIO has none").isNotEqualTo(Io.NIO);
        String text = "unix:@" + directory.getFileName();
        bothReadTheSameTextAtBothEnds(text + " " + text);
    }

    @Test
    void theSocketFileHasTheSamePermissionsAndPassesFromOneToTheOther() throws Exception {
        Path path = directory.resolve("a.sock");
        String text = in("unix:DIRECTORY/a.sock:mode=640", 0);
        try (TwistedPeer twisted = TwistedPeer.start("endpoint_peer.py", "server", text)) {
            assertThat(twisted.port()).isZero();
            assertThat(permissions(path)).isEqualTo("rw-r-----");
            twisted.kill();
        }
        assertThat(path).exists();
        ListeningPort port =
                endpoints.server(text).listen(ReactorGroup.of(reactor), _ -> new Served());
        assertThat(permissions(path)).isEqualTo("rw-r-----");
        port.stopListening().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(path).doesNotExist();
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /// Asks who it is, and closes.
    private static final class Stranger extends LineProtocol {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("who am I"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(line.utf8());
            transport().loseConnection();
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(reason.getClass().getSimpleName());
        }
    }

    @Test
    void twistedsHaproxyAroundSslIsOurTlsAroundHaproxy() throws Exception {
        String text =
                "haproxy:ssl:0:interface=127.0.0.1:privateKey=%s:certKey=%s"
                        .formatted(pem("server.key"), pem("server.crt"));
        try (TwistedPeer twisted = TwistedPeer.start("endpoint_peer.py", "server", text)) {
            int port = twisted.port();
            Stranger within = new Stranger();
            reach("tls:haproxy:tcp", port, within).toCompletableFuture().join();
            assertThat(within.told.take()).isEqualTo("twisted heard 192.0.2.7:4711");
            assertThat(within.told.take()).isEqualTo("Done");

            Stranger inFront = new Stranger();
            assertThatThrownBy(reach("haproxy:tls:tcp", port, inFront).toCompletableFuture()::join)
                    .hasCauseInstanceOf(ConnectFailedException.class);
        }
    }

    private CompletionStage<Protocol> reach(String layers, int port, Stranger stranger) {
        String text =
                layers
                        + ":127.0.0.1:"
                        + port
                        + ":source=192.0.2.7\\:4711:destination=192.0.2.1\\:443"
                        + ":host=server.example:trust="
                        + pem("authority.crt");
        return endpoints.client(text).connect(reactor, _ -> stranger);
    }

    private static String pem(String name) {
        return EndpointText.escaped(TlsPeer.PEM.resolve(name).toString());
    }

    /// As much of HTTP as an answer takes.
    private static final class Web extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            if (line.isEmpty()) {
                sendLine(Bytes.utf8("HTTP/1.0 200 OK"));
                sendLine(Bytes.empty());
                sendLine(Bytes.utf8("served to " + transport().peer()));
                transport().loseConnection();
            }
        }
    }

    @Test
    void curlAsksThroughAUnixSocket() throws Exception {
        Path path = directory.resolve("web.sock");
        endpoints
                .server(in("unix:DIRECTORY/web.sock", 0))
                .listen(ReactorGroup.of(reactor), _ -> new Web());
        List<String> command =
                List.of(
                        "curl",
                        "--silent",
                        "--show-error",
                        "--unix-socket",
                        path.toString(),
                        "http://localhost/");
        try (Program curl = Program.start("on Debian: apt-get install curl", directory, command)) {
            assertThat(curl.rest().strip()).isEqualTo("served to unix:");
            assertThat(curl.exitCode()).isZero();
        }
    }
}
