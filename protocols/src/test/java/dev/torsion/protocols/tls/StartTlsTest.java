package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.TotalTimeout;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Lines that go on over TLS in mid-stream.
final class StartTlsTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();
    private final TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.SERVER));
    private final TlsClient client = new TlsClient(TlsClientOptions.trusting(Certificates.TRUST));

    /// Tells each line, and whether it came over TLS.
    private class Lines extends LineProtocol {
        final String name;
        @Nullable CompletionStage<Void> handshake;

        Lines(String name) {
            this.name = name;
        }

        Transport connection() {
            return transport();
        }

        void say(String line) {
            sendLine(Bytes.utf8(line));
        }

        boolean secure() {
            return TlsSession.of(transport()) != null;
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(name + (secure() ? " securely: " : ": ") + line.utf8());
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(name + " lost: " + reason.getClass().getSimpleName());
        }
    }

    private class Server extends Lines {
        Server() {
            super("server");
        }

        @Override
        protected void lineReceived(Bytes line) {
            super.lineReceived(line);
            if (line.utf8().equals("STARTTLS")) {
                say("220 go ahead");
                handshake = startTls(server.layer());
            } else if (!line.utf8().equals("LATER")) {
                say("250 " + line.utf8());
            }
        }

        void now() {
            handshake = startTls(server.layer());
        }
    }

    private class Client extends Lines {
        Client() {
            super("client");
        }

        @Override
        protected void connected() {
            say("EHLO");
            say("STARTTLS");
        }

        @Override
        protected void lineReceived(Bytes line) {
            super.lineReceived(line);
            if (line.utf8().startsWith("220")) {
                handshake = startTls(client.layer("server.example"));
                say("AUTH");
                assertThat(secure()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnOverTlsAtTheVeryByte(Chunks chunks) {
        reactor.network().chunks(chunks);
        Server atServer = new Server();
        Client atClient = new Client();
        reactor.wire(atClient, atServer);

        assertThat(told)
                .contains("server: EHLO", "server: STARTTLS", "server securely: AUTH")
                .contains("client: 250 EHLO", "client: 220 go ahead", "client securely: 250 AUTH")
                .hasSize(6);
        assertThat(requireNonNull(atClient.handshake).toCompletableFuture()).isCompleted();
        assertThat(requireNonNull(atServer.handshake).toCompletableFuture()).isCompleted();

        reactor.callFromThread(() -> atServer.connection().loseConnection());
        reactor.runUntilIdle();
        assertThat(told).contains("server lost: Done", "client lost: Done");
    }

    /// CVE-2011-0411: a man in the middle appends a command, which the server must not take for the
    /// client's own once that one is known.
    @ParameterizedTest
    @EnumSource
    void whatComesInPlainTextBehindTheCommandIsNeverTakenForTls(Chunks chunks) {
        for (String injected : List.of("RCPT TO:<evil>\r\n", "RCPT TO:<ev", "\r\n", "R")) {
            told.clear();
            Server atServer = new Server();
            MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
            Bytes sent = Bytes.utf8("STARTTLS\r\n" + injected);
            if (chunks == Chunks.SINGLE_BYTES) {
                transport.receiveOneByOne(sent);
            } else {
                transport.receive(sent);
            }
            transport.receive(Bytes.utf8("x".repeat(20_000) + "\r\n"));
            reactor.runUntilIdle();

            assertThat(told).containsExactly("server: STARTTLS", "server lost: Lost");
            assertThat(requireNonNull(atServer.handshake).toCompletableFuture())
                    .isCompletedExceptionally();
        }
        assertThat(server.refused()).isEqualTo(4);
    }

    @Test
    void aPeerThatClosesInTheHandshakeHasBrokenIt() {
        Server atServer = new Server();
        MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(told).containsExactly("server: STARTTLS", "server lost: Lost");
        assertThatThrownBy(() -> requireNonNull(atServer.handshake).toCompletableFuture().join())
                .hasMessageContaining("handshake");
    }

    @Test
    void whatComesInPlainTextBehindTheAnswerIsNeverTakenForTls() {
        Client atClient = new Client();
        MemoryTransport transport = MemoryTransport.connect(reactor, atClient);
        transport.receive(Bytes.utf8("220 go ahead\r\n250 all your mail is read\r\n"));
        reactor.runUntilIdle();

        assertThat(told).containsExactly("client: 220 go ahead", "client lost: Lost");
    }

    @Test
    void whatHasBegunInPlainTextBeforeALateStartAbortsTheConnection() {
        Server atServer = new Server();
        MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
        transport.receive(Bytes.utf8("LATER\r\nRCPT TO"));
        reactor.callFromThread(atServer::now);
        reactor.runUntilIdle();

        assertThat(transport.isAborted()).isTrue();
        assertThat(requireNonNull(atServer.handshake).toCompletableFuture())
                .isCompletedExceptionally();
        assertThat(told).containsExactly("server: LATER", "server lost: Aborted");
    }

    @Test
    void whatWaitsWhileReadingIsPausedIsTheLayers() {
        Server atServer =
                new Server() {
                    @Override
                    protected void lineReceived(Bytes line) {
                        super.lineReceived(line);
                        connection().pauseReading();
                    }
                };
        MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
        transport.receive(Bytes.utf8("LATER\r\nRCPT TO:<evil>\r\n"));
        reactor.callFromThread(atServer::now);
        reactor.runUntilIdle();

        assertThat(told).containsExactly("server: LATER", "server lost: Lost");
    }

    @Test
    void whatIsWrittenInTheHandshakeWaitsWithinItsBounds() {
        Server atServer = new Server();
        MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        transport.takeWritten();
        reactor.callFromThread(() -> {
            Bytes much = Bytes.wrap(new byte[40_000]);
            told.add("first " + atServer.connection().write(much));
            told.add("second " + atServer.connection().write(much));
            told.add("pending " + atServer.connection().pendingBytes());
        });
        reactor.runUntilIdle();

        assertThat(told).contains("first true", "second false", "pending 80000");
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        reactor.callFromThread(() -> {
            for (int i = 0; i < 9; i++) {
                atServer.connection().write(Bytes.wrap(new byte[8 << 20]));
            }
        });
        reactor.runUntilIdle();
        assertThat(transport.isAborted()).isTrue();
    }

    @Test
    void whatIsWrittenBeforeAnEndInTheHandshakeArrives() {
        for (Consumer<Transport> end :
                List.<Consumer<Transport>>of(
                        Transport::loseConnection, Transport::loseWriteConnection)) {
            told.clear();
            Client leaving =
                    new Client() {
                        @Override
                        protected void lineReceived(Bytes line) {
                            super.lineReceived(line);
                            if (line.utf8().startsWith("220")) {
                                end.accept(connection());
                                say("too late");
                            }
                        }
                    };
            reactor.wire(leaving, new Server());

            assertThat(told)
                    .contains("server securely: AUTH", "client lost: Done", "server lost: Done");
            assertThat(requireNonNull(leaving.handshake).toCompletableFuture()).isCompleted();
        }
    }

    @Test
    void isStartedOnceAndByWhoHasTheConnection() {
        Server atServer = new Server();
        MemoryTransport transport = MemoryTransport.connect(reactor, atServer);
        transport.receive(Bytes.utf8("STARTTLS\r\n"));

        assertThatThrownBy(atServer::now).isInstanceOf(IllegalStateException.class);
        transport.peerReset();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aClientThatDoesNotTrustTheServerSaysNothingMore() {
        Client picky =
                new Client() {
                    @Override
                    protected void lineReceived(Bytes line) {
                        if (line.utf8().startsWith("220")) {
                            handshake = startTls(client.layer("wrong.example"));
                            say("AUTH secret");
                        }
                    }
                };
        reactor.wire(picky, new Server());

        assertThat(told).noneMatch(it -> it.contains("AUTH"));
        assertThat(told).contains("client lost: Lost", "server lost: Lost");
        assertThatThrownBy(() -> requireNonNull(picky.handshake).toCompletableFuture().join())
                .hasMessageContaining("does not go on");
    }

    /// The policies that close after a minute, whatever they count: nothing comes or goes here.
    static Stream<Function<ProtocolFactory, ProtocolFactory>> timeouts() {
        Duration minute = Duration.ofMinutes(1);
        return Stream.of(
                it -> new TotalTimeout(it, minute),
                it -> new IdleTimeout(it, minute),
                it -> IdleTimeout.ofReading(it, minute));
    }

    private Protocol under(Function<ProtocolFactory, ProtocolFactory> timeout, Protocol protocol) {
        Address peer = Address.of("192.0.2.1", 1000);
        return requireNonNull(timeout.apply(_ -> protocol).buildProtocol(peer));
    }

    @ParameterizedTest
    @MethodSource("timeouts")
    void aTimeoutBeforeTlsClosesInPlainText(Function<ProtocolFactory, ProtocolFactory> timeout) {
        Server atServer = new Server();
        MemoryTransport transport = MemoryTransport.connect(reactor, under(timeout, atServer));
        transport.receive(Bytes.utf8("EHLO\r\nSTART"));
        reactor.advance(Duration.ofSeconds(59));
        assertThat(transport.isClosing()).isFalse();
        reactor.advance(Duration.ofSeconds(1));

        assertThat(told).containsExactly("server: EHLO", "server lost: Done");
        assertThat(transport.takeWrittenText()).isEqualTo("250 EHLO\r\n");
        assertThat(transport.isAborted()).isFalse();
        assertThat(reactor.pendingTimers()).isZero();
    }

    /// What was written since TLS was started waits for it, and never leaves in plain text.
    @ParameterizedTest
    @MethodSource("timeouts")
    void aTimeoutInTheHandshakeEndsIt(Function<ProtocolFactory, ProtocolFactory> timeout) {
        TlsServer patient =
                new TlsServer(
                        TlsServerOptions.of(Certificates.SERVER)
                                .withHandshakeTimeout(Duration.ofMinutes(5)));
        Server atServer =
                new Server() {
                    @Override
                    protected void lineReceived(Bytes line) {
                        say("220 go ahead");
                        handshake = startTls(patient.layer());
                        say("a secret");
                    }
                };
        MemoryTransport transport = MemoryTransport.connect(reactor, under(timeout, atServer));
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        reactor.advance(Duration.ofMinutes(1));

        assertThat(told).containsExactly("server lost: Lost");
        assertThat(transport.takeWrittenText()).isEqualTo("220 go ahead\r\n");
        assertThatThrownBy(() -> requireNonNull(atServer.handshake).toCompletableFuture().join())
                .hasMessageContaining("the connection ended in the handshake");
        assertThat(patient.refused()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    /// A loss of the connection would have been told the client as one: there was a close_notify.
    @ParameterizedTest
    @MethodSource("timeouts")
    void aTimeoutAfterTheHandshakeClosesThroughTls(
            Function<ProtocolFactory, ProtocolFactory> timeout) {
        reactor.wire(new Client(), under(timeout, new Server()));
        assertThat(told).contains("server securely: AUTH", "client securely: 250 AUTH");
        told.clear();
        reactor.advance(Duration.ofSeconds(58));
        assertThat(told).isEmpty();
        reactor.advance(Duration.ofSeconds(3));

        assertThat(told).containsExactlyInAnyOrder("server lost: Done", "client lost: Done");
        assertThat(reactor.pendingTimers()).isZero();
    }

    /// Whoever does not look at the stage is told by `disconnected`.
    @Test
    void aHandshakeThatAStrangerBreaksIsNoErrorInTheLog() {
        List<String> log =
                Logged.during(() -> {
                    for (String sent : List.of("STARTTLS\r\nno TLS\r\n", "LATER\r\nRCPT TO")) {
                        Server atServer = new Server();
                        MemoryTransport.connect(reactor, atServer).receive(Bytes.utf8(sent));
                        reactor.callFromThread(() -> {
                            if (sent.startsWith("LATER")) {
                                atServer.now();
                            }
                        });
                        reactor.runUntilIdle();
                    }
                    reactor.stop();
                    reactor.runUntilIdle();
                });

        assertThat(log).isEmpty();
        assertThat(told)
                .containsExactly(
                        "server: STARTTLS",
                        "server lost: Lost",
                        "server: LATER",
                        "server lost: Aborted");
    }

    @Test
    void aReactorThatStopsEndsBothInOrder() {
        reactor.wire(new Client(), new Server());
        told.clear();
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(told).containsExactlyInAnyOrder("client lost: Done", "server lost: Done");
    }

    /// What it has written waits for TLS, and is lost.
    @Test
    void aReactorThatStopsInTheHandshakeEndsNothingInOrder() {
        Client atClient = new Client();
        MemoryTransport transport = MemoryTransport.connect(reactor, atClient);
        transport.receive(Bytes.utf8("220 go ahead\r\n"));
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(told).containsExactly("client: 220 go ahead", "client lost: Aborted");
        assertThat(requireNonNull(atClient.handshake).toCompletableFuture())
                .isCompletedExceptionally();
    }

    @Test
    void whoHandsTheConnectionOnHandsOnTheLayer() {
        List<String> read = new ArrayList<>();
        Protocol next =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        read.add(TlsSession.of(transport) == null ? "plain" : "secure");
                    }

                    @Override
                    public void dataReceived(Bytes data) {
                        read.add(data.utf8());
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        read.add(reason.toString());
                    }
                };
        Lines handing =
                new Lines("server") {
                    @Override
                    protected void lineReceived(Bytes line) {
                        if (line.utf8().equals("STARTTLS")) {
                            say("220 go ahead");
                            handshake = startTls(server.layer());
                        } else if (secure()) {
                            handOver(next, connection());
                        }
                    }
                };
        Client atClient = new Client();
        reactor.wire(atClient, handing);
        reactor.callFromThread(() -> {
            atClient.say("more");
            atClient.connection().loseConnection();
        });
        reactor.runUntilIdle();

        assertThat(read).containsExactly("secure", "more\r\n", "closed cleanly");
    }
}
