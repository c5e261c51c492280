package dev.torsion.tests;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.protocols.FrameProtocol;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.NetstringProtocol;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Framings, the ends of connections and reconnection, with the real Twisted at the other end.
@OnEveryIo
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedFramingTest {
    private final NettyReactor reactor;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /// A framing and the longest message that it takes unless told otherwise.
    enum Kind {
        LINES(16_384),
        NETSTRING(99_999),
        INT8(255),
        INT16(65_535),
        INT32(99_999);

        private final int longest;

        Kind(int longest) {
            this.longest = longest;
        }

        String twisted() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        Object[] sizes() {
            return this == INT8
                    ? new Object[] {1, 0, 200, longest}
                    : new Object[] {1, 0, 1000, longest, 3};
        }
    }

    /// Any of the framings: says what it receives, sends what it is given.
    private interface Framed extends Protocol {
        void send(Bytes message);
    }

    private static Framed framed(Kind kind, Consumer<Bytes> receiver, Consumer<Framed> connected) {
        return switch (kind) {
            case LINES -> new Lines(receiver, connected);
            case NETSTRING -> new Netstrings(receiver, connected);
            case INT8 -> new Frames(LengthPrefix.INT8, receiver, connected);
            case INT16 -> new Frames(LengthPrefix.INT16, receiver, connected);
            case INT32 -> new Frames(LengthPrefix.INT32, receiver, connected);
        };
    }

    private static final class Lines extends LineProtocol implements Framed {
        private final Consumer<Bytes> receiver;
        private final Consumer<Framed> connected;

        Lines(Consumer<Bytes> receiver, Consumer<Framed> connected) {
            this.receiver = receiver;
            this.connected = connected;
        }

        @Override
        protected void connected() {
            connected.accept(this);
        }

        @Override
        protected void lineReceived(Bytes line) {
            receiver.accept(line);
        }

        @Override
        public void send(Bytes message) {
            sendLine(message);
        }
    }

    private static final class Netstrings extends NetstringProtocol implements Framed {
        private final Consumer<Bytes> receiver;
        private final Consumer<Framed> connected;

        Netstrings(Consumer<Bytes> receiver, Consumer<Framed> connected) {
            this.receiver = receiver;
            this.connected = connected;
        }

        @Override
        protected void connected() {
            connected.accept(this);
        }

        @Override
        protected void netstringReceived(Bytes string) {
            receiver.accept(string);
        }

        @Override
        public void send(Bytes message) {
            sendNetstring(message);
        }
    }

    private static final class Frames extends FrameProtocol implements Framed {
        private final Consumer<Bytes> receiver;
        private final Consumer<Framed> connected;

        Frames(LengthPrefix prefix, Consumer<Bytes> receiver, Consumer<Framed> connected) {
            super(prefix, MAX_LENGTH);
            this.receiver = receiver;
            this.connected = connected;
        }

        @Override
        protected void connected() {
            connected.accept(this);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            receiver.accept(frame);
        }

        @Override
        public void send(Bytes message) {
            sendFrame(message);
        }
    }

    /// Tells everything that happens to it.
    private class Told implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            told.add("made");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add("received " + data.utf8());
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason.getClass().getSimpleName());
        }
    }

    TwistedFramingTest(Io io) {
        reactor = RealReactor.create(io);
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    // ---- framings ----

    @ParameterizedTest
    @EnumSource
    void twistedEchoesEveryLengthOfMessage(Kind kind) throws Exception {
        List<Bytes> sent = Stream.of(kind.sizes()).map(size -> message((int) size)).toList();
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", kind.twisted())) {
            connect(
                    server.port(),
                    framed(
                            kind,
                            message -> received.add(message.utf8()),
                            framed -> sent.forEach(framed::send)));

            for (Bytes message : sent) {
                assertThat(received.take()).isEqualTo(message.utf8());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void twistedGetsEveryLengthOfMessageBack(Kind kind) throws Exception {
        int port = reactor.listenTcp(0, _ -> echo(kind)).port();
        List<Object> arguments = new ArrayList<>(List.of("send", kind.twisted(), port));
        arguments.addAll(List.of(kind.sizes()));
        List<String> expected = new ArrayList<>();
        Stream.of(kind.sizes()).forEach(size -> expected.add("same " + size));
        expected.add("lost ConnectionDone");

        try (TwistedPeer client = TwistedPeer.start("framing_peer.py", arguments.toArray())) {
            assertThat(client.linesTo("lost")).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LINES", "NETSTRING", "INT32"})
    void bothEndsRefuseTheSameLength(Kind kind) throws Exception {
        int port = reactor.listenTcp(0, _ -> echo(kind)).port();
        try (TwistedPeer client =
                TwistedPeer.start(
                        "framing_peer.py", "send", kind.twisted(), port, kind.longest + 1)) {
            assertThat(client.linesTo("lost")).singleElement().asString().startsWith("lost ");
        }
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", kind.twisted())) {
            int twisted = server.port();
            connect(twisted, tooLong(kind));
            List<String> said = server.linesTo("lost");
            assertThat(said).last().asString().startsWith("lost ");
            // Its netstrings do not tell.
            assertThat(said.subList(0, said.size() - 1))
                    .isEqualTo(kind == Kind.NETSTRING ? List.of() : List.of("too long"));
        }
    }

    /// Sends a message that is one byte too long, as raw bytes: our own refuse to.
    private Protocol tooLong(Kind kind) {
        int size = kind.longest + 1;
        String message = message(size).utf8();
        return new Told() {
            @Override
            public void connectionMade(Transport transport) {
                transport.write(
                        switch (kind) {
                            case LINES -> Bytes.utf8(message + "\r\n");
                            case NETSTRING -> Bytes.utf8(size + ":" + message + ",");
                            case INT8, INT16, INT32 -> Bytes.utf8("\0\u0001\0\0" + message);
                        });
            }
        };
    }

    @Test
    void bothEndsChangeToRawBytesAndBackInOneSegment() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", "lines")) {
            connect(server.port(), new RawThenLines());

            assertThat(told.take()).isEqualTo("raw \r\n\r\n!");
            assertThat(told.take()).isEqualTo("line after");
        }
    }

    /// Takes the first five bytes as they are, and lines behind them, as it asks the peer to do.
    private final class RawThenLines extends LineProtocol {
        private String raw = "";

        @Override
        protected void connected() {
            rawMode();
            transport().write(Bytes.utf8("raw 5\r\n\r\n\r\n!after\r\n"));
        }

        @Override
        protected int rawReceived(Bytes data) {
            int taken = Math.min(5 - raw.length(), data.size());
            raw += data.slice(0, taken).utf8();
            if (raw.length() == 5) {
                told.add("raw " + raw);
                lineMode();
            }
            return taken;
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add("line " + line.utf8());
        }
    }

    // ---- ends ----

    @Test
    void twistedReadsOurEndAndAnswersIt() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "halfclose")) {
            connect(
                    server.port(),
                    new HalfClosing() {
                        @Override
                        public void connectionMade(Transport transport) {
                            transport.write(Bytes.wrap(new byte[1_000_000]));
                            transport.loseWriteConnection();
                        }
                    });

            assertThat(server.linesTo("lost"))
                    .containsExactly("end after 1000000", "lost ConnectionDone");
            assertThat(told.take()).isEqualTo("received 1000000 bytes");
            assertThat(told.take()).isEqualTo("end");
            assertThat(told.take()).isEqualTo("lost: Done");
        }
    }

    @Test
    void weReadTwistedsEndAndAnswerIt() throws Exception {
        int port = reactor.listenTcp(0, _ -> new Counting()).port();
        try (TwistedPeer client = TwistedPeer.start("framing_peer.py", "halfclose", port)) {
            assertThat(client.linesTo("lost"))
                    .contains("received 1000000 bytes", "my end", "end")
                    .last()
                    .isEqualTo("lost ConnectionDone");
            assertThat(told.take()).isEqualTo("lost: Done");
        }
    }

    private class HalfClosing extends Told implements HalfCloseable {
        @Override
        public void readConnectionLost() {
            told.add("end");
        }
    }

    /// Counts until the peer has ended its direction, then says how much it was.
    private final class Counting extends Told implements HalfCloseable {
        private @org.jspecify.annotations.Nullable Transport transport;
        private int count;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            count += data.size();
        }

        @Override
        public void readConnectionLost() {
            Transport connection = requireNonNull(transport);
            connection.write(Bytes.utf8(count + " bytes"));
            connection.loseConnection();
        }
    }

    @Test
    void twistedsAbortIsALossAndOursIsItsLoss() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "abort")) {
            int port = server.port();
            connect(
                    port,
                    new Told() {
                        @Override
                        public void connectionMade(Transport transport) {
                            transport.write(Bytes.utf8("abort"));
                        }
                    });
            assertThat(server.line()).isEqualTo("lost ConnectionAborted");
            assertThat(told.take()).isEqualTo("lost: Lost");

            connect(
                    port,
                    new Told() {
                        @Override
                        public void connectionMade(Transport transport) {
                            transport
                                    .reactor()
                                    .callLater(Duration.ZERO, transport::abortConnection);
                        }
                    });
            assertThat(server.line()).isEqualTo("lost ConnectionLost");
            assertThat(told.take()).isEqualTo("lost: Aborted");
        }
    }

    // ---- again and again ----

    @Test
    void aClientServiceComesBackToATwistedServerThatWasKilled() throws Exception {
        TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", "lines");
        try {
            int port = server.port();
            ClientService client =
                    new ClientService(
                            reactor,
                            Connector.to(reactor, Address.of("127.0.0.1", port)),
                            _ -> new Told(),
                            ClientOptions.DEFAULT.withDelay((_, _) -> Duration.ofMillis(50)));
            var _ = client.start();
            for (int life = 0; life < 3; life++) {
                assertThat(told.take()).isEqualTo("made");
                server.kill();
                assertThat(told.take()).isIn("lost: Lost", "lost: Done");
                server = TwistedPeer.start("framing_peer.py", "echo", "lines", port);
                assertThat(server.port()).isEqualTo(port);
            }
            assertThat(told.take()).isEqualTo("made");
            client.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } finally {
            server.close();
        }
    }

    @Test
    void twistedsClientServiceComesBackToUs() throws Exception {
        ListeningPort first = reactor.listenTcp(0, _ -> new Goodbye());
        int port = first.port();
        try (TwistedPeer client = TwistedPeer.start("framing_peer.py", "service", port)) {
            assertThat(client.linesTo("lost"))
                    .containsExactly("made", "received goodbye", "lost ConnectionDone");
            assertThat(client.linesTo("lost"))
                    .containsExactly("made", "received goodbye", "lost ConnectionDone");
            first.stopListening().toCompletableFuture().get(20, TimeUnit.SECONDS);
            ListeningPort second = reactor.listen(Endpoint.tcp(port), _ -> new Goodbye());
            assertThat(client.linesTo("received goodbye")).contains("received goodbye");
            second.stopListening().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    private static final class Goodbye implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            transport.write(Bytes.utf8("goodbye"));
            transport.loseConnection();
        }
    }

    // ---- helpers ----

    private Framed echo(Kind kind) {
        Framed[] self = new Framed[1];
        Framed framed = framed(kind, message -> self[0].send(message), _ -> {});
        self[0] = framed;
        return framed;
    }

    private void connect(int port, Protocol protocol) {
        reactor.connect(Address.of("127.0.0.1", port), _ -> protocol, Duration.ofSeconds(20))
                .toCompletableFuture()
                .join();
    }

    /// As the script makes it.
    private static Bytes message(int size) {
        byte[] message = new byte[size];
        IntStream.range(0, size).forEach(i -> message[i] = (byte) (33 + (size + i) % 90));
        return Bytes.wrap(message);
    }
}
