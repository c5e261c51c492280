package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.amp.Command;
import dev.torsion.protocols.blocking.ByteReader;
import dev.torsion.protocols.blocking.CloseAskedException;
import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.AsyncSemaphore;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.InOrder;
import dev.torsion.reactor.Outcome;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The samples of `docs/guides/blocking.md`: they run here, and the page shows nothing else.
@Timeout(60)
final class BlockingGuideTest {
    private final ManualReactor reactor = new ManualReactor();
    private final Map<String, Deferred<String>> answers = new LinkedHashMap<>();
    private final List<String> forgotten = new ArrayList<>();

    @FunctionalInterface
    interface Database {
        String find(String key) throws Exception;
    }

    private void forget(String question) {
        forgotten.add(question);
    }

    record Sum(long a, long b) {}

    record Total(long total) {}

    static final Command<Sum, Total> SUM = Command.of("Sum", Sum.class, Total.class);

    private CompletionStage<String> ask(String question) {
        Deferred<String> answer = new Deferred<>(reactor, () -> forget(question));
        answers.put(question, answer);
        return answer;
    }

    static final class Lookup extends LineProtocol {
        private final Database database;
        private @Nullable InOrder work;

        Lookup(Database database) {
            this.database = database;
        }

        @Override
        protected void connected() {
            work = new InOrder(transport(), 4, 64);
        }

        @Override
        protected void lineReceived(Bytes line) {
            String key = line.utf8();
            var _ =
                    requireNonNull(work)
                            .call(() -> database.find(key))
                            .handle((found, failure) -> failure == null ? found : "unknown")
                            .thenAccept(answer -> sendLine(Bytes.utf8(answer)));
        }

        @Override
        protected void disconnected(CloseReason reason) {
            requireNonNull(work).close();
        }
    }

