package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// AMP's `StartTLS`.
final class AmpStartTlsTest {
    record Nothing() {}

    record Word(String word) {}

    private static final Command<Word, Word> SAY = Command.of("Say", Word.class, Word.class);
    private static final Command<Nothing, Word> WAIT =
            Command.of("Wait", Nothing.class, Word.class);

    private static final Bytes START = Bytes.utf8("\0\4_ask\0\0011\0\10_command\0\10StartTLS\0\0");
    private static final Bytes AGREED = Bytes.utf8("\0\7_answer\0\0011\0\0");
    private static final Bytes SAY_X =
            Bytes.utf8("\0\4_ask\0\0017\0\10_command\0\3Say\0\4word\0\1x\0\0");

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();
    private final CompletableFuture<Word> later = new CompletableFuture<>();
    private TlsServer server;
    private TlsClient client;

    @BeforeEach
    void certificates() throws IOException {
        Path pem = Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
        server =
                new TlsServer(
                        TlsServerOptions.of(
                                TlsIdentity.read(
                                        pem.resolve("server.crt"), pem.resolve("server.key"))));
        client =
                new TlsClient(
                        TlsClientOptions.trusting(TlsTrust.read(pem.resolve("authority.crt"))));
    }

    private final class Peer extends AmpProtocol {
        private final String name;

        Peer(String name, Answers answers, AmpOptions options) {
            super(answers, options);
            this.name = name;
        }

        boolean isInHandshake() {
            return isOverLayer() && tlsSession() == null;
        }

        @Override
        protected void closed(CloseReason reason) {
            told.add(name + " lost: " + reason);
        }
    }

    private Answers answers() {
        return Answers.none()
                .with(
                        SAY,
                        (word, from) ->
                                completedFuture(
                                        new Word(
                                                word.word()
                                                        + (from.tlsSession() == null
                                                                ? " in plain text"
                                                                : " over TLS"))))
                .with(WAIT, (_, _) -> later);
    }

    private final class Pair {
        final Peer atServer = new Peer("server", answers().startingTls(server.layer()), options());
        final Peer atClient = new Peer("client", answers(), options());

        Pair() {
            reactor.wire(atClient, atServer);
        }
    }

    private static AmpOptions options() {
        return AmpOptions.DEFAULT;
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> call) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        reactor.callFromThread(() ->
                call.get()
                        .whenComplete((result, thrown) -> {
                            if (thrown == null) {
                                outcome.complete(result);
                            } else {
                                outcome.completeExceptionally(thrown);
                            }
                        }));
        reactor.runUntilIdle();
        return outcome;
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    @ParameterizedTest
    @EnumSource
    void goesOnOverTlsAndCallsThatWaitAreAnsweredThere(Chunks chunks) {
        reactor.network().chunks(chunks);
        Pair pair = new Pair();
        assertThat(now(ask(() -> pair.atClient.call(SAY, new Word("a")))).word())
                .isEqualTo("a in plain text");
        var waits = ask(() -> pair.atClient.call(WAIT, new Nothing()));
        var back = ask(() -> pair.atServer.call(WAIT, new Nothing()));

        now(ask(() -> pair.atClient.callToStartTls(client.layer("server.example"))));

        assertThat(pair.atClient.tlsSession()).isNotNull();
        assertThat(now(ask(() -> pair.atClient.call(SAY, new Word("b")))).word())
                .isEqualTo("b over TLS");
        assertThat(now(ask(() -> pair.atServer.call(SAY, new Word("c")))).word())
                .isEqualTo("c over TLS");
        reactor.callFromThread(() -> later.complete(new Word("at last")));
        reactor.runUntilIdle();
        assertThat(now(waits).word()).isEqualTo("at last");
        assertThat(now(back).word()).isEqualTo("at last");
        assertThat(told).isEmpty();
    }

    @Test
    void nothingIsAskedAndNoAnswerLeavesWhileThePeerDecides() {
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = ask(() -> asking.callToStartTls(client.layer("server.example")));
        transport.takeWritten();
        var asked = ask(() -> asking.call(SAY, new Word("secret")));
        transport.receive(SAY_X);
        reactor.runUntilIdle();

        assertThatThrownBy(() -> now(asked)).hasCauseInstanceOf(AmpException.Switched.class);
        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(start.toCompletableFuture()).isNotDone();

        // A refusal leaves all as it is.
        transport.receive(
                Bytes.utf8(
                        "\0\6_error\0\0011\0\13_error_code\0\11UNHANDLED"
                                + "\0\22_error_description\0\1?\0\0"));
        reactor.runUntilIdle();
        assertThatThrownBy(() -> now(start)).hasCauseInstanceOf(AmpException.Remote.class);
        assertThat(transport.takeWrittenText()).contains("_answer").contains("x in plain text");
        assertThat(told).isEmpty();
    }

