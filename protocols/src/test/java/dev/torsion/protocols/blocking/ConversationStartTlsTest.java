package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Conversations that go on over TLS in mid-stream.
@Timeout(60)
final class ConversationStartTlsTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();
    private TlsServer server;
    private TlsClient client;

    @BeforeEach
    void readCertificates() throws IOException {
        assertThat(ManualReactor.canWait()).isTrue();
        server =
                new TlsServer(
                        TlsServerOptions.of(
                                TlsIdentity.read(
                                        PEM.resolve("server.crt"), PEM.resolve("server.key"))));
        client =
                new TlsClient(
                        TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt"))));
    }

    @AfterEach
    void nothingThrew() {
        assertThat(reactor.failures()).isEmpty();
    }

    private void tell(String who, BlockingConnection<?> peer, @Nullable Bytes what) {
        String how = peer.tlsSession() == null ? ": " : " securely: ";
        told.add(who + how + (what == null ? "end" : what.utf8()));
    }

    /// Answers each message, and goes on over TLS when asked to.
    private void serve(BlockingConnection<Bytes> peer) throws Exception {
        for (Bytes said = peer.receive(); said != null; said = peer.receive()) {
            tell("server", peer, said);
            if (said.utf8().equals("STARTTLS")) {
                peer.startTls(Bytes.utf8("220"), server.layer());
            } else {
                peer.send(Bytes.utf8("250 " + said.utf8()));
            }
        }
        tell("server", peer, null);
    }

    private void ask(BlockingConnection<Bytes> peer) throws Exception {
        for (String word : List.of("EHLO", "STARTTLS", "AUTH", "QUIT")) {
            peer.send(Bytes.utf8(word));
            Bytes answer = requireNonNull(peer.receive());
            tell("client", peer, answer);
            if (answer.utf8().equals("220")) {
                peer.startTls(null, client.layer("server.example"));
            }
        }
    }

    private MemoryTransport connect(Framing<Bytes> framing, Conversation<Bytes> conversation) {
        Protocol protocol =
                Conversation.over(framing, conversation)
                        .buildProtocol(Address.of("192.0.2.1", 50_000));
        MemoryTransport transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        reactor.runUntilIdle();
        return transport;
    }

    private MemoryTransport lines(Conversation<Bytes> conversation) {
        return connect(Framing.lines(), conversation);
    }

    @ParameterizedTest
    @EnumSource
    void goOnOverTlsAtTheVeryByteAtBothEnds(Chunks chunks) {
        reactor.network().chunks(chunks);
        for (Framing<Bytes> framing :
                List.of(
                        Framing.lines(),
                        Framing.netstrings(100),
                        Framing.frames(LengthPrefix.INT16, 100))) {
            told.clear();
            ListeningPort port = reactor.listenTcp(0, Conversation.over(framing, this::serve));
            var _ =
                    reactor.connect(
                            port.address(),
                            Conversation.over(framing, this::ask),
                            Duration.ofSeconds(5));
            reactor.runUntilIdle();

            assertThat(told)
                    .containsExactly(
                            "server: EHLO",
                            "client: 250 EHLO",
                            "server: STARTTLS",
                            "client: 220",
                            "server securely: AUTH",
                            "client securely: 250 AUTH",
                            "server securely: QUIT",
                            "client securely: 250 QUIT",
                            "server securely: end");
        }
    }

    /// Goes on over TLS when told to, in the style of a protocol.
    private class Asking extends LineProtocol {
        @Override
        protected void connected() {
            sendLine(Bytes.utf8("STARTTLS"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add("protocol: " + line.utf8());
            if (line.utf8().equals("220")) {
                var _ = startTls(client.layer("server.example"));
                sendLine(Bytes.utf8("AUTH"));
            } else {
                transport().loseConnection();
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("protocol: " + reason);
        }
    }

    @ParameterizedTest
    @EnumSource
    void goOnWithAProtocolAtTheOtherEnd(Chunks chunks) {
        reactor.network().chunks(chunks);
        Protocol serving =
                Conversation.over(Framing.lines(), this::serve)
                        .buildProtocol(Address.of("192.0.2.1", 50_000));
        reactor.wire(new Asking(), requireNonNull(serving));
        reactor.runUntilIdle();

        assertThat(told)
                .containsExactlyInAnyOrder(
                        "server: STARTTLS",
                        "protocol: 220",
                        "server securely: AUTH",
                        "protocol: 250 AUTH",
                        "server securely: end",
                        "protocol: closed cleanly");
    }

    @Test
    void goOnWithBytesThatAReaderCuts() {
        Conversation<Bytes> serving =
                peer -> {
                    var in = new ByteReader(peer);
                    tell("server", peer, in.readLine(100));
                    peer.startTls(Bytes.utf8("220\r\n"), server.layer());
                    tell("server", peer, in.readLine(100));
                };
        ListeningPort port = reactor.listenTcp(0, Conversation.over(Framing.bytes(), serving));
        var _ = reactor.connect(port.address(), _ -> new Asking(), Duration.ofSeconds(5));
        reactor.runUntilIdle();

        assertThat(told)
                .containsExactly(
                        "server: STARTTLS",
                        "protocol: 220",
                        "server securely: AUTH",
                        "protocol: closed cleanly");
    }

    /// CVE-2011-0411, as in [dev.torsion.protocols.FramingProtocol#startTls].
    @ParameterizedTest
    @ValueSource(strings = {"RCPT TO:<evil>\r\n", "RCPT TO:<ev", "\r\n", "R"})
    void whatComesInPlainTextBehindTheCommandIsNeverTakenForTls(String injected) {
        Conversation<Bytes> reading =
                peer -> {
                    var in = new ByteReader(peer);
                    tell("server", peer, in.readLine(100));
                    peer.startTls(Bytes.utf8("220\r\n"), server.layer());
                    tell("server", peer, in.readLine(100));
                };
        for (MemoryTransport transport :
                List.of(lines(this::serve), connect(Framing.bytes(), reading))) {
            told.clear();
            transport.receive(Bytes.utf8("STARTTLS\r\n" + injected));
            reactor.runUntilIdle();

            assertThat(told).containsExactly("server: STARTTLS");
            assertThat(transport.isAborted()).isTrue();
            assertThat(transport.takeWrittenText()).isEmpty();
        }
        assertThat(server.refused()).isZero();
    }

    @Test
    void whatComesInPlainTextBehindTheAnswerIsNeverTakenForTls() {
        MemoryTransport transport = lines(this::ask);
        transport.receive(Bytes.utf8("250 hello\r\n"));
        reactor.runUntilIdle();
        transport.receive(Bytes.utf8("220\r\n250 all your mail is read\r\n"));
        reactor.runUntilIdle();

        assertThat(told).containsExactly("client: 250 hello", "client: 220");
        assertThat(transport.isAborted()).isTrue();
    }

    /// A framing of one's own, which knows of the message that has begun to arrive alone.
    private static final class OwnLines extends LineProtocol implements Framing.Framed<Bytes> {
        private final Framing.Inbox<Bytes> inbox;

        OwnLines(Framing.Inbox<Bytes> inbox) {
            this.inbox = inbox;
        }

        @Override
        protected void lineReceived(Bytes line) {
            inbox.received(line.owned(), transport());
        }

        @Override
        protected void cutOff(int bytes) {
            inbox.cutOff(bytes);
        }

        @Override
        public boolean send(Bytes line) {
            return sendLine(line);
        }

        @Override
        public boolean isBetweenMessages() {
            return unfinishedBytes() == 0;
        }
    }

    @Test
    void plainTextThatWaitsBehindAFullInboxIsNeverTakenForTlsNorDropped() {
        Conversation<Bytes> pipelined =
                peer -> {
                    for (int i = 0; i < 16; i++) {
                        tell("server", peer, peer.receive());
                    }
                    peer.startTls(Bytes.utf8("220"), server.layer());
                    tell("server", peer, peer.receive());
                };
        for (Framing<Bytes> framing : List.<Framing<Bytes>>of(Framing.lines(), OwnLines::new)) {
            told.clear();
            MemoryTransport transport = connect(framing, pipelined);
            transport.receive(Bytes.utf8("NOOP\r\n".repeat(16) + "RCPT TO:<evil>\r\n"));
            reactor.runUntilIdle();

            assertThat(told).hasSize(16).containsOnly("server: NOOP");
            assertThat(transport.isAborted()).isTrue();
            assertThat(transport.takeWrittenText()).isEmpty();
        }
    }

    @Test
    void hearWhyTheHandshakeFailed() {
        Conversation<Bytes> picky =
                peer -> {
                    peer.send(Bytes.utf8("STARTTLS"));
                    peer.receive();
                    assertThatThrownBy(() -> peer.startTls(null, client.layer("wrong.example")))
                            .isInstanceOf(ConnectionLostException.class)
                            .hasMessageContaining("wrong.example");
                    told.add("no TLS");
                };
        ListeningPort port = reactor.listenTcp(0, Conversation.over(Framing.lines(), this::serve));
        var _ =
                reactor.connect(
                        port.address(),
                        Conversation.over(Framing.lines(), picky),
                        Duration.ofSeconds(5));
        reactor.runUntilIdle();

        assertThat(told).containsExactly("server: STARTTLS", "no TLS");
        assertThat(server.refused()).isEqualTo(1);
    }

    @Test
    void doNotTakeACutForTheEndThatTlsHas() {
        Conversation<Bytes> cut =
                peer -> {
                    try {
                        serve(peer);
                    } catch (ConnectionLostException lost) {
                        told.add(lost.getMessage());
                        throw lost;
                    }
                };
        MemoryTransport transport = lines(cut);
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        reactor.runUntilIdle();
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(told).hasSize(2).last().asString().startsWith("the connection is gone: ");
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void areNoErrorInTheLogWhenAStrangerBreaksTls() {
        List<String> log =
                Logged.during(() -> {
                    for (String behind : List.of("RCPT TO:<ev", "RCPT TO:<evil>\r\n")) {
                        lines(this::serve).receive(Bytes.utf8("STARTTLS\r\n" + behind));
                        reactor.runUntilIdle();
                    }
                    MemoryTransport transport = lines(this::serve);
                    transport.receive(Bytes.utf8("STARTTLS\r\n"));
                    reactor.runUntilIdle();
                    transport.receive(Bytes.utf8("GET / HTTP/1.1\r\n\r\n"));
                    reactor.stop();
                    reactor.runUntilIdle();
                });

        assertThat(log).isEmpty();
        assertThat(told).containsOnly("server: STARTTLS");
        assertThat(server.refused()).isEqualTo(1);
    }

    @Test
    void startTlsOnce() {
        Conversation<Bytes> twice =
                peer -> {
                    tell("server", peer, peer.receive());
                    peer.startTls(Bytes.utf8("220"), server.layer());
                    assertThatThrownBy(() -> peer.startTls(null, server.layer()))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("was started on this connection before");
                    tell("server", peer, peer.receive());
                };
        reactor.wire(new Asking(), requireNonNull(protocol(twice)));
        reactor.runUntilIdle();

        assertThat(told).contains("server: STARTTLS", "server securely: AUTH");
    }

    @Test
    void startTlsWhileSomethingMayStillComeOnly() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThat(peer.receive()).isNull();
                    assertThatThrownBy(() -> peer.startTls(null, server.layer()))
                            .isInstanceOf(ProtocolException.class)
                            .hasMessageContaining("nothing more comes");
                    told.add("refused");
                });
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(told).containsExactly("refused");
        assertThat(transport.isAborted()).isTrue();
    }

    private static @Nullable Protocol protocol(Conversation<Bytes> conversation) {
        return Conversation.over(Framing.lines(), conversation)
                .buildProtocol(Address.of("192.0.2.1", 50_000));
    }

    @Test
    void mayBeStoppedInTheHandshakeAndAfterIt() {
        MemoryTransport transport = lines(this::serve);
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        reactor.runUntilIdle();
        reactor.wire(new Asking(), requireNonNull(protocol(this::serve)));
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(transport.isClosing()).isTrue();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void goOnWhenTheReactorStopsUntilTheyHaveSaidGoodbye() {
        Conversation<Bytes> serving =
                peer -> {
                    tell("server", peer, peer.receive());
                    peer.startTls(Bytes.utf8("220"), server.layer());
                    tell("server", peer, peer.receive());
                    assertThatThrownBy(peer::receive).isInstanceOf(CloseAskedException.class);
                    peer.send(Bytes.utf8("421 goodbye"));
                };
        Protocol patient =
                new Asking() {
                    @Override
                    protected void closeAsked() {}
                };
        reactor.wire(patient, requireNonNull(protocol(serving)));
        reactor.runUntilIdle();
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(told)
                .containsExactly(
                        "server: STARTTLS",
                        "protocol: 220",
                        "server securely: AUTH",
                        "protocol: 421 goodbye",
                        "protocol: closed cleanly");
    }

    @Test
    void needAFramingThatKnowsWhereAMessageEnds() {
        Framing<Bytes> unknowing =
                inbox ->
                        new Framing.Framed<>() {
                            @Override
                            public boolean send(Bytes message) {
                                return true;
                            }
                        };
        MemoryTransport transport =
                connect(
                        unknowing,
                        peer ->
                                assertThatThrownBy(() -> peer.startTls(null, server.layer()))
                                        .isInstanceOf(ProtocolException.class));
        assertThat(transport.isAborted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x"})
    void areNotBegunOnceTheConnectionIsLost(String behind) {
        List<Framing.Inbox<Bytes>> begun = new ArrayList<>();
        Framing<Bytes> counting =
                inbox -> {
                    begun.add(inbox);
                    return Framing.lines().protocol(inbox);
                };
        List<String> logged =
                Logged.during(() -> {
                    MemoryTransport transport = connect(counting, this::serve);
                    transport.receive(Bytes.utf8("STARTTLS\r\n" + behind));
                    transport.peerReset();
                    reactor.runUntilIdle();
                    reactor.advance(Duration.ofMinutes(5));
                });

        assertThat(begun).hasSize(1);
        assertThat(server.refused()).isZero();
        assertThat(reactor.pendingTimers()).isZero();
        assertThat(logged).noneMatch(line -> line.contains("ERROR"));
    }
}
