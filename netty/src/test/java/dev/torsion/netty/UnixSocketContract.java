package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What holds for UNIX sockets and their files, however they are watched.
@Timeout(300)
abstract class UnixSocketContract {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private NettyReactor reactor;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private Path path;

    abstract ReactorOptions.Io io();

    @BeforeEach
    void start() {
        reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io()));
        path = directory.resolve("a.sock");
    }

    @AfterEach
    void stop() throws Exception {
        await(reactor.stop());
        assertThat(directory).isEmptyDirectory();
    }

    private Endpoint.Unix endpoint() {
        return Endpoint.unix(path.toString());
    }

    private ListeningPort listen(Protocol server) {
        return reactor.listen(endpoint(), _ -> server);
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private SocketChannel plain() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private void refused(Endpoint endpoint, String why) {
        assertThatThrownBy(() -> reactor.listen(endpoint, _ -> new Recorder()))
                .isInstanceOf(CannotListenException.class)
                .hasMessage("cannot listen on " + endpoint + ": " + why);
    }

    // ---- the file ----

    @Test
    void letsNobodyButTheOwnerConnectUnlessToldOtherwise() throws Exception {
        ListeningPort port = listen(new Recorder());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        await(port.stopListening());

        reactor.listen(endpoint().withMode(0462), _ -> new Recorder());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("r--rw--w-");
    }

    @Test
    void refusesASecondListenerWhileTheFirstIsAlive() throws Exception {
        Recorder server = new Recorder();
        listen(server);
        refused(endpoint(), "address already in use: somebody listens there");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path elsewhere = directory.resolve("other");
            other.bind(UnixDomainSocketAddress.of(elsewhere));
            refused(
                    Endpoint.unix(elsewhere.toString()),
                    "address already in use: somebody listens there");
            Files.delete(elsewhere);
        }
        server.transport(); // the visit of the one that was refused
    }

    @Test
    void replacesAFileThatNobodyListensOn() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        Recorder server = new Recorder();
        listen(server);
        try (SocketChannel _ = plain()) {
            server.transport();
        }
    }

    @Test
    void leavesAFileOfAnotherKindAlone() throws Exception {
        Files.writeString(path, "precious");
        refused(endpoint(), "there is a file of that name that is no socket");
        assertThat(path).hasContent("precious");
        Files.delete(path);
    }

    @Test
    void takesItsFileAwayWhenItIsClosed() throws Exception {
        ListeningPort port = listen(new Recorder());
        assertThat(path).exists();
        await(port.stopListening());
        assertThat(path).doesNotExist();
    }

    @Test
    void leavesTheFileOfItsSuccessorAlone() throws Exception {
        ListeningPort port = listen(new Recorder());
        Files.delete(path);
        Recorder successor = new Recorder();
        listen(successor);
        await(port.stopListening());
        try (SocketChannel _ = plain()) {
            successor.transport();
        }
    }

    @Test
    void saysThatAPathIsTooLong() {
        String name = "x".repeat(120);
        String tooLong = directory.resolve(name).toString();
        assertThatThrownBy(() -> reactor.listen(Endpoint.unix(tooLong), _ -> new Recorder()))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("has at most 107 bytes, and " + tooLong + " has ");
        assertThatThrownBy(() ->
                        await(reactor.connect(ClientEndpoint.unix(tooLong), _ -> new Recorder())))
                .hasMessageContaining("has at most 107 bytes, and " + tooLong + " has ");
    }

    /// Half a character is in no encoding; elsewhere than in UTF-8 it may be any other letter.
    @Test
    void saysAtOnceThatNobodyIsAtAPathThatCannotBeSpelled() {
        ClientEndpoint misspelled =
                ClientEndpoint.unix(directory + "/\ud800").withTimeout(Duration.ofDays(1));
        assertThatThrownBy(() -> await(reactor.connect(misspelled, _ -> new Recorder())))
                .hasCauseInstanceOf(ConnectFailedException.class);
    }

    @Test
    void saysThatADirectoryIsMissing() {
        Path missing = directory.resolve("no/such");
        refused(Endpoint.unix(missing.resolve("a").toString()), "there is no directory " + missing);
    }

    // ---- abstract names ----

    private static Endpoint.Unix abstractEndpoint() {
        return Endpoint.unix("@torsion-" + UUID.randomUUID());
    }

    /// Whether there are such names here; else they are refused, with what has them.
    private boolean hasAbstractNames() {
        if (reactor.io() != ReactorOptions.Io.NIO) {
            return true;
        }
        String why =
                "NIO has no abstract names of UNIX sockets: use a path, or epoll or io_uring"
                        + " (ReactorOptions.withIo), which Linux has";
        refused(abstractEndpoint(), why);
        ClientEndpoint client = ClientEndpoint.to(abstractEndpoint().address());
        assertThatThrownBy(() -> reactor.connect(client, _ -> new Recorder()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(why);
        return false;
    }

    @Test
    void listensAtAnAbstractNameOrSaysWhoCan() throws Exception {
        if (!hasAbstractNames()) {
            return;
        }
        Endpoint.Unix endpoint = abstractEndpoint();
        Recorder server = new Recorder();
        ListeningPort port = reactor.listen(endpoint, _ -> server);
        assertThat(port.address()).isEqualTo(endpoint.address());
        assertThat(Files.readAllLines(Path.of("/proc/net/unix")))
                .as("no byte more, and no byte less")
                .anyMatch(line -> line.endsWith(" " + endpoint.address().path()));
        assertThat(Path.of(endpoint.address().path())).doesNotExist();

        Recorder client = new Recorder();
        await(reactor.connect(ClientEndpoint.to(port.address()), _ -> client));
        client.onLoop(transport -> transport.write(Bytes.utf8("hello")));
        assertThat(server.received(5)).asString(UTF_8).isEqualTo("hello");
        assertThat(client.transport().peer()).isEqualTo(endpoint.address());
        assertThat(server.transport().host()).isEqualTo(endpoint.address());
    }

    @Test
    void hasAnAbstractNameOnceAndLeavesItFree() throws Exception {
        if (!hasAbstractNames()) {
            return;
        }
        Endpoint.Unix endpoint = abstractEndpoint();
        ListeningPort port = reactor.listen(endpoint, _ -> new Recorder());
        refused(endpoint, "address already in use");
        await(port.stopListening());
        ClientEndpoint client = ClientEndpoint.to(endpoint.address());
        assertThatThrownBy(() -> await(reactor.connect(client, _ -> new Recorder())))
                .hasMessageContaining("connection refused");
        assertThat(reactor.listen(endpoint, _ -> new Recorder()).address())
                .isEqualTo(endpoint.address());
        String tooLong = "@" + "x".repeat(107);
        refused(
                Endpoint.unix(tooLong),
                "the path of a UNIX socket has at most 107 bytes, and " + tooLong + " has 108");
    }

    // ---- connections ----

    @Test
    void isRefusedWhereThereIsNoSocketOrNobodyAtIt() throws Exception {
        ClientEndpoint endpoint = ClientEndpoint.unix(path.toString());
        assertThatThrownBy(() -> await(reactor.connect(endpoint, _ -> new Recorder())))
                .hasCauseInstanceOf(ConnectFailedException.class)
                .hasMessageContaining(
                        "cannot connect to unix:" + path + ": there is no such socket");
        Files.createFile(path);
        assertThatThrownBy(() -> await(reactor.connect(endpoint, _ -> new Recorder())))
                .hasMessageContaining("cannot connect to unix:" + path + ": connection refused");
        Files.delete(path);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "lets one more wait than the backlog says")
    void isRefusedWhereAsManyWaitAsMay() throws Exception {
        try (ServerSocketChannel busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(UnixDomainSocketAddress.of(path), 1);
            try (SocketChannel _ = plain();
                    SocketChannel _ = plain()) {
                ClientEndpoint endpoint = ClientEndpoint.unix(path.toString());
                assertThatThrownBy(() -> await(reactor.connect(endpoint, _ -> new Recorder())))
                        .hasMessageContaining(
                                "cannot connect to unix:%s: too many wait there to be accepted",
                                path);
            }
        }
        Files.delete(path);
    }

    @Test
    void tellsEachEndWhereTheSocketIs() throws Exception {
        Recorder server = new Recorder();
        ListeningPort port = listen(server);
        Recorder client = new Recorder();
        await(reactor.connect(ClientEndpoint.to(port.address()), _ -> client));

        Address place = Address.unix(path.toString());
        assertThat(port.address()).isEqualTo(place);
        assertThat(server.transport().host()).isEqualTo(place);
        assertThat(server.transport().peer()).hasToString("unix:");
        assertThat(client.transport().peer()).isEqualTo(place);
        assertThat(client.transport().host()).hasToString("unix:");
    }

    @Test
    void answersAPeerThatHasEndedItsDirection() throws Exception {
        byte[] sent = new byte[1024 * 1024];
        Recorder server =
                new Recorder() {
                    @Override
                    public void dataReceived(Bytes data) {
                        made.join().write(data);
                    }
                };
        listen(server);
        try (SocketChannel peer = plain()) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            ByteBuffer all = ByteBuffer.wrap(sent);
                            while (all.hasRemaining()) {
                                peer.write(all);
                            }
                            peer.shutdownOutput();
                        } catch (IOException failed) {
                            throw new AssertionError(failed);
                        }
                    });
            assertThat(Channels.newInputStream(peer).readAllBytes()).isEqualTo(sent);
        }
        assertThat(server.lost()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void sendsWhatIsBufferedBeforeItStops() throws Exception {
        Recorder server = new Recorder();
        listen(server);
        try (SocketChannel peer = plain()) {
            server.onLoop(transport -> transport.write(Bytes.wrap(new byte[4 * 1024 * 1024])));
            var _ = reactor.stop();
            assertThat(Channels.newInputStream(peer).readAllBytes()).hasSize(4 * 1024 * 1024);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void endsTheConnectionOfAnAbortedPeerWithoutWhatWasBuffered() throws Exception {
        Recorder server = new Recorder();
        listen(server);
        try (SocketChannel peer = plain()) {
            server.onLoop(transport -> {
                transport.write(Bytes.utf8("dropped"));
                transport.abortConnection();
            });
            assertThat(server.lost()).isEqualTo(new CloseReason.Aborted(null));
            assertThat(Channels.newInputStream(peer).readAllBytes()).isEmpty();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "counts the files in /proc/self/fd")
    void leavesNoFileDescriptorOpen() throws Exception {
        talk(); // what is opened once, for good
        long before = openFiles();
        for (int i = 0; i < 50; i++) {
            talk();
        }
        for (int turn = 0; turn < 1000 && openFiles() > before; turn++) {
            await(reactor.callInThread(() -> "a turn later: that is when the JDK closes sockets"));
        }
        assertThat(openFiles()).isLessThanOrEqualTo(before);
    }

    private void talk() throws Exception {
        Recorder server = new Recorder();
        ListeningPort port = listen(server);
        refused(endpoint(), "address already in use: somebody listens there");
        server.lost();
        await(port.stopListening());

        Recorder second = new Recorder();
        port = listen(second);
        Recorder client = new Recorder();
        await(reactor.connect(ClientEndpoint.to(port.address()), _ -> client));
        client.onLoop(transport -> transport.write(Bytes.utf8("hello")));
        assertThat(second.received(5)).asString(UTF_8).isEqualTo("hello");
        client.onLoop(transport -> transport.loseConnection());
        client.lost();
        second.lost();
        await(port.stopListening());
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
