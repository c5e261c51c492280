package dev.torsion.protocols.amp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AmpProtocolTest {
    private record Sum(long a, long b) {}

    private record Total(long total) {}

    private record Nothing() {}

    private record Text(String text) {}

    private static final class OutOfRange extends Exception {
        private static final long serialVersionUID = 1L;

        OutOfRange(String message) {
            super(message);
        }
    }

    private static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    private static final Command<Sum, Total> SUM =
            Command.of("Sum", Sum.class, Total.class)
                    .failing("RANGE", OutOfRange.class, OutOfRange::new)
                    .failingForGood("BROKEN", Broken.class, Broken::new);
    private static final Command<Text, Text> ECHO = Command.of("Echo", Text.class, Text.class);
    private static final Command<Nothing, Nothing> SWITCH =
            Command.of("Switch", Nothing.class, Nothing.class);

    private final List<String> told = new ArrayList<>();
    private final List<CompletableFuture<Total>> later = new ArrayList<>();
    private final Answers answers =
            Answers.none()
                    .with(
                            SUM,
                            (sum, _) -> {
                                told.add(sum.a() + "+" + sum.b());
                                return switch ((int) sum.b()) {
                                    case 404 -> throw new OutOfRange("too much: ☃");
                                    case 500 -> throw new Broken("no more");
                                    case 501 -> throw new IllegalStateException("a secret");
                                    case 600 -> {
                                        later.add(new CompletableFuture<>());
                                        yield later.getLast();
                                    }
                                    default -> done(new Total(sum.a() + sum.b()));
                                };
                            })
                    .with(ECHO, (text, _) -> done(text))
                    .switching(SWITCH, (_, _) -> done(new Upper()));

    private AmpProtocol amp = new AmpProtocol(answers, AmpOptions.DEFAULT);
    private MemoryTransport transport = MemoryTransport.connect(amp);

    /// The protocol after a switch.
    private final class Upper implements Protocol {
        private Transport transport = AmpProtocolTest.this.transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            told.add("switched");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
            transport.write(data);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    private static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }

    @Test
    void mayBeAskedFromAnyThread() {
        ManualReactor reactor = new ManualReactor();
        AmpProtocol asking = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        reactor.wire(asking, new AmpProtocol(answers, AmpOptions.DEFAULT));
        var _ =
                reactor.callInThread(() -> {
                    var _ = reactor.await(asking.tell(SUM, new Sum(1, 1)));
                    told.add("is " + reactor.await(asking.call(SUM, new Sum(1, 2))).total());
                    CompletionStage<Total> endless = asking.call(SUM, new Sum(1, 600));
                    return endless.toCompletableFuture().cancel(false);
                });
        reactor.runUntilIdle();

        assertThat(told).containsExactly("1+1", "1+2", "is 3");
        assertThat(reactor.failures()).isEmpty();
    }

    // ---- boxes ----

    @Test
    void aBoxIsKeysAndValuesWithTheirLengthsSortedAndEndedByAZero() {
        var _ = amp.call(SUM, new Sum(13, 81));

        assertThat(transport.takeWrittenText())
                .isEqualTo(
                        "\0\u0004_ask\0\u00011\0\u0008_command\0\u0003Sum"
                                + "\0\u0001a\0\u000213\0\u0001b\0\u000281\0\0");
    }

    @Test
    void aQuestionIsAnsweredHoweverItArrives() {
        Bytes question = box("_ask", "tag", "_command", "Sum", "a", "13", "b", "81");
        for (int split = 0; split <= question.size(); split++) {
            fresh();
            transport.receive(question.slice(0, split));
            transport.receive(question.slice(split, question.size()));
            assertThat(transport.takeWritten()).isEqualTo(box("_answer", "tag", "total", "94"));
        }
        fresh();
        transport.receiveOneByOne(question);
        assertThat(transport.takeWritten()).isEqualTo(box("_answer", "tag", "total", "94"));
    }

    @Test
    void keysComeInAnyOrder() {
        receive("b", "81", "_command", "Sum", "a", "13", "_ask", "1");

        answered("_answer", "1", "total", "94");
    }

    @Test
    void aKeyLengthOver255ClosesWithoutReply() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        transport.takeWritten();
        transport.receive(Bytes.wrap(new byte[] {1, 0}));

        closedWithoutReply();
        transport.reactor().runUntilIdle();
        assertThat(call).singleElement().asString().contains("Lost").contains("closed cleanly");
    }

    @Test
    void aKeyOf255BytesAndAValueOf65535AreTaken() {
        String longest = "k".repeat(255);
        String value = "v".repeat(65_535);
        receive("_ask", "1", "_command", "Echo", "text", value, longest, value);

        answered("_answer", "1", "text", value);
    }

    @Test
    void aBoxOverTheLimitClosesWithoutReply() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(1), 1, 1, 100, null));
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Echo", "text", "x".repeat(100));

        closedWithoutReply();
    }

    @Test
    void aBoxOfMoreThan1024KeysClosesWithoutReply() {
        Wire most = new Wire();
        for (int i = 0; i < 1022; i++) {
            most.put("" + i, Bytes.empty());
        }
        most.put("_command", Bytes.utf8("Tea")).put("_ask", Bytes.utf8("1"));
        transport.receive(most.end());
        assertThat(transport.takeWrittenText()).contains("UNHANDLED");

        Wire more = new Wire();
        for (int i = 0; i < 1023; i++) {
            more.put("" + i, Bytes.empty());
        }
        more.put("_command", Bytes.utf8("Tea")).put("_ask", Bytes.utf8("1"));
        transport.receive(more.end());
        closedWithoutReply();
    }

    @Test
    void aStrangerCannotFillTheLog() {
        List<Bytes> strange =
                List.of(
                        Bytes.utf8("GET / HTTP/1.1\r\n\r\n"),
                        Bytes.wrap(new byte[2]),
                        box("a", "1"),
                        box("_error", "1"),
                        box("_answer", "1"),
                        box("_ask", "1", "_command", "Sum", "a", "1", "b", "two"),
                        box("_ask", "1", "_command", "Sum", "a", "1").slice(0, 20));
        List<String> log =
                Logged.during(() -> {
                    for (Bytes each : strange) {
                        fresh();
                        transport.receive(each);
                        transport.peerClosed();
                    }
                });

        assertThat(log).isEmpty();
    }

    @Test
    void whatAStrangerSaysIsShownInFewCharactersOfOneLine() {
        List<AmpException.Lost> lost = new ArrayList<>();
        for (String key : List.of("\r\nforged", "\u0085forged", "k".repeat(255))) {
            fresh();
            var _ =
                    amp.call(SUM, new Sum(1, 2))
                            .exceptionally(thrown -> {
                                lost.add((AmpException.Lost) thrown);
                                return null;
                            });
            receive(key, "", "k2", "", "k3", "", "k4", "", "k5", "");
            transport.reactor().runUntilIdle();
        }

        assertThat(lost)
                .hasSize(3)
                .extracting(each -> requireNonNull(each.getCause()).getMessage())
                .allSatisfy(message ->
                        assertThat(message)
                                .startsWith("neither question nor answer: a box of [")
                                .hasSizeLessThan(250)
                                .doesNotContainPattern("[\\p{Cntrl}\u0085]"));
        assertThat(lost.getFirst().getCause())
                .hasMessage(
                        "neither question nor answer:"
                                + " a box of [\\u000d\\u000aforged, k2, k3] and 2 more");
    }

    @Test
    void whatThePeerSaysOfAnErrorIsShownInFewCharactersOfOneLine() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        String description = "\nforged" + "x".repeat(60_000);
        receive("_error", "1", "_error_code", "ODD", "_error_description", description);

        assertThat(call)
                .singleElement()
                .isInstanceOfSatisfying(
                        AmpException.Remote.class,
                        remote -> {
                            assertThat(remote.description()).isEqualTo(description);
                            assertThat(remote)
                                    .hasMessageContaining("ODD: \\u000aforged")
                                    .message()
                                    .hasSizeLessThan(300);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "_ask"})
    void aBoxThatIsNeitherQuestionNorAnswerClosesWithoutReply(String key) {
        transport.receive(key.isEmpty() ? Bytes.wrap(new byte[2]) : box(key, "1"));

        closedWithoutReply();
    }

    @Test
    void aValueOver65535BytesFailsLocallyWithNothingSent() {
        var call = outcome(amp.call(ECHO, new Text("x".repeat(65_536))));

        assertThat(call).singleElement().asString().contains("Unsendable").contains("65536");
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void aKeyOver255BytesFailsLocallyWithNothingSent() {
        var box = new Box().put("k".repeat(256), Bytes.empty());

        assertThat(catchThrowable(box::encode))
                .isInstanceOf(AmpException.Unsendable.class)
                .hasMessageContaining("256");
        assertThat(catchThrowable(() -> Box.checked("a key", "k".repeat(256), Box.MAX_KEY)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("AMP takes 1 to 255 characters of ISO 8859-1 for a key");
    }

    private record Snowman(@Key("\u2603") String text) {}

    @Test
    void whatNoBoxCanNameIsRefusedWhenTheCommandIsMade() {
        for (String name : List.of("", "\u2603", "n".repeat(65_536))) {
            assertThat(catchThrowable(() -> Command.of(name, Text.class, Text.class)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the name of a command");
        }
        assertThat(catchThrowable(() -> ECHO.failing("\u2603", Broken.class, Broken::new)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the code of an error");
        assertThat(catchThrowable(() -> Command.of("Echo", Snowman.class, Text.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the key of an argument");
    }

    private record Twice(@Key("a") String x, String a) {}

    @SuppressWarnings("NullablePrimitive") // which not everybody is warned of
    private record NullableInt(@Nullable int count) {}

    @Test
    void aRecordWhoseValuesWouldVanishIsRefusedWhenTheCommandIsMade() {
        assertThat(catchThrowable(() -> Command.of("Echo", Twice.class, Text.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two components of Twice have the key \"a\"");
        assertThat(catchThrowable(() -> Command.of("Echo", Text.class, NullableInt.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "count of NullableInt is marked @Nullable, but int has no null:"
                                + " use its class");
    }

    // ---- answering ----

    @Test
    void tagsAreOpaqueAndEchoedExactly() {
        receive("_ask", "\0\u00ff not hex", "_command", "Sum", "a", "1", "b", "2");

        answered("_answer", "\0\u00ff not hex", "total", "3");
    }

    @Test
    void unknownArgumentsAreIgnored() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "2", "c", "3");

        answered("_answer", "1", "total", "3");
    }

    @Test
    void aMissingArgumentIsUnknownAndCloses() {
        receive("_ask", "1", "_command", "Sum", "a", "1");

        unknownAndClosed();
    }

    @Test
    void anUnreadableArgumentIsUnknownAndCloses() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "two");

        unknownAndClosed();
    }

    @Test
    void aDeclaredErrorKeepsTheConnection() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "404");

        assertThat(transport.takeWritten())
                .isEqualTo(
                        new Wire()
                                .put("_error", Bytes.utf8("1"))
                                .put("_error_code", Bytes.utf8("RANGE"))
                                .put("_error_description", Bytes.utf8("too much: ☃"))
                                .end());
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void aDeclaredFatalErrorClosesAfterSending() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "500");

        answered("_error", "1", "_error_code", "BROKEN", "_error_description", "no more");
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void anUndeclaredExceptionIsUnknownAndCloses() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "501");

        unknownAndClosed();
    }

    @Test
    void aNullForAnAnswerIsUnknownAndCloses() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        List<String> log = Logged.during(() -> later.getFirst().complete(missing()));

        unknownAndClosed();
        assertThat(transport.isAborted()).isFalse();
        assertThat(log).anyMatch(line -> line.contains("a null for an answer"));
    }

    private record Unreadable(long total) {
        @Override
        @SuppressWarnings("UnusedMethod") // called by reflection
        public long total() {
            throw new IllegalStateException("not known yet");
        }
    }

    @Test
    void anAnswerThatCannotBeReadIsUnknownAndCloses() {
        Command<Nothing, Unreadable> ask = Command.of("Ask", Nothing.class, Unreadable.class);
        amp =
                new AmpProtocol(
                        Answers.none().with(ask, (_, _) -> done(new Unreadable(1))),
                        AmpOptions.DEFAULT);
        transport = MemoryTransport.connect(amp);
        var _ = Logged.during(() -> receive("_ask", "1", "_command", "Ask"));

        unknownAndClosed();
        assertThat(transport.isAborted()).isFalse();
    }

    @Test
    void whatAnotherPeerSaidIsSentOnAndTheConnectionStays() {
        AmpProtocol back = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        MemoryTransport there = MemoryTransport.connect(back);
        amp =
                new AmpProtocol(
                        Answers.none().with(ECHO, (text, _) -> back.call(ECHO, text)),
                        AmpOptions.DEFAULT);
        transport = MemoryTransport.connect(amp);
        List<String> log =
                Logged.during(() -> {
                    receive("_ask", "7", "_command", "Echo", "text", "x");
                    there.receive(
                            box(
                                    "_error",
                                    "1",
                                    "_error_code",
                                    "BUSY",
                                    "_error_description",
                                    "later"));
                    transport.reactor().runUntilIdle();
                });

        answered("_error", "7", "_error_code", "BUSY", "_error_description", "later");
        assertThat(transport.isClosing()).isFalse();
        assertThat(log).isEmpty();
    }

    @Test
    void anUnknownCommandIsUnhandledAndTheConnectionStays() {
        receive("_ask", "1", "_command", "Tea");

        answered(
                "_error",
                "1",
                "_error_code",
                "UNHANDLED",
                "_error_description",
                "Unhandled Command: 'Tea'");
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void withoutAskNothingIsAnswered() {
        receive("_command", "Sum", "a", "1", "b", "2");

        assertThat(told).containsExactly("1+2");
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        assertThat(transport.isClosing()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"404", "500", "501", "x"})
    void withoutAskAFailureCloses(String b) {
        receive("_command", "Sum", "a", "1", "b", b);

        closedWithoutReply();
    }

    @Test
    void withoutAskAnUnknownCommandCloses() {
        receive("_command", "Tea");

        closedWithoutReply();
    }

    @Test
    void answersComeInAnyOrder() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        receive("_ask", "2", "_command", "Sum", "a", "2", "b", "600");
        receive("_ask", "3", "_command", "Sum", "a", "3", "b", "3");
        answered("_answer", "3", "total", "6");

        later.get(1).complete(new Total(2));
        answered("_answer", "2", "total", "2");
        later.get(0).completeExceptionally(new OutOfRange("late"));
        answered("_error", "1", "_error_code", "RANGE", "_error_description", "late");
    }

    @Test
    void anAnswerFromAnotherThreadIsSentByTheLoop() throws Exception {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        Thread other = Thread.ofVirtual().start(() -> later.getFirst().complete(new Total(601)));
        other.join();
        transport.reactor().runUntilIdle();

        answered("_answer", "1", "total", "601");
    }

    @Test
    void anAnswerAfterTheEndIsDropped() {
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        transport.peerReset();
        later.getFirst().complete(new Total(601));

        assertThat(transport.reactor().failures()).isEmpty();
    }

    @Test
    void tooManyQuestionsAreRefusedAndTheConnectionStays() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(1), 1, 1, 1000, null));
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        receive("_ask", "2", "_command", "Sum", "a", "1", "b", "600");
        answered(
                "_error",
                "2",
                "_error_code",
                "BUSY",
                "_error_description",
                "1 questions wait for their answers already");

        later.getFirst().complete(new Total(1));
        answered("_answer", "1", "total", "1");
        receive("_ask", "3", "_command", "Sum", "a", "1", "b", "2");
        answered("_answer", "3", "total", "3");
    }

    @Test
    void tooManyThatWantNoAnswerWaitToBeReadAndNoneIsLost() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(1), 1, 1, 1000, null));
        transport = MemoryTransport.connect(amp);
        Bytes tell = box("_command", "Sum", "a", "1", "b", "600");
        for (int i = 0; i < 4; i++) {
            transport.receive(tell);
        }
        assertThat(transport.isClosing()).isFalse();
        assertThat(transport.isPaused()).isTrue();
        assertThat(later).hasSize(2);
        for (int i = 0; i < 4; i++) {
            later.get(i).complete(new Total(1));
            transport.reactor().runUntilIdle();
        }

        assertThat(later).hasSize(4);
        assertThat(transport.isPaused()).isFalse();
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void whenNoneOfThoseThatFillTheRoomGetsDoneTheConnectionIsAbortedAndTheLogSaysWhy() {
        Closing filled = filledWithTwo();
        transport.reactor().advance(Duration.ofSeconds(9));
        later.getFirst().complete(new Total(1));
        transport.reactor().advance(Duration.ofSeconds(9));
        assertThat(transport.isClosing()).isFalse();
        assertThat(transport.isPaused()).isTrue();

        List<String> log = Logged.during(() -> transport.reactor().advance(Duration.ofSeconds(1)));
        String[] why = {"2 of its questions", "the last of them Sum", "within PT10S"};
        assertThat(log).singleElement().asString().contains("ERROR").contains(why);
        assertThat(filled.closed).singleElement().asString().contains("aborted").contains(why);
        later.forEach(it -> it.complete(new Total(1)));
        transport.reactor().runUntilIdle();
        assertThat(transport.reactor().pendingTimers()).isZero();
        assertThat(transport.reactor().failures()).isEmpty();
    }

    @Test
    void aPeerThatThisEndDoesNotWantToReadIsNotAbortedForWantOfRoom() {
        Closing filled = filledWithTwo();
        filled.connection().pauseReading();
        transport.reactor().advance(Duration.ofSeconds(19));
        filled.connection().resumeReading();
        assertThat(filled.closed).isEmpty();

        transport.reactor().advance(Duration.ofSeconds(1));
        assertThat(filled.closed).hasSize(1);
    }

    @Test
    void aPeerThatIsReadForAnAnswerIsNotAbortedForWantOfRoom() {
        Closing filled = filledWithTwo();
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        assertThat(transport.isPaused()).isFalse();
        transport.reactor().advance(Duration.ofSeconds(5));
        receive("_answer", "1", "total", "3");
        assertThat(call).containsExactly(new Total(3));
        for (int i = 0; i < 20; i++) {
            receive("_answer", "1", "total", "3");
            transport.reactor().advance(Duration.ofSeconds(2));
        }

        assertThat(filled.closed).isEmpty();
    }

    /// A connection with room for two questions, whose peer has asked one thing and told three.
    private Closing filledWithTwo() {
        Closing filled =
                new Closing(
                        new AmpOptions(Duration.ofSeconds(10), 1, 2, 1000, Duration.ofSeconds(3)));
        amp = filled;
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Sum", "a", "1", "b", "600");
        for (int i = 0; i < 3; i++) {
            receive("_command", "Sum", "a", "1", "b", "600");
        }
        assertThat(transport.isPaused()).isTrue();
        return filled;
    }

    /// One that keeps why it was closed.
    private final class Closing extends AmpProtocol {
        private final List<CloseReason> closed = new ArrayList<>();

        Closing(AmpOptions options) {
            super(answers, options);
        }

        Transport connection() {
            return transport();
        }

        @Override
        protected void closed(CloseReason reason) {
            closed.add(reason);
        }
    }

    @Test
    void tellsAreReadWhileACallWaitsUpToTwiceAsMany() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(90), 1, 1, 1000, null));
        transport = MemoryTransport.connect(amp);
        var _ = outcome(amp.call(SUM, new Sum(1, 2)));
        Bytes tell = box("_command", "Sum", "a", "1", "b", "600");
        transport.receive(tell);
        transport.receive(tell);
        assertThat(transport.isPaused()).isFalse();
        assertThat(later).hasSize(2);
        transport.receive(tell);

        assertThat(later).hasSize(2);
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void aProtocolDecidedOnTooLateIsToldThatTheConnectionIsLost() {
        CompletableFuture<Protocol> decision = new CompletableFuture<>();
        List<CloseReason> lost = new ArrayList<>();
        amp =
                new AmpProtocol(
                        Answers.none().switching(SWITCH, (_, _) -> decision), AmpOptions.DEFAULT);
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Switch");
        transport.peerReset();
        transport.reactor().runUntilIdle();
        decision.complete(
                new Protocol() {
                    @Override
                    public void connectionLost(CloseReason reason) {
                        lost.add(reason);
                    }
                });
        transport.reactor().runUntilIdle();

        assertThat(lost).hasSize(1);
    }

    @Test
    void aSwitchAskedForBeforeTheAnswerToAnotherEndsTheConnectionAndTheFirstIsTold() {
        CompletableFuture<Protocol> decision = new CompletableFuture<>();
        List<CloseReason> lost = new ArrayList<>();
        List<String> asked = new ArrayList<>();
        amp = switching(decision, asked);
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Switch");
        receive("_ask", "2", "_command", "Switch");
        decision.complete(listening(lost));
        transport.reactor().runUntilIdle();

        assertThat(asked).hasSize(1);
        assertThat(transport.takeWrittenText()).contains("UNKNOWN").doesNotContain("_answer");
        assertThat(transport.isClosing()).isTrue();
        transport.peerReset();
        transport.reactor().runUntilIdle();
        assertThat(lost).hasSize(1);
    }

    @Test
    void halfABoxBeforeASwitchIsAnsweredAbortsAndTheProtocolIsTold() {
        CompletableFuture<Protocol> decision = new CompletableFuture<>();
        List<CloseReason> lost = new ArrayList<>();
        amp = switching(decision, new ArrayList<>());
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Switch");
        transport.receive(Bytes.wrap(new byte[1]));
        List<String> logged =
                Logged.during(() -> {
                    decision.complete(listening(lost));
                    transport.reactor().runUntilIdle();
                });

        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(lost).singleElement().isInstanceOf(CloseReason.Aborted.class);
        assertThat(logged).noneMatch(line -> line.contains("ERROR"));
    }

    private static AmpProtocol switching(CompletableFuture<Protocol> decision, List<String> asked) {
        return new AmpProtocol(
                Answers.none()
                        .switching(
                                SWITCH,
                                (_, _) -> {
                                    asked.add("switch");
                                    return decision;
                                }),
                AmpOptions.DEFAULT);
    }

    private static Protocol listening(List<CloseReason> lost) {
        return new Protocol() {
            @Override
            public void connectionLost(CloseReason reason) {
                lost.add(reason);
            }
        };
    }

    // ---- asking ----

    @Test
    void tagsAreLowercaseHexCountingFrom1() {
        for (int i = 1; i <= 27; i++) {
            var _ = amp.call(SUM, new Sum(1, 2));
        }
        String written = transport.takeWrittenText();

        assertThat(written).startsWith("\0\u0004_ask\0\u00011");
        assertThat(written).contains("\0\u0004_ask\0\u0001a", "\0\u0004_ask\0\u00021b");
    }

    @Test
    void everyCallGetsItsOwnAnswer() {
        var first = outcome(amp.call(SUM, new Sum(1, 2)));
        var second = outcome(amp.call(SUM, new Sum(3, 4)));
        receive("_answer", "2", "total", "7");
        assertThat(first).isEmpty();
        receive("_answer", "1", "total", "3");

        assertThat(second).containsExactly(new Total(7));
        assertThat(first).containsExactly(new Total(3));
    }

    @Test
    void answerWinsOverErrorOverCommand() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        receive("_answer", "1", "_error", "1", "_command", "Sum", "total", "3");
        assertThat(call).containsExactly(new Total(3));

        var failing = outcome(amp.call(SUM, new Sum(1, 2)));
        receive(
                "_error",
                "2",
                "_command",
                "Sum",
                "_error_code",
                "RANGE",
                "_error_description",
                "x");
        assertThat(failing).singleElement().isInstanceOf(OutOfRange.class);
        assertThat(told).isEmpty();
    }

    @Test
    void aDeclaredErrorIsItsExceptionAgain() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        receive("_error", "1", "_error_code", "BROKEN", "_error_description", "no more");

        assertThat(call).singleElement().isInstanceOf(Broken.class);
        assertThat(call.getFirst()).asString().contains("no more");
    }

    @Test
    void anyOtherErrorIsTheRemotes() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        receive("_error", "1", "_error_code", "UNKNOWN", "_error_description", "Unknown Error");

        assertThat(call).singleElement().isInstanceOf(AmpException.Remote.class);
        assertThat(call.getFirst()).asString().contains("Sum", "UNKNOWN: Unknown Error");
    }

    @Test
    void anUnreadableAnswerFailsTheCallAlone() {
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        receive("_answer", "1", "total", "three");

        assertThat(call).singleElement().isInstanceOf(AmpException.Unreadable.class);
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void anErrorOfWhichItsExceptionCannotBeMadeFailsTheCallAlone() {
        for (Function<String, OutOfRange> make :
                List.<Function<String, OutOfRange>>of(
                        text -> new OutOfRange("over " + Integer.parseInt(text)), _ -> missing())) {
            fresh();
            var call =
                    outcome(amp.call(ECHO.failing("RANGE", OutOfRange.class, make), new Text("x")));
            receive("_error", "1", "_error_code", "RANGE", "_error_description", "ten");

            assertThat(call).singleElement().isInstanceOf(AmpException.Unreadable.class);
            assertThat(call.getFirst()).asString().contains("the error RANGE");
            assertThat(transport.isClosing()).isFalse();
            assertThat(transport.reactor().pendingTimers()).isZero();
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what callers without it do
    private static <T> T missing() {
        return null;
    }

    @Test
    void anAnswerToNothingAskedCloses() {
        receive("_answer", "1", "total", "3");

        closedWithoutReply();
    }

    @Test
    void whenTheConnectionIsLostEveryPendingCallFailsWithItsReasonAndLaterOnesAtOnce() {
        var first = outcome(amp.call(SUM, new Sum(1, 2)));
        var second = outcome(amp.call(ECHO, new Text("x")));
        transport.peerReset();
        var third = outcome(amp.call(SUM, new Sum(1, 2)));
        var fourth = outcome(amp.tell(SUM, new Sum(1, 2)));

        for (var call : List.of(first, second, third, fourth)) {
            assertThat(call)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            AmpException.Lost.class,
                            lost -> assertThat(lost.reason()).isInstanceOf(CloseReason.Lost.class));
        }
        assertThat(transport.reactor().pendingTimers()).isZero();
    }

    @Test
    void tellingAsksForNoAnswer() {
        var handed = outcome(amp.tell(ECHO, new Text("x")));

        assertThat(transport.takeWritten()).isEqualTo(box("_command", "Echo", "text", "x"));
        assertThat(handed).hasSize(1);
    }

    @Test
    void aCallWithoutAnswerFailsAtItsDeadlineAndALateAnswerIsIgnored() {
        var usual = outcome(amp.call(SUM, new Sum(1, 2)));
        var quick = outcome(amp.call(SUM.within(Duration.ofSeconds(2)), new Sum(1, 2)));
        transport.reactor().advance(Duration.ofSeconds(2));
        assertThat(quick).singleElement().isInstanceOf(AmpException.TimedOut.class);
        assertThat(usual).isEmpty();

        receive("_answer", "2", "total", "3");
        assertThat(transport.isClosing()).isFalse();
        transport.reactor().advance(Duration.ofSeconds(58));
        assertThat(usual).singleElement().isInstanceOf(AmpException.TimedOut.class);
    }

    @Test
    void aCallThatIsCancelledIsForgottenAndALateAnswerIgnored() {
        var heard = new ArrayList<>();
        CompletionStage<Total> call = amp.call(SUM, new Sum(1, 2));
        call.thenAccept(heard::add).toCompletableFuture().cancel(false);
        assertThat(call.toCompletableFuture()).isCancelled();
        assertThat(transport.reactor().pendingTimers()).isZero();

        receive("_answer", "1", "total", "3");
        assertThat(heard).isEmpty();
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void aSwitchThatIsGivenUpClosesTheConnection() {
        amp.callToSwitch(SWITCH, new Nothing(), Upper::new).toCompletableFuture().cancel(false);

        assertThat(transport.isClosing()).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void tooManyCallsFailLocallyWithNothingSent() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(1), 1, 1, 1000, null));
        transport = MemoryTransport.connect(amp);
        var _ = amp.call(SUM, new Sum(1, 2));
        transport.takeWritten();

        assertThat(outcome(amp.call(SUM, new Sum(1, 2))))
                .singleElement()
                .isInstanceOf(AmpException.TooManyCalls.class);
        assertThat(transport.takeWritten().isEmpty()).isTrue();
    }

    @Test
    void bothEndsMayAsk() {
        AmpProtocol server =
                new AmpProtocol(
                        Answers.none()
                                .with(
                                        ECHO,
                                        (text, from) ->
                                                from.call(SUM, new Sum(40, 2))
                                                        .thenApply(sum ->
                                                                new Text(
                                                                        text.text()
                                                                                + sum.total()))),
                        AmpOptions.DEFAULT);
        MemoryTransport there = MemoryTransport.connect(server);
        var call = outcome(amp.call(ECHO, new Text("the answer is ")));
        for (int i = 0; i < 2; i++) {
            there.receive(transport.takeWritten());
            transport.receive(there.takeWritten());
        }

        assertThat(call).containsExactly(new Text("the answer is 42"));
    }

    // ---- signs of life ----

    @Test
    void aSilentPeerIsAskedForASignOfLifeThenAborted() {
        AmpOptions options = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5));
        amp = new AmpProtocol(answers, options);
        transport = MemoryTransport.connect(amp);
        AmpProtocol other = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        MemoryTransport there = MemoryTransport.connect(other);
        for (int i = 0; i < 3; i++) {
            transport.reactor().advance(Duration.ofSeconds(5));
            there.receive(transport.takeWritten());
            transport.receive(there.takeWritten());
        }
        assertThat(transport.isClosing()).isFalse();

        transport.reactor().advance(Duration.ofSeconds(10));
        assertThat(transport.isAborted()).isTrue();
        assertThat(transport.reactor().pendingTimers()).isZero();
    }

    @Test
    void aSilentPeerIsAskedForASignOfLifeHoweverManyCallsWait() {
        amp =
                new AmpProtocol(
                        answers,
                        new AmpOptions(Duration.ofMinutes(1), 1, 1, 1000, Duration.ofSeconds(5)));
        transport = MemoryTransport.connect(amp);
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        transport.takeWritten();
        transport.reactor().advance(Duration.ofSeconds(5));

        answered("_ask", "2", "_command", "torsion.heartbeat");
        receive("_answer", "2");
        transport.reactor().advance(Duration.ofSeconds(5));
        receive("_error", "3", "_error_code", "UNHANDLED", "_error_description", "no");
        receive("_answer", "1", "total", "3");
        assertThat(call).containsExactly(new Total(3));
    }

    @Test
    void aPeerThatSendsABoxSlowlyIsNoSilentOne() {
        AmpOptions options = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5));
        amp = new AmpProtocol(answers, options);
        transport = MemoryTransport.connect(amp);
        Bytes question = box("_ask", "1", "_command", "Echo", "text", "x".repeat(100));
        for (int i = 0; i < question.size(); i++) {
            transport.reactor().advance(Duration.ofSeconds(4));
            transport.receive(question.slice(i, i + 1));
        }
        answered("_answer", "1", "text", "x".repeat(100));

        transport.receive(question.slice(0, 20));
        transport.reactor().advance(Duration.ofSeconds(9));
        assertThat(transport.isClosing()).isFalse();
        transport.reactor().advance(Duration.ofSeconds(1));
        assertThat(transport.isAborted()).isTrue();
    }

    @Test
    void whoIsAbortedForItsSilenceIsToldWhy() {
        List<CloseReason> closed = new ArrayList<>();
        amp =
                new AmpProtocol(answers, AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5))) {
                    @Override
                    protected void closed(CloseReason reason) {
                        closed.add(reason);
                    }
                };
        transport = MemoryTransport.connect(amp);
        var call = outcome(amp.call(SUM, new Sum(1, 2)));
        transport.reactor().advance(Duration.ofSeconds(10));

        CloseReason silence =
                new CloseReason.Aborted("torsion.heartbeat has no answer after PT10S");
        assertThat(closed).containsExactly(silence);
        assertThat(call)
                .singleElement()
                .isInstanceOfSatisfying(
                        AmpException.Lost.class,
                        lost -> assertThat(lost.reason()).isEqualTo(silence));
    }

    @Test
    void silentPeersAreWarnedOfOnceAMinute() {
        ManualReactor reactor = new ManualReactor();
        AmpOptions options = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5));
        List<List<String>> logged = new ArrayList<>();
        for (int silent : List.of(3, 1, 1)) {
            logged.add(
                    Logged.during(() -> {
                        for (int i = 0; i < silent; i++) {
                            MemoryTransport.connect(reactor, new AmpProtocol(answers, options));
                        }
                        reactor.advance(Duration.ofSeconds(40));
                    }));
        }

        String warning = "127.0.0.1:50000 is aborted: no sign of life for PT10S";
        assertThat(logged.get(0)).singleElement().asString().endsWith(warning);
        assertThat(logged.get(1)).isEmpty();
        assertThat(logged.get(2))
                .singleElement()
                .asString()
                .endsWith(warning + "; so were 3 others meanwhile");
    }

    @Test
    void aPeerThatDecidesWhetherToSwitchNeedsNoOtherSignOfLife() {
        AmpOptions options = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5));
        amp = new AmpProtocol(answers, options);
        transport = MemoryTransport.connect(amp);
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.takeWritten();
        transport.reactor().advance(Duration.ofSeconds(59));
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        assertThat(transport.isClosing()).isFalse();

        receive("_error", "1", "_error_code", "UNHANDLED", "_error_description", "no");
        assertThat(call).singleElement().isInstanceOf(AmpException.Remote.class);
        transport.reactor().advance(Duration.ofSeconds(10));
        assertThat(transport.isAborted()).isTrue();
    }

    @Test
    void aPeerThatWaitsForADecisionToSwitchNeedsNoOtherSignOfLife() {
        CompletableFuture<Protocol> decision = new CompletableFuture<>();
        amp =
                new AmpProtocol(
                        Answers.none().switching(SWITCH, (_, _) -> decision),
                        AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5)));
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Switch");
        transport.reactor().advance(Duration.ofSeconds(30));
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        assertThat(transport.isClosing()).isFalse();

        decision.complete(new Upper());
        answered("_answer", "1");
        assertThat(told).containsExactly("switched");
    }

    @Test
    void aPeerIsNotAbortedForThisEndsOwnStandstillBeforeItWasAsked() {
        AmpOptions options = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(5));
        MemoryNetwork network = new MemoryNetwork(1);
        ManualReactor here = network.reactor("host");
        ManualReactor there = network.reactor("host");
        ListeningPort port = there.listenTcp(0, _ -> new AmpProtocol(answers, AmpOptions.DEFAULT));
        amp = new AmpProtocol(answers, options);
        var _ = here.connect(port.address(), _ -> amp, Duration.ofSeconds(5));
        network.advance(Duration.ofSeconds(1));
        network.pause(here);
        network.advance(Duration.ofSeconds(30));
        network.resume(here);
        network.advance(Duration.ofSeconds(60));

        assertThat(port.connections()).isEqualTo(1);
    }

    @Test
    void aPeerWhoseBytesNobodyReadsIsNotSilent() {
        var peer = new Handled(Duration.ofSeconds(5));
        transport = MemoryTransport.connect(peer);
        peer.connection().pauseReading();
        transport.receive(box("_ask", "1", "_command", "Echo", "text", "x"));
        transport.reactor().advance(Duration.ofMinutes(1));
        assertThat(transport.isClosing()).isFalse();
        peer.connection().resumeReading();
        transport.reactor().runUntilIdle();
        answered("_answer", "1", "text", "x");
    }

    @Test
    void whatIsLeftToSendWhenThisEndHasClosedIsNotCutOffForSilence() {
        var peer = new Handled(Duration.ofSeconds(1));
        transport = MemoryTransport.connect(peer);
        transport.writable(false);
        var _ = peer.tell(SUM, new Sum(1, 2));
        peer.connection().loseConnection();
        transport.reactor().advance(Duration.ofSeconds(5));
        transport.writable(true);
        transport.reactor().runUntilIdle();

        assertThat(transport.isAborted()).isFalse();
        assertThat(transport.takeWrittenText()).contains("Sum");
    }

    /// One whose user does with the connection what he likes.
    private final class Handled extends AmpProtocol {
        Handled(Duration heartbeat) {
            super(answers, AmpOptions.DEFAULT.withHeartbeat(heartbeat));
        }

        Transport connection() {
            return transport();
        }
    }

    // ---- switching ----

    @Test
    void afterTheAnswerToASwitchTheConnectionIsTheOtherProtocols() {
        receive("_ask", "1", "_command", "Switch");
        answered("_answer", "1");
        transport.receive(Bytes.utf8("hello"));
        transport.peerClosed();

        assertThat(transport.takeWrittenText()).isEqualTo("hello");
        assertThat(told).containsExactly("switched", "hello", "lost: closed cleanly");
    }

    @Test
    void aSwitchThatWantsNoAnswerCloses() {
        receive("_command", "Switch");

        closedWithoutReply();
        assertThat(told).isEmpty();
    }

    @Test
    void bytesThatCameWithTheAnswerGoToTheNewProtocol() {
        byte[] answer = box("_answer", "1").toArray();
        byte[] both = Arrays.copyOf(answer, answer.length + 2);
        both[answer.length] = 'h';
        both[answer.length + 1] = 'i';
        for (int split = 0; split <= both.length; split++) {
            fresh();
            var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
            transport.takeWritten();
            transport.receive(Bytes.wrap(both, 0, split));
            transport.receive(Bytes.wrap(both, split, both.length - split));

            assertThat(call).singleElement().isInstanceOf(Upper.class);
            assertThat(String.join("", told)).isEqualTo("switchedhi");
            assertThat(transport.takeWrittenText()).isEqualTo("hi");
        }
    }

    @Test
    void whileASwitchIsAskedForAndAfterItNothingElseCanBeSent() {
        var waiting = outcome(amp.call(SUM, new Sum(1, 2)));
        var _ = amp.callToSwitch(SWITCH, new Nothing(), Upper::new);
        assertThat(outcome(amp.call(SUM, new Sum(1, 2))))
                .singleElement()
                .isInstanceOf(AmpException.Switched.class);

        receive("_answer", "2");
        assertThat(waiting).singleElement().isInstanceOf(AmpException.Switched.class);
        assertThat(outcome(amp.tell(SUM, new Sum(1, 2))))
                .singleElement()
                .isInstanceOf(AmpException.Switched.class);
    }

    @Test
    void whenThePeerRefusesToSwitchAllStaysAsItIs() {
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        receive("_error", "1", "_error_code", "UNHANDLED", "_error_description", "no");
        assertThat(call).singleElement().isInstanceOf(AmpException.Remote.class);

        var sum = outcome(amp.call(SUM, new Sum(1, 2)));
        receive("_answer", "2", "total", "3");
        assertThat(sum).containsExactly(new Total(3));
    }

    @Test
    void aProtocolThatCannotTakeOverFailsTheSwitchAndTheConnection() {
        IllegalStateException broken = new IllegalStateException("no successor");
        Protocol breaking =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport made) {
                        throw broken;
                    }
                };
        for (Supplier<Protocol> next :
                List.<Supplier<Protocol>>of(
                        () -> {
                            throw broken;
                        },
                        () -> breaking)) {
            fresh();
            var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), next));
            receive("_answer", "1");

            assertThat(call).containsExactly(broken);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Failed(broken));
        }
    }

    @Test
    void aSwitchThatIsNotAnsweredInTimeClosesAndALateAnswerIsIgnored() {
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.reactor().advance(Duration.ofMinutes(1));
        receive("_answer", "1");
        transport.reactor().runUntilIdle();

        assertThat(call).singleElement().isInstanceOf(AmpException.TimedOut.class);
        assertThat(transport.closeReason()).isInstanceOf(CloseReason.Done.class);
        assertThat(told).isEmpty();
    }

    @Test
    void whenAPeerIsGivenUpCallsFailWithTheReasonForThat() {
        List<List<Object>> calls = new ArrayList<>();
        calls.add(outcome(amp.call(SUM.within(Duration.ofHours(1)), new Sum(1, 2))));
        var _ =
                amp.callToSwitch(SWITCH, new Nothing(), Upper::new)
                        .whenComplete((_, _) -> {
                            calls.add(outcome(amp.call(SUM, new Sum(1, 2))));
                            calls.add(outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new)));
                        });
        transport.reactor().advance(Duration.ofMinutes(1));

        assertThat(calls).hasSize(3);
        for (var call : calls) {
            assertThat(call)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            AmpException.Lost.class,
                            lost ->
                                    assertThat(lost)
                                            .hasCauseInstanceOf(AmpException.TimedOut.class));
        }
    }

    @Test
    void noAnswerIsSentWhileThePeerDecidesWhetherToSwitch() {
        receive("_ask", "7", "_command", "Sum", "a", "1", "b", "600");
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.takeWritten();
        later.getFirst().complete(new Total(601));
        receive("_ask", "8", "_command", "Sum", "a", "1", "b", "2");
        receive("_ask", "9", "_command", "torsion.heartbeat");
        assertThat(transport.takeWritten().isEmpty()).isTrue();

        // The peer forgot what it had asked when it agreed.
        receive("_answer", "1");
        assertThat(call).singleElement().isInstanceOf(Upper.class);
        assertThat(transport.takeWritten().isEmpty()).isTrue();
    }

    @Test
    void whatWasAskedMeanwhileIsAnsweredWhenThePeerRefusesToSwitch() {
        List<Object> next = new ArrayList<>();
        var _ =
                amp.callToSwitch(SWITCH, new Nothing(), Upper::new)
                        .whenComplete((_, _) -> {
                            var _ = amp.call(SUM, new Sum(1, 2)).thenAccept(next::add);
                        });
        receive("_ask", "8", "_command", "Sum", "a", "1", "b", "2");
        transport.takeWritten();
        receive("_error", "1", "_error_code", "UNHANDLED", "_error_description", "no");

        assertThat(transport.takeWritten())
                .isEqualTo(
                        boxes(
                                box("_answer", "8", "total", "3"),
                                box("_ask", "2", "_command", "Sum", "a", "1", "b", "2")));
        receive("_answer", "2", "total", "3");
        assertThat(next).containsExactly(new Total(3));
    }

    @Test
    void aPeerThatAsksOnAndOnAndDecidesNothingIsAborted() {
        amp = new AmpProtocol(answers, new AmpOptions(Duration.ofSeconds(1), 1, 1, 1000, null));
        transport = MemoryTransport.connect(amp);
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        receive("_ask", "8", "_command", "Sum", "a", "1", "b", "2");
        assertThat(transport.isClosing()).isFalse();
        receive("_ask", "9", "_command", "Sum", "a", "1", "b", "2");
        transport.reactor().runUntilIdle();

        assertThat(transport.isAborted()).isTrue();
        assertThat(call).singleElement().isInstanceOf(AmpException.Lost.class);
    }

    /// What waits is what was once written, and takes memory as that does.
    @Test
    void aPeerThatAsksForMuchAndDecidesNothingIsAborted() {
        List<CloseReason> closed = new ArrayList<>();
        Text much = new Text("x".repeat(65_000));
        int most = WriteMarks.DEFAULT.hard() / box("_answer", "8", "text", much.text()).size();
        amp =
                new AmpProtocol(
                        Answers.none().with(ECHO, (_, _) -> done(much)),
                        new AmpOptions(Duration.ofSeconds(1), 1, 10_000, 1000, null)) {
                    @Override
                    protected void closed(CloseReason reason) {
                        closed.add(reason);
                    }
                };
        transport = MemoryTransport.connect(amp);
        var _ = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        for (int i = 0; i < most; i++) {
            receive("_ask", "8", "_command", "Echo", "text", "");
        }
        assertThat(transport.isClosing()).isFalse();
        receive("_ask", "9", "_command", "Echo", "text", "");
        transport.reactor().runUntilIdle();

        assertThat(closed)
                .singleElement()
                .asString()
                .startsWith("aborted: " + most + " answers of ")
                .contains("wait for the peer to decide, and one more of 65");
    }

    @Test
    void aSecondSwitchFailsAndTheFirstGoesOn() {
        var first = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.takeWritten();
        var second = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        assertThat(second).singleElement().isInstanceOf(AmpException.Switched.class);
        assertThat(transport.takeWritten().isEmpty()).isTrue();

        receive("_answer", "1");
        assertThat(first).singleElement().isInstanceOf(Upper.class);
        assertThat(told).containsExactly("switched");
    }

    @Test
    void whenBothEndsAskToSwitchTheConnectionCloses() {
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.takeWritten();
        receive("_ask", "1", "_command", "Switch");

        closedWithoutReply();
        transport.reactor().runUntilIdle();
        assertThat(call)
                .singleElement()
                .isInstanceOfSatisfying(
                        AmpException.Lost.class,
                        lost ->
                                assertThat(lost)
                                        .hasRootCauseMessage(
                                                "both ends asked for a change at once"));
        assertThat(told).containsExactly("switched", "lost: closed cleanly");
    }

    @Test
    void aSwitchFailsWhenTheConnectionIsLost() {
        receive("_ask", "7", "_command", "Sum", "a", "1", "b", "600");
        var call = outcome(amp.callToSwitch(SWITCH, new Nothing(), Upper::new));
        transport.peerReset();
        later.getFirst().complete(new Total(601));

        assertThat(call).singleElement().isInstanceOf(AmpException.Lost.class);
        assertThat(told).containsExactly("1+600");
        assertThat(transport.reactor().failures()).isEmpty();
        assertThat(transport.reactor().pendingTimers()).isZero();
    }

    @Test
    void anErrorOfTheProtocolThatThePeerAskedForEndsTheConnection() {
        Protocol breaking =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport made) {
                        throw new AssertionError("no successor");
                    }
                };
        amp =
                new AmpProtocol(
                        Answers.none().switching(SWITCH, (_, _) -> done(breaking)),
                        AmpOptions.DEFAULT);
        transport = MemoryTransport.connect(amp);
        receive("_ask", "1", "_command", "Switch");

        assertThat(transport.isAborted()).isTrue();
    }

    // ---- the test's own ----

    private void fresh() {
        told.clear();
        amp = new AmpProtocol(answers, AmpOptions.DEFAULT);
        transport = MemoryTransport.connect(amp);
    }

    private void receive(String... keysAndValues) {
        transport.receive(box(keysAndValues));
    }

    private void answered(String... keysAndValues) {
        assertThat(transport.takeWritten()).isEqualTo(box(keysAndValues));
    }

    private void closedWithoutReply() {
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        assertThat(transport.isClosing()).isTrue();
    }

    private void unknownAndClosed() {
        answered("_error", "1", "_error_code", "UNKNOWN", "_error_description", "Unknown Error");
        assertThat(transport.isClosing()).isTrue();
    }

    /// What a stage completes with, the value or the exception.
    private static List<Object> outcome(CompletionStage<?> stage) {
        List<Object> outcome = new ArrayList<>();
        var _ =
                stage.whenComplete((value, thrown) ->
                        outcome.add(thrown != null ? thrown : value != null ? value : ""));
        return outcome;
    }

    private static Bytes boxes(Bytes... boxes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Bytes box : boxes) {
            all.writeBytes(box.toArray());
        }
        return Bytes.wrap(all.toByteArray());
    }

    private static Bytes box(String... keysAndValues) {
        Wire wire = new Wire();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            wire.put(keysAndValues[i], Bytes.wrap(keysAndValues[i + 1].getBytes(ISO_8859_1)));
        }
        return wire.end();
    }

    /// A box written by other means than the ones under test.
    private static final class Wire {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Wire put(String key, Bytes value) {
            string(Bytes.utf8(key));
            string(value);
            return this;
        }

        Bytes end() {
            string(Bytes.empty());
            return Bytes.wrap(out.toByteArray());
        }

        private void string(Bytes string) {
            out.write(string.size() >> 8);
            out.write(string.size());
            out.writeBytes(string.toArray());
        }
    }
}