    @Test
    void anAnswerThatDoesNotComeIsTheEndAndNothingLeavesInPlainText() {
        Peer asking = new Peer("client", answers(), options().withDeadline(Duration.ofSeconds(5)));
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = ask(() -> asking.callToStartTls(client.layer("server.example")));
        transport.takeWritten();
        transport.receive(SAY_X);
        reactor.advance(Duration.ofSeconds(6));

        assertThatThrownBy(() -> now(start)).hasCauseInstanceOf(AmpException.TimedOut.class);
        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(told).hasSize(1);
    }

    @Test
    void aSecondStartFailsAndStillNoAnswerLeavesInPlainText() {
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = ask(() -> asking.callToStartTls(client.layer("server.example")));
        transport.receive(SAY_X);
        transport.takeWritten();
        var again = ask(() -> asking.callToStartTls(client.layer("server.example")));

        assertThatThrownBy(() -> now(again)).hasCauseInstanceOf(AmpException.Switched.class);
        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(start.toCompletableFuture()).isNotDone();
    }

    @Test
    void aLossWhileThePeerDecidesFailsTheStartAndDropsWhatWaited() {
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = ask(() -> asking.callToStartTls(client.layer("server.example")));
        transport.takeWritten();
        transport.receive(SAY_X);
        transport.peerReset();
        reactor.runUntilIdle();

        assertThatThrownBy(() -> now(start)).hasCauseInstanceOf(AmpException.Lost.class);
        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(told).singleElement().asString().startsWith("client lost");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aStartThatIsGivenUpIsTheEndAndNothingLeavesInPlainText() {
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = asking.callToStartTls(client.layer("server.example"));
        transport.takeWritten();
        transport.receive(SAY_X);
        start.toCompletableFuture().cancel(false);
        transport.receive(AGREED);
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(told).singleElement().asString().startsWith("client lost");
    }

    @Test
    void theWaitForTheHandshakeIsGivenUpAlone() {
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start = asking.callToStartTls(client.layer("server.example"));
        transport.receive(AGREED);
        start.toCompletableFuture().cancel(false);
        reactor.runUntilIdle();

        assertThat(transport.isClosing()).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void aStartThatIsGivenUpDuringTheHandshakeGoesOnOverTls() {
        Pair pair = new Pair();
        var start = pair.atClient.callToStartTls(client.layer("server.example"));
        cancelDuringTheHandshake(start, pair.atClient);
        reactor.runUntilIdle();

        assertThat(start.toCompletableFuture()).isCancelled();
        assertThat(now(ask(() -> pair.atClient.call(SAY, new Word("a")))).word())
                .isEqualTo("a over TLS");
        assertThat(told).isEmpty();
    }

    @Test
    void aHandshakeThatFailsWhenItsStartWasGivenUpIsTheEndAsEver() {
        Pair pair = new Pair();
        var start = pair.atClient.callToStartTls(client.layer("wrong.example"));
        cancelDuringTheHandshake(start, pair.atClient);
        List<String> log = Logged.during(reactor::runUntilIdle);

        assertThat(start.toCompletableFuture()).isCancelled();
        assertThat(told).hasSize(2).allMatch(line -> line.contains("lost: "));
        assertThat(log).noneMatch(line -> line.contains("given up"));
    }

    /// Looks turn by turn whether it has come to that.
    private void cancelDuringTheHandshake(CompletionStage<Void> start, Peer asking) {
        if (asking.isInHandshake()) {
            start.toCompletableFuture().cancel(false);
        } else {
            reactor.callFromThread(() -> cancelDuringTheHandshake(start, asking));
        }
    }

    @Test
    void answersThatPileUpDuringTheHandshakeStopNobodyForEver() {
        Pair pair = new Pair();
        List<CompletionStage<Word>> waits = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waits.add(ask(() -> pair.atClient.call(WAIT, new Nothing())));
        }
        var start = pair.atClient.callToStartTls(client.layer("server.example"));
        answerDuringTheHandshake(pair.atServer);
        reactor.runUntilIdle();

        now(start);
        assertThat(waits).allSatisfy(each -> assertThat(now(each).word()).hasSize(60_000));
        assertThat(now(ask(() -> pair.atClient.call(SAY, new Word("b")))).word())
                .isEqualTo("b over TLS");
    }

    private void answerDuringTheHandshake(Peer answering) {
        if (answering.isInHandshake()) {
            later.complete(new Word("x".repeat(60_000)));
        } else {
            reactor.callFromThread(() -> answerDuringTheHandshake(answering));
        }
    }

    @Test
    void aHandshakeIsReadThoughTheAgreementHadNoRoom() {
        Peer answering = new Peer("server", answers().startingTls(server.layer()), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, answering);
        transport.writable(false);
        transport.receive(SAY_X);
        assertThat(transport.isPaused()).isTrue();
        transport.writable(true);
        transport.writable(false);
        transport.receive(START);

        assertThat(transport.isPaused()).isFalse();
    }

    @Test
    void aLayerThatCannotBeMadeFailsTheConnectionAndNothingLeavesInPlainText() {
        IllegalStateException broken = new IllegalStateException("no layer");
        Peer asking = new Peer("client", answers(), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, asking);
        var start =
                ask(() ->
                        asking.callToStartTls(_ -> {
                            throw broken;
                        }));
        transport.takeWritten();
        transport.receive(SAY_X);
        transport.receive(AGREED);
        reactor.runUntilIdle();

        assertThatThrownBy(() -> now(start)).hasCause(broken);
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Failed(broken));
        assertThat(transport.takeWrittenText()).isEmpty();
    }