    @AfterEach
    void nothingThrew() {
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void callsBackOnTheLoop() {
        var transport = MemoryTransport.connect(reactor, new Protocol() {});
        Database database = key -> key + ", 42";

        var _ =
                reactor.callInThread(() -> database.find("Ann"))
                        .thenAccept(found -> transport.write(Bytes.utf8("it is " + found)));

        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEqualTo("it is Ann, 42");
    }

    @Test
    void takesBack() {
        List<String> interrupted = new ArrayList<>();
        Database database =
                key -> {
                    try {
                        return new CompletableFuture<String>().get();
                    } catch (InterruptedException stopped) {
                        interrupted.add(key);
                        throw stopped;
                    }
                };
        takesBackByHand(database);
        assertThat(interrupted).containsExactly("Ann");

        var greeting =
                reactor.callInThread(() -> database.find("Ann"))
                        .toCompletableFuture()
                        .orTimeout(5, TimeUnit.SECONDS);
        reactor.advance(Duration.ofSeconds(5));
        assertThat(greeting.exceptionNow()).isInstanceOf(TimeoutException.class);
        assertThat(interrupted).containsExactly("Ann", "Ann");
    }

    private void takesBackByHand(Database database) {
        CompletionStage<String> greeting =
                reactor.callInThread(() -> database.find("Ann"))
                        .thenApply(found -> "hello " + found);
        reactor.runUntilIdle();

        greeting.toCompletableFuture().cancel(false);
        reactor.runUntilIdle();
    }

    @Test
    void waitsForAll() {
        Database database = key -> key + ", 42";

        var found =
                Deferred.all(
                        reactor,
                        Stream.of("Ann", "Bob")
                                .map(name -> reactor.callInThread(() -> database.find(name)))
                                .toList());

        reactor.runUntilIdle();
        assertThat(found).isCompletedWithValue(List.of("Ann, 42", "Bob, 42"));
    }

    @Test
    void waitsForAllHoweverTheyEnd() {
        var told = new ArrayList<String>();

        var _ =
                Deferred.outcomes(reactor, List.of(ask("left"), ask("right")))
                        .thenAccept(outcomes -> {
                            for (Outcome<String> outcome : outcomes) {
                                told.add(
                                        switch (outcome) {
                                            case Outcome.Succeeded<String>(String answer) -> answer;
                                            case Outcome.Failed<String>(Throwable cause) ->
                                                    "no answer: " + cause.getMessage();
                                        });
                            }
                        });

        requireNonNull(answers.get("right")).fail(new IOException("it is closed"));
        requireNonNull(answers.get("left")).succeed("this way");
        assertThat(told).containsExactly("this way", "no answer: it is closed");
    }

    @Test
    void searchesFewAtOnce() {
        Database database = key -> key + ", 42";
        var searches = new AsyncSemaphore(reactor, 4, 1000);

        CompletionStage<String> found =
                searches.run(() -> reactor.callInThread(() -> database.find("Ann")));

        reactor.runUntilIdle();
        assertThat(found).isCompletedWithValue("Ann, 42");
    }

    @Test
    void waitsInAThread() {
        var told = new ArrayList<String>();
        var _ =
                reactor.callInThread(() -> {
                    String first = reactor.await(ask("first"));
                    return told.add(reactor.await(ask("second, after " + first)));
                });
        reactor.runUntilIdle();
        requireNonNull(answers.get("first")).succeed("one");
        reactor.runUntilIdle();
        requireNonNull(answers.get("second, after one")).succeed("two");
        reactor.runUntilIdle();

        assertThat(told).containsExactly("two");
        assertThat(forgotten).isEmpty();
    }

    @Test
    void asksWithAmp() {
        var told = new ArrayList<Long>();
        AmpProtocol peer = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        Answers adding =
                Answers.none().with(SUM, (sum, _) -> completedFuture(new Total(sum.a() + sum.b())));
        reactor.wire(peer, new AmpProtocol(adding, AmpOptions.DEFAULT));

        var _ =
                reactor.callInThread(() -> {
                    Total three = reactor.await(peer.call(SUM, new Sum(1, 2)));
                    Total six = reactor.await(peer.call(SUM, new Sum(three.total(), 3)));
                    return told.add(six.total());
                });
        reactor.runUntilIdle();

        assertThat(told).containsExactly(6L);
    }

    @Test
    void talks() {
        ProtocolFactory door =
                Conversation.over(
                        Framing.lines(),
                        peer -> {
                            peer.send(Bytes.utf8("who are you?"));
                            Bytes name = peer.receive();
                            if (name != null) {
                                peer.send(Bytes.utf8("hello " + name.utf8()));
                            }
                        });

        Protocol protocol = door.buildProtocol(new Address.Inet("192.0.2.1", 1000));
        var transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEqualTo("who are you?\r\n");

        transport.receiveOneByOne(Bytes.utf8("Ann\r\n"));
        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEqualTo("hello Ann\r\n");
    }

    @Test
    void readsByLineAndByCount() {
        ProtocolFactory door =
                Conversation.over(
                        Framing.bytes(),
                        peer -> {
                            var in = new ByteReader(peer);
                            Bytes head = in.readLine(20);
                            while (head != null) {
                                Bytes body = in.read(Integer.parseInt(head.utf8()));
                                peer.send(Bytes.utf8(body.utf8().toUpperCase(Locale.ROOT)));
                                head = in.readLine(20);
                            }
                        });
        Protocol protocol = door.buildProtocol(new Address.Inet("192.0.2.1", 1000));
        var transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        transport.receiveOneByOne(Bytes.utf8("5\r\nhello1\r\n!"));
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("HELLO!");
    }

    @Test
    void saysGoodbyeWhenTheReactorStops() {
        ProtocolFactory door =
                Conversation.over(
                        Framing.lines(),
                        peer -> {
                            try {
                                for (Bytes it = peer.receive(); it != null; it = peer.receive()) {
                                    peer.send(Bytes.utf8("250 hello"));
                                }
                            } catch (CloseAskedException asked) {
                                peer.send(Bytes.utf8("421 closing"));
                            }
                        });
        Protocol protocol = door.buildProtocol(new Address.Inet("192.0.2.1", 1000));
        var transport = MemoryTransport.connect(reactor, requireNonNull(protocol));
        transport.receive(Bytes.utf8("HELO\r\n"));
        reactor.runUntilIdle();
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEqualTo("250 hello\r\n421 closing\r\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void goesOnOverTls() throws IOException {
        Path pem = Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
        TlsServer tls =
                new TlsServer(
                        TlsServerOptions.of(
                                TlsIdentity.read(
                                        pem.resolve("server.crt"), pem.resolve("server.key"))));
        TlsClient trusting =
                new TlsClient(
                        TlsClientOptions.trusting(TlsTrust.read(pem.resolve("authority.crt"))));
        List<String> heard = new ArrayList<>();

        ProtocolFactory door =
                Conversation.over(
                        Framing.lines(),
                        peer -> {
                            for (Bytes it = peer.receive(); it != null; it = peer.receive()) {
                                if (it.utf8().equals("STARTTLS")) {
                                    peer.startTls(Bytes.utf8("220 go ahead"), tls.layer());
                                } else if (peer.tlsSession() == null) {
                                    peer.send(Bytes.utf8("530 STARTTLS first"));
                                } else {
                                    peer.send(Bytes.utf8("250 hello"));
                                }
                            }
                        });

        ProtocolFactory guest =
                Conversation.over(
                        Framing.lines(),
                        peer -> {
                            peer.send(Bytes.utf8("STARTTLS"));
                            heard.add(requireNonNull(peer.receive()).utf8());
                            peer.startTls(null, trusting.layer("server.example"));
                            peer.send(Bytes.utf8("EHLO"));
                            heard.add(requireNonNull(peer.receive()).utf8());
                        });

        var port = reactor.listenTcp(0, door);
        var _ = reactor.connect(port.address(), guest, Duration.ofSeconds(5));
        reactor.runUntilIdle();
        assertThat(heard).containsExactly("220 go ahead", "250 hello");
    }

    @Test
    void answersInOrder() {
        var slow = new CompletableFuture<String>();
        Database database =
                key ->
                        switch (key) {
                            case "slow" -> slow.get();
                            case "none" -> throw new IllegalArgumentException(key);
                            default -> key;
                        };
        var transport = MemoryTransport.connect(reactor, new Lookup(database));
        transport.receive(Bytes.utf8("slow\r\nnone\r\nquick\r\n"));
        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEmpty();
        slow.complete("at last");
        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEqualTo("at last\r\nunknown\r\nquick\r\n");
        transport.peerClosed();
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("blocking.md", "BlockingGuideTest.java");
    }
}
