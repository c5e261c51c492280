package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The samples of `docs/guides/connections.md`: they run here, and the page shows nothing else.
@Timeout(60)
final class ConnectionsGuideTest {
    private static final int PIECE = 64 << 10;
    private static final int MUCH = 4 << 20;

    static final class Count implements HalfCloseable {
        private @Nullable Transport transport;
        private long bytes;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            bytes += data.size();
        }

        @Override
        public void readConnectionLost() {
            Transport open = requireNonNull(transport);
            open.write(Bytes.utf8(bytes + "\n"));
            open.loseConnection();
        }
    }

    static final class Upload implements Protocol {
        @Override
        public void connectionMade(Transport made) {
            SocketOptions options = made.socketOptions();
            if (options != null) { // else it is no TCP
                made.setSocketOptions(options.withNoDelay(false).withDscp(8));
            }
        }
    }

    static final class Diary implements Protocol {
        private final long owner;

        Diary(long owner) {
            this.owner = owner;
        }

        @Override
        public void connectionMade(Transport made) {
            PeerCredentials peer = made.peerCredentials();
            if (peer != null && peer.uid() == owner) {
                made.write(Bytes.utf8("Dear diary\n"));
            } else { // another user, or nobody knows who
                made.abortConnection();
            }
        }
    }

    static class Side implements HalfCloseable {
        @Nullable Transport own;
        @Nullable Transport other;

        @Override
        public void connectionMade(Transport made) {
            own = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            if (!requireNonNull(other).write(data)) {
                requireNonNull(own).pauseReading();
            }
        }

        @Override
        public void writableAgain() {
            requireNonNull(other).resumeReading();
        }

        @Override
        public void readConnectionLost() {
            requireNonNull(other).loseWriteConnection();
        }

        @Override
        public void connectionLost(CloseReason reason) {
            if (other != null) {
                switch (reason) {
                    case CloseReason.Done _ -> other.loseConnection();
                    case CloseReason.Lost _, CloseReason.Aborted _, CloseReason.Failed _ ->
                            other.abortConnection();
                }
            }
        }
    }

    static final class Front extends Side {
        private final ClientEndpoint backend;
        private @Nullable CompletionStage<Protocol> connect;

        Front(ClientEndpoint backend) {
            this.backend = backend;
        }

        @Override
        public void connectionMade(Transport made) {
            super.connectionMade(made);
            made.pauseReading();
            connect = made.reactor().connect(backend, _ -> new Back(this));
            connect.whenComplete((_, failure) -> {
                if (failure != null) {
                    made.failConnection(failure);
                }
            });
        }

        @Override
        public void connectionLost(CloseReason reason) {
            requireNonNull(connect).toCompletableFuture().cancel(false);
            super.connectionLost(reason);
        }
    }

    static final class Back extends Side {
        private final Front front;

        Back(Front front) {
            this.front = front;
        }

        @Override
        public void connectionMade(Transport made) {
            super.connectionMade(made);
            other = front.own;
            front.other = made;
            requireNonNull(front.own).resumeReading();
        }
    }

    static final class Download implements Protocol {
        private final Path file;
        private @Nullable CompletionStage<Boolean> sending;
        private @Nullable Deferred<Boolean> room;

        Download(Path file) {
            this.file = file;
        }

        @Override
        public void connectionMade(Transport made) {
            sending = made.reactor().callInThread(() -> send(made));
            sending.whenComplete((_, failure) -> {
                if (failure == null) {
                    made.loseConnection();
                } else {
                    made.failConnection(failure);
                }
            });
        }

        /// In the thread.
        private boolean send(Transport to) throws Exception {
            Reactor reactor = to.reactor();
            try (InputStream in = Files.newInputStream(file)) {
                byte[] piece = in.readNBytes(PIECE);
                while (piece.length > 0) {
                    Bytes next = Bytes.wrap(piece);
                    reactor.await(Deferred.onLoop(reactor, () -> write(to, next)));
                    piece = in.readNBytes(PIECE);
                }
            }
            return true;
        }

        /// On the loop.
        private CompletionStage<Boolean> write(Transport to, Bytes piece) {
            Deferred<Boolean> written = new Deferred<>(to.reactor());
            if (to.write(piece)) {
                written.succeed(true);
            } else {
                room = written;
            }
            return written;
        }

        @Override
        public void writableAgain() {
            requireNonNull(room).succeed(true);
        }

        @Override
        public void closeAsked(Transport asked) {
            // The file is sent to its end, or to the shutdown deadline.
        }

        @Override
        public void connectionLost(CloseReason reason) {
            requireNonNull(sending).toCompletableFuture().cancel(false);
        }
    }

    /// What the test is at either end of the pipe.
    static class End implements HalfCloseable {
        @Nullable Transport transport;
        @Nullable CloseReason lost;
        long received;
        boolean readEnded;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            received += data.size();
        }

        @Override
        public void readConnectionLost() {
            readEnded = true;
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost = reason;
        }

        Transport open() {
            return requireNonNull(transport);
        }
    }

    /// Writes while there is room, until it has written much.
    static final class Source extends End {
        long written;

        @Override
        public void readConnectionLost() {
            super.readConnectionLost();
            writableAgain();
        }

        @Override
        public void writableAgain() {
            boolean room = true;
            while (room && written < MUCH) {
                written += PIECE;
                room = open().write(Bytes.wrap(new byte[PIECE]));
            }
            if (written == MUCH) {
                open().loseWriteConnection();
            }
        }
    }

    @Nested
    class Pipes {
        private final MemoryNetwork network = new MemoryNetwork(1);
        private final Source server = new Source();
        private final End client = new End();

        /// A client, the proxy, and if wanted a server behind it.
        private void connect(boolean withServer) {
            if (withServer) {
                network.reactor("server")
                        .listen(Endpoint.parse("tcp:7000:interface=server"), _ -> server);
            }
            proxy(network.reactor("proxy"), "tcp:8000:interface=proxy", "tcp:server:7000");
            var _ =
                    network.reactor("client")
                            .connect(ClientEndpoint.parse("tcp:proxy:8000"), _ -> client);
            network.runUntilIdle();
        }

        private static void proxy(Reactor reactor, String door, String backend) {
            reactor.listen(Endpoint.parse(door), _ -> new Front(ClientEndpoint.parse(backend)));
        }

        private void asClient(Runnable action) {
            client.open().reactor().callFromThread(action);
            network.runUntilIdle();
        }

        @Test
        void passHalvesOnAndHoldNoMoreThanMarks() {
            connect(true);
            asClient(() -> {
                client.open().pauseReading();
                client.open().write(Bytes.utf8("question"));
                client.open().loseWriteConnection();
            });
            assertThat(server.received).isEqualTo("question".length());
            assertThat(server.readEnded).isTrue();
            assertThat(server.written).isPositive().isLessThan(MUCH / 4);

            asClient(() -> client.open().resumeReading());
            assertThat(client.received).isEqualTo(MUCH);
            assertThat(client.readEnded).isTrue();
            assertThat(client.lost).isEqualTo(new CloseReason.Done());
            assertThat(server.lost).isEqualTo(new CloseReason.Done());
        }

        @Test
        void passBreaksOn() {
            connect(true);
            asClient(() -> client.open().abortConnection());
            assertThat(server.lost).isInstanceOf(CloseReason.Lost.class);
        }

        @Test
        void failWithTheirBackend() {
            connect(false);
            assertThat(client.lost).isInstanceOf(CloseReason.Lost.class);
        }
    }

    @Nested
    class LargeFiles {
        private final ManualReactor reactor = new ManualReactor();
        private final byte[] content = new byte[MUCH];

        @TempDir
        @SuppressWarnings("NullAway.Init") // by JUnit
        private Path directory;

        @SuppressWarnings("NullAway.Init")
        private Path file;

        @BeforeEach
        void write() throws IOException {
            new Random(1).nextBytes(content);
            file = Files.write(directory.resolve("file"), content);
        }

        private MemoryTransport toASlowPeer(Protocol protocol) {
            MemoryTransport transport = MemoryTransport.connect(reactor, protocol);
            transport.writable(false);
            reactor.runUntilIdle();
            return transport;
        }

        private void areSentWithinMarks(Protocol protocol) {
            MemoryTransport transport = toASlowPeer(protocol);
            assertThat(transport.pendingBytes())
                    .isBetween((long) PIECE, (long) WriteMarks.DEFAULT.high() + PIECE);

            transport.writable(true);
            reactor.runUntilIdle();
            assertThat(transport.takeWritten().toArray()).isEqualTo(content);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
            assertThat(reactor.failures()).isEmpty();
        }

        @Test
        void areSentByAProtocol() {
            areSentWithinMarks(new Download(file));
        }

        @Test
        void areSentByAConversation() {
            ProtocolFactory downloads =
                    Conversation.over(
                            Framing.bytes(),
                            peer -> {
                                try (InputStream in = Files.newInputStream(file)) {
                                    byte[] piece = in.readNBytes(PIECE);
                                    while (piece.length > 0) {
                                        peer.send(Bytes.wrap(piece));
                                        piece = in.readNBytes(PIECE);
                                    }
                                }
                            });
            areSentWithinMarks(
                    requireNonNull(downloads.buildProtocol(Address.of("192.0.2.1", 1000))));
        }

        @Test
        void areGivenUpWithTheConnection() {
            Download download = new Download(file);
            MemoryTransport transport = toASlowPeer(download);
            transport.peerReset();
            reactor.runUntilIdle();
            assertThat(requireNonNull(download.sending).toCompletableFuture()).isCancelled();
            assertThat(transport.closeReason()).isInstanceOf(CloseReason.Lost.class);
            assertThat(reactor.failures()).isEmpty();
        }

        @Test
        void areTheReasonIfTheyCannotBeRead() {
            MemoryTransport transport = toASlowPeer(new Download(directory.resolve("none")));
            assertThat(transport.closeReason())
                    .isInstanceOfSatisfying(
                            CloseReason.Failed.class,
                            failed ->
                                    assertThat(failed.cause())
                                            .isInstanceOf(NoSuchFileException.class));
        }
    }

    @Test
    void changesTheOptionsOfAnOpenConnection() {
        var transport = MemoryTransport.connect(new Upload());
        assertThat(transport.socketOptions())
                .isEqualTo(SocketOptions.DEFAULT.withNoDelay(false).withDscp(8));
    }

    @Test
    void servesItsOwnUserAlone() {
        assertThat(diaryReadBy(new PeerCredentials(1000, 1000, 4711))).isEqualTo("Dear diary\n");
        assertThat(diaryReadBy(new PeerCredentials(1001, 1000, 4711))).isEmpty();
        assertThat(MemoryTransport.connect(new Diary(1000)).isAborted()).isTrue();
    }

    private static String diaryReadBy(PeerCredentials reader) {
        ManualReactor reactor = new ManualReactor();
        reactor.credentials(reader);
        Address socket = Address.unix("/run/diary.sock");
        return MemoryTransport.connect(reactor, new Diary(1000), Address.unix(""), socket)
                .takeWrittenText();
    }

    @Test
    void answersAtThePeersEnd() {
        var transport = MemoryTransport.connect(new Count());
        transport.receiveOneByOne(Bytes.utf8("hello"));
        transport.peerClosed();
        assertThat(transport.takeWrittenText()).isEqualTo("5\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void thePageShowsNothingElse() throws IOException {
        Guide.showsOnlyWhatRuns("connections.md", "ConnectionsGuideTest.java");
    }
}