    @Test
    void aPeerThatAsksForTlsWhileItIsAskedForAChangeIsTheEnd() {
        Command<Nothing, Nothing> change = Command.of("Change", Nothing.class, Nothing.class);
        for (boolean tls : List.of(true, false)) {
            Peer both = new Peer("both", answers().startingTls(server.layer()), options());
            MemoryTransport transport = MemoryTransport.connect(reactor, both);
            var call =
                    tls
                            ? ask(() -> both.callToStartTls(client.layer("server.example")))
                            : ask(() -> both.callToSwitch(change, new Nothing(), () -> both));
            transport.takeWritten();
            transport.receive(START);
            reactor.runUntilIdle();

            assertThatThrownBy(() -> now(call)).hasCauseInstanceOf(AmpException.Lost.class);
            assertThat(transport.takeWrittenText()).isEmpty();
        }
        assertThat(told).hasSize(2);
    }

    @Test
    void whatFollowsTheQuestionInPlainTextIsNeverAnswered() {
        Peer answering = new Peer("server", answers().startingTls(server.layer()), options());
        MemoryTransport transport = MemoryTransport.connect(reactor, answering);
        transport.receive(
                Bytes.utf8(
                        "\0\4_ask\0\0011\0\10_command\0\10StartTLS\0\0"
                                + "\0\4_ask\0\0012\0\10_command\0\3Say\0\4word\0\1x\0\0"));
        reactor.runUntilIdle();

        assertThat(transport.takeWrittenText()).contains("_answer").doesNotContain("plain text");
        assertThat(told).singleElement().asString().contains("not TLS");
    }

    @Test
    void aPeerWithoutTlsSaysThatItDoesNotKnowTheCommand() {
        Peer asking = new Peer("client", answers(), options());
        reactor.wire(asking, new Peer("server", answers(), options()));
        var start = ask(() -> asking.callToStartTls(client.layer("server.example")));

        assertThatThrownBy(() -> now(start)).hasMessageContaining("UNHANDLED");
        assertThat(now(ask(() -> asking.call(SAY, new Word("still")))).word())
                .isEqualTo("still in plain text");
    }

    @Test
    void isStartedOnce() {
        Pair pair = new Pair();
        now(ask(() -> pair.atClient.callToStartTls(client.layer("server.example"))));
        var again = ask(() -> pair.atClient.callToStartTls(client.layer("server.example")));

        assertThatThrownBy(() -> now(again)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(told).isEmpty();
    }

    @Test
    void aFailedHandshakeIsTheEnd() {
        Pair pair = new Pair();
        var start = ask(() -> pair.atClient.callToStartTls(client.layer("wrong.example")));

        assertThatThrownBy(() -> now(start)).hasCauseInstanceOf(IOException.class);
        assertThat(told).hasSize(2);
        assertThatThrownBy(() -> now(ask(() -> pair.atClient.call(SAY, new Word("x")))))
                .hasCauseInstanceOf(AmpException.Lost.class);
    }

    @Test
    void aStrangerThatBreaksTheHandshakeIsNoErrorInTheLog() {
        Peer answering = new Peer("server", answers().startingTls(server.layer()), options());
        List<String> log =
                Logged.during(() -> {
                    MemoryTransport transport = MemoryTransport.connect(reactor, answering);
                    transport.receive(START);
                    transport.receive(Bytes.utf8("GET / HTTP/1.1\r\n\r\n"));
                    reactor.stop();
                    reactor.runUntilIdle();
                });

        assertThat(log).isEmpty();
        assertThat(told).singleElement().asString().contains("not TLS");
    }
}
