package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.ForwardingTransport;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// What an AMP connection does while its peer does not take what it writes.
final class AmpRoomTest {
    record Nothing() {}

    record Text(String text) {}

    private static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    private static final Command<Text, Text> ECHO =
            Command.of("Echo", Text.class, Text.class)
                    .failingForGood("BROKEN", Broken.class, Broken::new);
    private static final Command<Nothing, Nothing> SWITCH =
            Command.of("Switch", Nothing.class, Nothing.class);

    private final List<String> told = new ArrayList<>();
    private final Answers answers =
            Answers.none()
                    .with(
                            ECHO,
                            (text, _) -> {
                                told.add(text.text());
                                if (text.text().equals("break")) {
                                    throw new Broken("no more");
                                }
                                return completedFuture(text);
                            })
                    .switching(SWITCH, (_, _) -> completedFuture(new Next()));
    private final Peer amp = new Peer();
    private final MemoryTransport transport = MemoryTransport.connect(amp);

    /// One whose user does with the connection what he likes.
    private final class Peer extends AmpProtocol {
        Peer() {
            super(answers, AmpOptions.DEFAULT.withHeartbeat(Duration.ofMinutes(2)));
        }

        Transport connection() {
            return transport();
        }
    }

    /// The protocol after a switch.
    private final class Next implements Protocol {
        @Override
        public void connectionMade(Transport made) {
            told.add("switched");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
        }
    }

    @Test
    void aPeerThatAsksAndDoesNotTakeTheAnswersIsNotRead() throws Exception {
        transport.writable(false);
        transport.receive(all(echo("1"), echo("2"), unknown()));
        transport.receive(echo("3"));
        transport.reactor().runUntilIdle();

        assertThat(told).containsExactly("1");
        assertThat(transport.isPaused()).isTrue();

        transport.writable(true);
        transport.reactor().runUntilIdle();
        assertThat(told).containsExactly("1", "2", "3");
        assertThat(transport.isPaused()).isFalse();
        assertThat(transport.takeWrittenText()).contains("UNHANDLED");
    }

    @Test
    void nobodyNeedsToKnowACommandToBeHeldUp() throws Exception {
        transport.writable(false);
        for (int i = 0; i < 100; i++) {
            transport.receive(unknown());
        }

        assertThat(transport.pendingBytes()).isLessThan(100);
    }

    @Test
    void whatTheUserHasPausedStaysPausedWhenThereIsRoom() throws Exception {
        transport.writable(false);
        transport.receive(all(echo("1"), echo("2")));
        amp.connection().pauseReading();
        transport.writable(true);
        transport.reactor().runUntilIdle();
        assertThat(told).containsExactly("1");
        assertThat(transport.isPaused()).isTrue();

        amp.connection().resumeReading();
        transport.reactor().runUntilIdle();
        assertThat(told).containsExactly("1", "2");
        assertThat(transport.isPaused()).isFalse();
    }

    @Test
    void whoResumesReadingGetsNoMoreThanThereIsRoomFor() throws Exception {
        transport.writable(false);
        transport.receive(all(echo("1"), echo("2")));
        amp.connection().pauseReading();
        amp.connection().resumeReading();
        transport.reactor().runUntilIdle();
        assertThat(told).containsExactly("1");
        assertThat(transport.isPaused()).isTrue();

        transport.writable(true);
        transport.reactor().runUntilIdle();
        assertThat(told).containsExactly("1", "2");
    }

    @Test
    void whoWaitsForAnAnswerItselfReads() throws Exception {
        transport.writable(false);
        transport.receive(all(echo("1"), echo("2")));
        var call = outcome(amp.call(ECHO, new Text("mine")));
        transport.reactor().runUntilIdle();
        transport.receive(all(echo("3"), answer("1", "yours"), echo("4"), echo("5")));

        assertThat(call).containsExactly(new Text("yours"));
        assertThat(told).containsExactly("1", "2", "3", "4");
        assertThat(transport.isPaused()).isTrue();
    }

