package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.ConnectionGroup;
import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.testing.FakeTls;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConversationTest {
    private static final int MUCH = 300_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();

    @BeforeEach
    void mayWait() {
        assertThat(ManualReactor.canWait()).isTrue();
    }

    @AfterEach
    void waitedForNothingButTurns() {
        assertThat(reactor.failures()).isEmpty();
    }

    private <M> MemoryTransport connect(Framing<M> framing, Conversation<M> conversation) {
        Protocol protocol =
                Conversation.over(framing, conversation)
                        .buildProtocol(new Address.Inet("127.0.0.1", 50_000));
        MemoryTransport transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        reactor.runUntilIdle();
        return transport;
    }

    private MemoryTransport lines(Conversation<Bytes> conversation) {
        return connect(Framing.lines(), conversation);
    }

    private void say(MemoryTransport transport, String text) {
        transport.receive(Bytes.utf8(text));
        reactor.runUntilIdle();
    }

    /// Receives until the end, and writes down what.
    private void listen(BlockingConnection<Bytes> peer) throws Exception {
        try {
            for (Bytes it = peer.receive(); it != null; it = peer.receive()) {
                journal.add(it.utf8());
            }
            journal.add("end");
        } catch (CloseAskedException | ConnectionLostException told) {
            journal.add(told.getMessage());
            throw told;
        }
    }

    @Test
    void isHeldOverTlsAsInPlainText() throws IOException {
        Path pem = Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
        TlsIdentity identity =
                TlsIdentity.read(pem.resolve("server.crt"), pem.resolve("server.key"));
        TlsServer server = new TlsServer(TlsServerOptions.of(identity));
        TlsClient client =
                new TlsClient(
                        TlsClientOptions.trusting(TlsTrust.read(pem.resolve("authority.crt"))));
        ListeningPort port =
                reactor.listenTcp(
                        0,
                        server.around(
                                Conversation.over(
                                        Framing.netstrings(MUCH),
                                        peer -> {
                                            Bytes said = peer.receive();
                                            while (said != null) {
                                                peer.send(said);
                                                said = peer.receive();
                                            }
                                            journal.add("end");
                                        })));
        client.tcp(reactor, Address.of("localhost", port.port()))
                .connect(
                        Conversation.over(
                                Framing.netstrings(MUCH),
                                peer -> {
                                    for (int size : new int[] {1, MUCH}) {
                                        peer.send(Bytes.wrap(new byte[size]));
                                        Bytes echo = requireNonNull(peer.receive());
                                        journal.add("" + echo.size());
                                    }
                                }),
                        SECOND);
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("1", "" + MUCH, "end");
    }

    // ---- what is said ----

    @Test
    void asksAndHearsAnswersAsIfItWaited() {
        MemoryTransport transport =
                lines(peer -> {
                    peer.send(Bytes.utf8("who are you?"));
                    String name = requireNonNull(peer.receive()).utf8();
                    peer.send(Bytes.utf8("and how old, " + name + "?"));
                    String age = requireNonNull(peer.receive()).utf8();
                    peer.send(Bytes.utf8(name + ", " + age));
                });
        assertThat(transport.takeWrittenText()).isEqualTo("who are you?\r\n");
        for (char each : "Ann\r\n4".toCharArray()) {
            say(transport, String.valueOf(each));
        }
        assertThat(transport.takeWrittenText()).isEqualTo("and how old, Ann?\r\n");
        say(transport, "2\r\nmore\r\n");

        assertThat(transport.takeWrittenText()).isEqualTo("Ann, 42\r\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void isAtBothEndsInTheSameOrderInEveryRun() {
        List<String> first = chat(7);

        assertThat(first).hasSize(20).isEqualTo(chat(7));
    }

    /// Two conversations, over a network that cuts their bytes at random.
    private static List<String> chat(long seed) {
        var network = new MemoryNetwork(seed);
        network.chunks(Chunks.RANDOM);
        network.latency(Duration.ofMillis(1), Duration.ofMillis(9));
        List<String> heard = new ArrayList<>();
        Conversation<Bytes> talker =
                peer -> {
                    for (int i = 0; i < 10; i++) {
                        peer.send(Bytes.utf8("number " + i));
                        Bytes other = requireNonNull(peer.receive());
                        heard.add(peer.reactor().nanoTime() + " " + other.utf8());
                    }
                };
        var factory = Conversation.over(Framing.netstrings(100), talker);
        ManualReactor server = network.reactor("server");
        ManualReactor client = network.reactor("client");
        ListeningPort port =
                server.listen(
                        dev.torsion.reactor.Endpoint.parse("tcp:7000:interface=server"), factory);
        var _ = client.connect(port.address(), factory, SECOND);
        network.advance(SECOND);
        assertThat(server.failures()).isEmpty();
        assertThat(client.failures()).isEmpty();
        return heard;
    }

    @Test
    void takesTurnsOnTheLoopForWhatBelongsThere() {
        lines(peer -> {
            journal.add("in the loop: " + peer.reactor().inLoop());
            journal.add("in the loop: " + peer.call(() -> peer.reactor().inLoop()));
            assertThatThrownBy(() ->
                            peer.call(() -> {
                                throw new IOException("thrown there");
                            }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("thrown there");
        });

        assertThat(journal).containsExactly("in the loop: false", "in the loop: true");
    }

    @Test
    void belongsToItsThreadAlone() {
        List<BlockingConnection<Bytes>> stolen = new ArrayList<>();
        lines(peer -> {
            stolen.add(peer);
            listen(peer);
        });

        assertThatThrownBy(() -> stolen.getFirst().receive())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("thread of its conversation");
        assertThatThrownBy(() -> stolen.getFirst().send(Bytes.empty()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hearsOfWhatCannotBeSent() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThatThrownBy(() -> peer.send(Bytes.utf8("two\r\nlines")))
                            .isInstanceOf(IllegalArgumentException.class);
                    peer.send(Bytes.utf8("one"));
                });

        assertThat(transport.takeWrittenText()).isEqualTo("one\r\n");
    }

    // ---- how it ends ----

    @Test
    void hearsThePeersEndAsAValueAndMayStillAnswer() {
        MemoryTransport transport =
                lines(peer -> {
                    listen(peer);
                    peer.send(Bytes.utf8("goodbye"));
                });
        say(transport, "hello\r\n");
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("hello", "end");
        assertThat(transport.takeWrittenText()).isEqualTo("goodbye\r\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void hearsOfALossAfterWhatCameBefore() {
        MemoryTransport transport = lines(this::listen);
        transport.receive(Bytes.utf8("one\r\ntwo\r\n"));
        transport.peerReset();
        reactor.runUntilIdle();

        assertThat(journal)
                .containsExactly(
                        "one",
                        "two",
                        "the connection is gone: connection lost: connection reset by peer");
    }

    /// Of what is read at once some waits for the conversation, and the rest to be cut.
    @Test
    void hearsOfALossAfterAllThatCameBeforeHoweverMuch() {
        for (boolean reads : new boolean[] {true, false}) {
            journal.clear();
            Deferred<Boolean> go = new Deferred<>(reactor);
            MemoryTransport transport =
                    lines(peer -> {
                        if (reads) {
                            for (int i = 0; i < 8; i++) {
                                listenOnce(peer);
                            }
                        }
                        assertThatThrownBy(() -> peer.await(go))
                                .isInstanceOf(ConnectionLostException.class);
                        listen(peer);
                    });
            transport.receive(Bytes.utf8("line\r\n".repeat(1000) + "hal"));
            if (reads) {
                reactor.runUntilIdle();
            }
            transport.peerReset();
            reactor.runUntilIdle();

            assertThat(journal)
                    .hasSize(1001)
                    .endsWith(
                            "line",
                            "the connection is gone: connection lost: connection reset by peer");
        }
    }

    private MemoryTransport secured() {
        Protocol protocol =
                Conversation.over(Framing.lines(), this::listen)
                        .buildProtocol(new Address.Inet("127.0.0.1", 50_000));
        MemoryTransport transport =
                MemoryTransport.connect(
                        reactor, FakeTls.session().around(requireNonNull(protocol)));
        reactor.runUntilIdle();
        return transport;
    }

    @Test
    void takesThePeersEndOverTlsForTheEndOfItsInput() {
        secured().peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("end");
    }

    @Test
    void doesNotTakeATimeoutForThePeersEnd() throws IOException {
        Path pem = Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
        TlsIdentity identity =
                TlsIdentity.read(pem.resolve("server.crt"), pem.resolve("server.key"));
        TlsTrust trust = TlsTrust.read(pem.resolve("authority.crt"));
        ListeningPort port =
                reactor.listenTcp(
                        0,
                        new TlsServer(TlsServerOptions.of(identity))
                                .around(
                                        new IdleTimeout(
                                                Conversation.over(Framing.lines(), this::listen),
                                                SECOND)));
        new TlsClient(TlsClientOptions.trusting(trust))
                .tcp(reactor, Address.of("localhost", port.port()))
                .connect(_ -> new Protocol() {}, SECOND);
        reactor.advance(SECOND.multipliedBy(2));

        assertThat(journal).containsExactly("the connection is gone: closed cleanly");
    }

    @Test
    void failsTheConnectionWithWhatItThrows() {
        MemoryTransport transport =
                lines(_ -> {
                    throw new IllegalStateException("broken");
                });

        assertThat(transport.closeReason())
                .isInstanceOfSatisfying(
                        CloseReason.Failed.class,
                        failed -> assertThat(failed.cause()).hasMessage("broken"));
    }

    /// As much as it lets go of: the peer's failures are not its own.
    @Test
    void logsNoErrorForWhatItsPeerDoes() {
        List<MemoryTransport> ended = new ArrayList<>();
        List<String> log =
                Logged.during(() -> {
                    MemoryTransport tooLong = connect(Framing.lines(LineEnd.LF, 5), this::listen);
                    say(tooLong, "much too long\n");
                    MemoryTransport cutOff = lines(this::listen);
                    say(cutOff, "hal");
                    cutOff.peerClosed();
                    MemoryTransport noLine =
                            connect(Framing.bytes(), peer -> new ByteReader(peer).readLine(4));
                    say(noLine, "12345\n");
                    MemoryTransport tooFew =
                            connect(Framing.bytes(), peer -> new ByteReader(peer).read(2));
                    say(tooFew, "1");
                    tooFew.peerClosed();
                    MemoryTransport silent = lines(peer -> peer.receiveWithin(SECOND));
                    reactor.advance(SECOND);
                    MemoryTransport gone = lines(this::listen);
                    gone.peerReset();
                    MemoryTransport wrapped = lines(ConversationTest::receiveUnchecked);
                    wrapped.peerReset();
                    MemoryTransport wrappedCutOff = lines(ConversationTest::receiveUnchecked);
                    say(wrappedCutOff, "hal");
                    wrappedCutOff.peerClosed();
                    reactor.runUntilIdle();
                    ended.addAll(List.of(tooLong, cutOff, noLine, tooFew, silent, gone));
                    ended.addAll(List.of(wrapped, wrappedCutOff));
                });

        assertThat(log).isEmpty();
        assertThat(ended).hasSize(8).noneMatch(it -> it.closeReason() == null);
    }

    /// As where no exception may be declared.
    private static void receiveUnchecked(BlockingConnection<Bytes> peer) throws Exception {
        try {
            peer.receive();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void logsItsOwnFailureEvenWhenTheConnectionIsGone() {
        List<String> log =
                Logged.during(() -> {
                    MemoryTransport gone =
                            lines(peer -> {
                                assertThatThrownBy(peer::receive)
                                        .isInstanceOf(ConnectionLostException.class);
                                throw new EOFException("of a file of its own");
                            });
                    gone.peerReset();
                    reactor.runUntilIdle();
                });

        assertThat(log).first().asString().contains("failed when its connection was gone");
        assertThat(log).anyMatch(it -> it.contains("of a file of its own"));
    }

    /// It would be told once by the reactor, with all their names, and once by each.
    @Test
    void leavesItToTheReactorToTellWhatItGivesUpAtItsEnd() {
        Deferred<String> never = new Deferred<>(reactor);
        List<String> log =
                Logged.during(() -> {
                    for (int i = 0; i < 5; i++) {
                        lines(peer -> journal.add(peer.reactor().await(never)));
                    }
                    reactor.stop();
                    reactor.advance(Duration.ofMinutes(5));
                });

        assertThat(log).singleElement().asString().contains("WARN", "5 calls in threads");
        assertThat(journal).isEmpty();
    }

    // ---- when the reactor stops ----

    private void stop() {
        reactor.stop();
        reactor.runUntilIdle();
    }

    @Test
    void isToldOfTheReactorsStopWhereItWaitsForItsPeer() {
        List<MemoryTransport> ended = new ArrayList<>();
        List<String> log =
                Logged.during(() -> {
                    ended.addAll(List.of(lines(this::listen), secured()));
                    ended.add(lines(ConversationTest::receiveUnchecked));
                    ended.add(lines(peer -> peer.receiveWithin(SECOND)));
                    stop();
                });

        assertThat(journal).hasSize(2).allMatch(it -> it.startsWith("asked to close"));
        assertThat(ended)
                .hasSize(4)
                .allMatch(it -> new CloseReason.Done().equals(it.closeReason()));
        assertThat(log).isEmpty();
    }

    /// As a file does to a peer that reads slowly: half of it with a clean end would pass for all.
    @Test
    void goesOnAtTheReactorsStopWithWhatItIsAbout() {
        Deferred<Boolean> computed = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    peer.send(Bytes.utf8("one"));
                    peer.send(Bytes.utf8("two"));
                    peer.await(computed);
                    peer.send(Bytes.utf8("three"));
                });
        stop();
        assertThat(transport.isClosing()).isFalse();
        transport.writable(false);
        computed.succeed(true);
        reactor.runUntilIdle();
        assertThat(transport.isClosing()).isFalse();
        transport.writable(true);
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("one\r\ntwo\r\nthree\r\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void mayGoOnWithItsPeerWhenItWasTold() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThatThrownBy(peer::receive).isInstanceOf(CloseAskedException.class);
                    peer.send(Bytes.utf8("goodbye"));
                    listen(peer);
                });
        stop();
        assertThat(transport.takeWrittenText()).isEqualTo("goodbye\r\n");
        say(transport, "one moment\r\n");
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("one moment", "end");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void isToldOnceHoweverOftenItIsAsked() {
        Conversation<Bytes> conversation =
                peer -> {
                    assertThatThrownBy(peer::receive).isInstanceOf(CloseAskedException.class);
                    listen(peer);
                };
        ProtocolFactory factory = Conversation.over(Framing.lines(), conversation);
        ConnectionGroup<Protocol> group =
                new ConnectionGroup<>((_, peer) -> factory.buildProtocol(peer));
        Protocol protocol = group.buildProtocol(new Address.Inet("127.0.0.1", 50_000));
        MemoryTransport transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        reactor.runUntilIdle();
        group.closeAll();
        reactor.runUntilIdle();
        stop();
        say(transport, "hello\r\n");
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("hello", "end");
    }

    @Test
    void isToldBeforeTheMessagesThatWait() {
        Deferred<Boolean> go = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    peer.await(go);
                    assertThatThrownBy(peer::receive).isInstanceOf(CloseAskedException.class);
                    listenOnce(peer);
                });
        transport.receive(Bytes.utf8("hello\r\n"));
        stop();
        go.succeed(true);
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("hello");
    }

    /// It has all, and may be about to do something with it.
    @Test
    void isNotToldOnceItsPeerHasEnded() {
        Deferred<Boolean> go = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    peer.await(go);
                    listen(peer);
                });
        transport.receive(Bytes.utf8("hello\r\n"));
        transport.peerClosed();
        stop();
        go.succeed(true);
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("hello", "end");
    }

    @Test
    void readsAnewWhatHadBegunWhenItWasTold() {
        MemoryTransport transport =
                connect(
                        Framing.bytes(),
                        peer -> {
                            var in = new ByteReader(peer);
                            assertThatThrownBy(() -> in.readLine(9))
                                    .isInstanceOf(CloseAskedException.class);
                            journal.add(requireNonNull(in.readLine(9)).utf8());
                            journal.add(in.read(3).utf8());
                        });
        say(transport, "hal");
        stop();
        say(transport, "f\n123");

        assertThat(journal).containsExactly("half", "123");
    }

    @Test
    void mayLookWhetherTheReactorStops() {
        Deferred<Boolean> go = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    peer.await(go);
                    while (!peer.isCloseAsked()) {
                        peer.send(Bytes.utf8("tick"));
                    }
                });
        transport.writable(false);
        go.succeed(true);
        reactor.runUntilIdle();
        stop();
        assertThat(transport.isClosing()).isFalse();
        transport.writable(true);
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("tick\r\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void isAbortedIfItHasNotEndedByTheShutdownDeadline() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThatThrownBy(peer::receive).isInstanceOf(CloseAskedException.class);
                    listen(peer);
                });
        stop();
        assertThat(transport.isClosing()).isFalse();
        List<String> log = Logged.during(() -> reactor.advance(Duration.ofSeconds(10)));

        assertThat(log).noneMatch(line -> line.contains("ERROR"));
        assertThat(journal).singleElement().asString().startsWith("the connection is gone");
        assertThat(transport.closeReason()).isInstanceOf(CloseReason.Aborted.class);
    }

    // ---- what is no message ----

    @Test
    void hearsWhyWhatCameIsNoMessage() {
        MemoryTransport transport =
                connect(
                        Framing.lines(LineEnd.LF, 5),
                        peer ->
                                assertThatThrownBy(() -> listen(peer))
                                        .isInstanceOf(ProtocolException.class)
                                        .hasMessageContaining("a line of more than 5 bytes"));
        say(transport, "short\nmuch too long\n");

        assertThat(journal).containsExactly("short");
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void refusesWhatIsNoFrameNorNetstring() {
        List<String> refusals = new ArrayList<>();
        Conversation<Bytes> refused =
                peer -> {
                    try {
                        peer.receive();
                    } catch (ProtocolException failure) {
                        refusals.add(failure.getMessage());
                    }
                };
        say(connect(Framing.netstrings(9), refused), "10:");
        say(connect(Framing.frames(LengthPrefix.INT8, 3), refused), "\4");

        assertThat(refusals.get(0)).contains("a length of 10 or more");
        assertThat(refusals.get(1)).contains("a frame of 4 bytes, of at most 3");
    }

    // ---- limits ----

    @Test
    void waitsNoLongerThanItIsTold() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThatThrownBy(() -> peer.receiveWithin(SECOND))
                            .isInstanceOf(TimeoutException.class)
                            .hasMessageContaining("within PT1S");
                    journal.add(requireNonNull(peer.receiveWithin(SECOND)).utf8());
                });
        reactor.advance(SECOND);
        say(transport, "late\r\n");

        assertThat(journal).containsExactly("late");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void pausesReadingWhileMuchIsUnread() {
        Deferred<Boolean> go = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    peer.await(go);
                    listen(peer);
                });
        say(transport, "1\r\n".repeat(100));
        assertThat(transport.isPaused()).isTrue();

        go.succeed(true);
        reactor.runUntilIdle();
        assertThat(transport.isPaused()).isFalse();
        assertThat(journal).hasSize(100);
    }

    @Test
    void pausesReadingWhileFewLargeReadsAreUnread() {
        Deferred<Boolean> go = new Deferred<>(reactor);
        MemoryTransport transport =
                connect(
                        Framing.bytes(),
                        peer -> {
                            peer.await(go);
                            listen(peer);
                        });
        transport.receive(Bytes.wrap(new byte[64 << 10]));
        reactor.runUntilIdle();
        assertThat(transport.isPaused()).isTrue();

        go.succeed(true);
        reactor.runUntilIdle();
        assertThat(transport.isPaused()).isFalse();
        assertThat(journal).hasSize(1);
    }

    @Test
    void waitsUntilWhatItSendsHasRoom() {
        MemoryTransport transport =
                lines(peer -> {
                    for (int i = 0; i < 3; i++) {
                        peer.send(Bytes.utf8("line"));
                        journal.add("sent " + i);
                    }
                });
        assertThat(journal).hasSize(3);
        journal.clear();

        MemoryTransport slow =
                lines(peer -> {
                    listenOnce(peer);
                    peer.send(Bytes.utf8("line"));
                    journal.add("sent");
                });
        slow.writable(false);
        say(slow, "go\r\n");
        assertThat(journal).containsExactly("go");
        slow.writable(true);
        reactor.runUntilIdle();
        assertThat(journal).containsExactly("go", "sent");
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void isNotWokenByRoomWhileItWaitsForAMessage() {
        Deferred<Transport> own = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    Transport behindItsBack = peer.await(own);
                    peer.call(() -> behindItsBack.write(Bytes.utf8("x")));
                    listenOnce(peer);
                });
        transport.writable(false);
        own.succeed(transport);
        reactor.runUntilIdle();
        transport.writable(true);
        reactor.runUntilIdle();
        say(transport, "hello\r\n");

        assertThat(journal).containsExactly("hello");
    }

    private void listenOnce(BlockingConnection<Bytes> peer) throws Exception {
        journal.add(requireNonNull(peer.receive()).utf8());
    }

    // ---- waiting for other things ----

    @Test
    void givesUpWhatItWaitsForWhenTheConnectionIsLost() {
        Deferred<String> work = new Deferred<>(reactor, () -> journal.add("taken back"));
        MemoryTransport transport =
                lines(peer ->
                        assertThatThrownBy(() -> peer.await(work))
                                .isInstanceOf(ConnectionLostException.class));
        transport.peerReset();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("taken back");
    }

    @Test
    void getsWhatAStageFailedWith() {
        Deferred<String> work = new Deferred<>(reactor);
        MemoryTransport transport =
                lines(peer -> {
                    assertThatThrownBy(() -> peer.await(work))
                            .isInstanceOf(IOException.class)
                            .hasMessage("as asked");
                    peer.send(Bytes.utf8("went on"));
                });
        work.fail(new IOException("as asked"));
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("went on\r\n");
    }

    // ---- bytes ----

    @Test
    void readsLinesAndCountsInTurn() {
        MemoryTransport transport =
                connect(
                        Framing.bytes(),
                        peer -> {
                            var in = new ByteReader(peer);
                            for (Bytes head = in.readLine(9); head != null; head = in.readLine(9)) {
                                int count = Integer.parseInt(head.utf8());
                                journal.add(in.read(count).utf8());
                            }
                            peer.send(Bytes.utf8("thanks"));
                        });
        for (char each : "5\r\nhello3\n\r\n!0\n10\r\n0123456789".toCharArray()) {
            say(transport, String.valueOf(each));
        }
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("hello", "\r\n!", "", "0123456789");
        assertThat(transport.takeWrittenText()).isEqualTo("thanks");
    }

    @Test
    void isToldThatThePeerEndedInTheMiddleOfAMessage() {
        MemoryTransport transport =
                lines(peer -> {
                    assertThat(requireNonNull(peer.receive()).utf8()).isEqualTo("whole");
                    assertThatThrownBy(peer::receive)
                            .isInstanceOf(EOFException.class)
                            .hasMessageContaining("3 bytes");
                    peer.send(Bytes.utf8("sorry"));
                });
        transport.receiveOneByOne(Bytes.utf8("whole\r\nhal"));
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("sorry\r\n");
    }

    /// Messages of two bytes, cut by a protocol that is none of this room's.
    private static class Pairs implements Framing.Framed<Bytes> {
        final Framing.Inbox<Bytes> inbox;
        private @Nullable Transport transport;
        String kept = "";

        Pairs(Framing.Inbox<Bytes> inbox) {
            this.inbox = inbox;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            kept += data.utf8();
            while (kept.length() > 1) {
                inbox.received(Bytes.utf8(kept.substring(0, 2)), requireNonNull(transport));
                kept = kept.substring(2);
            }
        }

        @Override
        public boolean send(Bytes pair) {
            return requireNonNull(transport).write(pair);
        }
    }

    private static final class PairsThatTellWhetherTheyAreBetween extends Pairs {
        PairsThatTellWhetherTheyAreBetween(Framing.Inbox<Bytes> inbox) {
            super(inbox);
        }

        @Override
        public boolean isBetweenMessages() {
            return kept.isEmpty();
        }
    }

    private static final class PairsThatHearOfTheEnd extends Pairs implements HalfCloseable {
        PairsThatHearOfTheEnd(Framing.Inbox<Bytes> inbox) {
            super(inbox);
        }

        @Override
        public void readConnectionLost() {
            if (!kept.isEmpty()) {
                inbox.cutOff(kept.length());
            }
        }
    }

    /// It only logs what is cut off.
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
        public boolean send(Bytes line) {
            return sendLine(line);
        }
    }

    @Test
    void isToldSoWhateverCutsTheMessages() {
        sayTheLast(
                connect(PairsThatTellWhetherTheyAreBetween::new, this::listenToAPart), "12\r\n3");
        sayTheLast(connect(PairsThatHearOfTheEnd::new, this::listenToAPart), "12\r\n3");
        sayTheLast(connect(OwnLines::new, this::listenToAPart), "12\r\n3");
        assertThat(journal).containsExactly("12", "cut off", "12", "cut off", "12", "cut off");

        journal.clear();
        sayTheLast(connect(PairsThatTellWhetherTheyAreBetween::new, this::listen), "12");
        sayTheLast(connect(PairsThatHearOfTheEnd::new, this::listen), "12");
        sayTheLast(connect(Pairs::new, this::listen), "12");
        sayTheLast(connect(OwnLines::new, this::listen), "12\r\n");
        assertThat(journal).containsExactly("12", "end", "12", "end", "12", "end", "12", "end");
    }

    private void listenToAPart(BlockingConnection<Bytes> peer) throws Exception {
        try {
            listen(peer);
        } catch (EOFException cutOff) {
            assertThat(cutOff).hasMessageContaining("ended in the middle of a message");
            journal.remove("\r\n");
            journal.add("cut off");
        }
    }

    private void sayTheLast(MemoryTransport transport, String text) {
        say(transport, text);
        transport.peerClosed();
        reactor.runUntilIdle();
    }

    @Test
    void saysWhatIsWrongWithBytes() {
        MemoryTransport transport =
                connect(
                        Framing.bytes(),
                        peer -> {
                            var in = new ByteReader(peer);
                            assertThatThrownBy(() -> in.readLine(4))
                                    .isInstanceOf(ProtocolException.class);
                            assertThat(requireNonNull(in.read()).utf8()).isEqualTo("abc");
                            assertThatThrownBy(() -> in.read(2)).isInstanceOf(EOFException.class);
                            journal.add("all wrong");
                        });
        say(transport, "12345\nabc");
        say(transport, "d");
        transport.peerClosed();
        reactor.runUntilIdle();

        assertThat(journal).containsExactly("all wrong");
    }
}