    @Test
    void twoThatAskEachOtherMoreThanHasRoomAreBothAnswered() {
        ManualReactor reactor = new ManualReactor();
        AmpProtocol one = new AmpProtocol(answers, AmpOptions.DEFAULT);
        AmpProtocol other = new AmpProtocol(answers, AmpOptions.DEFAULT);
        reactor.wire(one, other);
        List<List<Object>> outcomes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            outcomes.add(outcome(one.call(ECHO, new Text("x".repeat(60_000)))));
            outcomes.add(outcome(other.call(ECHO, new Text("y".repeat(60_000)))));
        }
        reactor.runUntilIdle();

        assertThat(outcomes)
                .allSatisfy(each -> assertThat(each).singleElement().isInstanceOf(Text.class));
    }

    @Test
    void twoWhoseCallsHaveRunOutGoOnReadingEachOther() {
        ManualReactor reactor = new ManualReactor();
        Duration late = Duration.ofSeconds(2);
        Answers slow =
                Answers.none()
                        .with(
                                ECHO,
                                (text, _) -> {
                                    CompletableFuture<Text> answer = new CompletableFuture<>();
                                    reactor.callLater(late, () -> answer.complete(text));
                                    return answer;
                                });
        AmpProtocol one = new AmpProtocol(slow, AmpOptions.DEFAULT);
        AmpProtocol other = new AmpProtocol(slow, AmpOptions.DEFAULT);
        reactor.wire(one, other);
        Command<Text, Text> hasty = ECHO.within(Duration.ofSeconds(1));
        for (int i = 0; i < 100; i++) {
            var _ = one.call(hasty, new Text("x".repeat(60_000))).handle((_, _) -> true);
            var _ = other.call(hasty, new Text("y".repeat(60_000))).handle((_, _) -> true);
        }
        reactor.advance(late);
        reactor.advance(late);

        assertThat(outcome(one.tell(ECHO, new Text("told")))).hasSize(1);
        assertThat(outcome(other.tell(ECHO, new Text("told")))).hasSize(1);
    }

    @Test
    void whatWasToldAndGivenUpIsNoErrorInTheLog() {
        transport.writable(false);
        var _ = amp.tell(ECHO, new Text("told")).toCompletableFuture().cancel(false);

        assertThat(Logged.during(transport::peerReset)).isEmpty();
    }

    @Test
    void aPeerThatAsksMoreThanHasRoomIsAnsweredInTheEnd() {
        ManualReactor reactor = new ManualReactor();
        AmpProtocol asking = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        reactor.wire(asking, new AmpProtocol(answers, AmpOptions.DEFAULT));
        List<List<Object>> outcomes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            outcomes.add(outcome(asking.call(ECHO, new Text("x".repeat(60_000)))));
        }
        reactor.runUntilIdle();

        assertThat(outcomes)
                .allSatisfy(each -> assertThat(each).singleElement().isInstanceOf(Text.class));
    }

    @Test
    void theNextProtocolIsReadThoughTheAnswerHadNoRoom() throws Exception {
        transport.writable(false);
        var waits = outcome(amp.tell(ECHO, new Text("told")));
        transport.receive(all(echo("1")));
        transport.writable(true);
        transport.reactor().runUntilIdle();
        transport.writable(false);
        transport.receive(all(command("Switch").put(Box.ASK, Box.latin("9")), Bytes.utf8("next")));
        transport.receive(Bytes.utf8("and more"));
        transport.reactor().runUntilIdle();

        assertThat(told).containsExactly("1", "switched", "next", "and more");
        assertThat(transport.isPaused()).isFalse();
        assertThat(waits).containsExactly("");
    }

    @Test
    void aPeerThatTakesNothingIsSilent() throws Exception {
        transport.writable(false);
        transport.receive(echo("1"));
        assertThat(transport.isPaused()).isTrue();
        transport.reactor().advance(Duration.ofMinutes(4));

        assertThat(transport.isAborted()).isTrue();
    }

    @Test
    void aPeerThatTakesSomethingIsNotSilent() {
        var slow = new Slow(transport);
        Room room = new Room(slow);
        room.write(Bytes.utf8("0123456789"));
        assertThat(room.isTaken()).isFalse();

        slow.taken = 1;
        room.write(Bytes.utf8("a sign of life?"));
        assertThat(room.isTaken()).isTrue();
        assertThat(room.isTaken()).isFalse();
    }

    private static final class Slow extends ForwardingTransport {
        private long written;
        private long taken;

        Slow(Transport beneath) {
            super(beneath);
        }

        @Override
        public boolean write(Bytes data) {
            written += data.size();
            return false;
        }

        @Override
        public long pendingBytes() {
            return written - taken;
        }
    }

    // ---- telling ----

    @Test
    void whoTellsIsAsFastAsThePeer() {
        transport.writable(false);
        var first = outcome(amp.tell(ECHO, new Text("1")));
        var second = outcome(amp.tell(ECHO, new Text("2")));
        assertThat(first).isEmpty();
        assertThat(transport.isPaused()).isFalse();

        transport.writable(true);
        assertThat(first).hasSize(1);
        assertThat(second).hasSize(1);
        assertThat(outcome(amp.tell(ECHO, new Text("3")))).hasSize(1);
    }

    @Test
    void tellingFailsAfterThisEndHasClosed() throws Exception {
        amp.connection().loseConnection();
        var tell = outcome(amp.tell(ECHO, new Text("dropped")));
        transport.reactor().runUntilIdle();

        lost(tell);
        assertThat(transport.takeWritten().isEmpty()).isTrue();
    }

    @Test
    void tellingFailsAfterAnErrorForGood() throws Exception {
        transport.writable(false);
        transport.receive(echo("break"));
        var tell = outcome(amp.tell(ECHO, new Text("dropped")));
        transport.writable(true);
        transport.reactor().runUntilIdle();

        lost(tell);
        assertThat(transport.takeWrittenText()).contains("BROKEN").doesNotContain("dropped");
    }

    @Test
    void tellingFailsAfterThePeerHasClosedThoughItIsStillSentSomething() {
        transport.writable(false);
        var _ = amp.tell(ECHO, new Text("before"));
        transport.peerClosed();
        var tell = outcome(amp.tell(ECHO, new Text("dropped")));
        assertThat(tell).isEmpty();
        transport.writable(true);
        transport.reactor().runUntilIdle();

        lost(tell);
        assertThat(transport.takeWrittenText()).contains("before").doesNotContain("dropped");
    }

    // ---- the test's own ----

    private static void lost(List<Object> outcome) {
        assertThat(outcome)
                .singleElement()
                .isInstanceOfSatisfying(
                        AmpException.Lost.class,
                        lost -> assertThat(lost.reason()).isInstanceOf(CloseReason.Done.class));
    }

    private static List<Object> outcome(CompletionStage<?> stage) {
        List<Object> outcome = new ArrayList<>();
        var _ =
                stage.whenComplete((value, thrown) ->
                        outcome.add(thrown != null ? thrown : value != null ? value : ""));
        return outcome;
    }

    private static Bytes echo(String text) throws AmpException {
        return command("Echo").put(Box.ASK, Box.latin("1")).put("text", Bytes.utf8(text)).encode();
    }

    private static Bytes unknown() throws AmpException {
        return command("?").put(Box.ASK, Box.latin("1")).encode();
    }

    private static Bytes answer(String tag, String text) throws AmpException {
        return new Box().put(Box.ANSWER, Box.latin(tag)).put("text", Bytes.utf8(text)).encode();
    }

    private static Box command(String name) {
        return new Box().put(Box.COMMAND, Box.latin(name));
    }

    private static Bytes all(Box first, Bytes second) throws AmpException {
        return all(first.encode(), second);
    }

    private static Bytes all(Bytes... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Bytes part : parts) {
            all.writeBytes(part.toArray());
        }
        return Bytes.wrap(all.toByteArray());
    }
}
