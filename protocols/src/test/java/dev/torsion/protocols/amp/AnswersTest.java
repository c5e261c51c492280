package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/// Who answers what is not known by a name and two records beforehand.
final class AnswersTest {
    private record Sum(long a, long b) {}

    private record Total(long total) {}

    private static final Command<Sum, Total> SUM = Command.of("Sum", Sum.class, Total.class);
    private static final AmpBox A_AND_B =
            new AmpBox(Map.of("a", Bytes.utf8("13"), "b", Bytes.utf8("81")));
    private static final AmpBox TOTAL = new AmpBox(Map.of("total", Bytes.utf8("94")));

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();

    private AmpProtocol client(Answers server) {
        AmpProtocol client = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        reactor.wire(client, new AmpProtocol(server, AmpOptions.DEFAULT));
        return client;
    }

    private void ask(CompletionStage<?> outcome) {
        tell(outcome);
        reactor.runUntilIdle();
    }

    private void tell(CompletionStage<?> outcome) {
        var _ =
                outcome.whenComplete((answer, failure) ->
                        told.add(
                                failure == null
                                        ? answer.toString()
                                        : Deferred.cause(failure).getMessage()));
    }

    private static Command<AmpBox, AmpBox> raw(String name) {
        return Command.of(name, AmpBox.class, AmpBox.class);
    }

    // ---- whatever comes ----

    @Test
    void aBoxStandsForWhateverArgumentsAndResultsThereAre() {
        List<Object> got = new ArrayList<>();
        AmpProtocol client =
                client(
                        Answers.none()
                                .with(
                                        SUM,
                                        (sum, _) -> completedFuture(new Total(sum.a() + sum.b())))
                                .with(
                                        raw("Raw"),
                                        (box, _) -> {
                                            got.add(box);
                                            return completedFuture(TOTAL);
                                        }));

        var _ = client.call(raw("Sum"), A_AND_B).thenAccept(got::add);
        var _ = client.call(raw("Raw"), A_AND_B).thenAccept(got::add);
        var _ =
                client.call(Command.of("Raw", Sum.class, Total.class), new Sum(13, 81))
                        .thenAccept(got::add);
        reactor.runUntilIdle();
        assertThat(got).containsExactlyInAnyOrder(A_AND_B, A_AND_B, TOTAL, TOTAL, new Total(94));
    }

    @Test
    void aBoxTakesNoNameThatAmpDoesNotTake() {
        for (String wrong :
                List.of("_ask", "_answer", "_error", "_command", "", "☃", "x".repeat(256))) {
            assertThatThrownBy(() -> new AmpBox(Map.of(wrong, Bytes.empty())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong);
        }
    }

    @Test
    void aBoxKeepsTheBoundOfItsValues() {
        AmpProtocol client =
                client(Answers.none().with(raw("Raw"), (box, _) -> completedFuture(box)));
        ask(client.call(raw("Raw"), new AmpBox(Map.of("a", Bytes.wrap(new byte[65_536])))));

        assertThat(told).containsExactly("a takes 65536 bytes; at most 65535 are allowed");
    }

    // ---- looked up ----

    private Answers lookedUp() {
        return Answers.none()
                .with(SUM, (sum, _) -> completedFuture(new Total(sum.a() + sum.b())))
                .otherwise(name -> {
                    told.add("looks for " + name);
                    return name.equals("Nobody")
                            ? Answers.none()
                            : Answers.none()
                                    .with(
                                            raw(name)
                                                    .failing(
                                                            "ZERO",
                                                            ArithmeticException.class,
                                                            ArithmeticException::new),
                                            (box, _) -> {
                                                if (name.equals("Zero")) {
                                                    throw new ArithmeticException("by zero");
                                                }
                                                return completedFuture(
                                                        new AmpBox(
                                                                Map.of("name", Bytes.utf8(name))));
                                            });
                });
    }

    @Test
    void whatNobodyAnswersIsLookedUp() {
        AmpProtocol client = client(lookedUp());
        record Name(String name) {}
        ask(client.call(SUM, new Sum(1, 2)));
        ask(client.call(Command.of("Any", Sum.class, Name.class), new Sum(1, 2)));
        ask(client.call(raw("Zero"), A_AND_B));
        ask(client.call(raw("Nobody"), A_AND_B));
        ask(client.call(SUM, new Sum(3, 4)));

        assertThat(told)
                .containsExactly(
                        "Total[total=3]",
                        "looks for Any",
                        "Name[name=Any]",
                        "looks for Zero",
                        "Zero failed at the peer: ZERO: by zero",
                        "looks for Nobody",
                        "Nobody failed at the peer: UNHANDLED: Unhandled Command: 'Nobody'",
                        "Total[total=7]");
    }

    @Test
    void aSignOfLifeAndAnEmptyNameAreNotLookedUp() {
        MemoryTransport transport =
                MemoryTransport.connect(new AmpProtocol(lookedUp(), AmpOptions.DEFAULT));
        transport.receive(
                Bytes.utf8(
                        "\0\4_ask\0\0011\0\10_command\0\21torsion.heartbeat\0\0"
                                + "\0\4_ask\0\0012\0\10_command\0\0\0\0"));

        assertThat(told).isEmpty();
        assertThat(transport.takeWrittenText()).contains("_answer\0\0011").contains("UNHANDLED");
        assertThat(transport.isClosing()).isFalse();
    }

    @Test
    void nobodyForgesALineOfTheLogByTheNameOfACommand() {
        Answers answers =
                Answers.none()
                        .otherwise(name ->
                                Answers.none()
                                        .with(
                                                raw(name),
                                                (_, _) -> {
                                                    throw new IllegalStateException("broken");
                                                }));
        AmpProtocol client = client(answers);
        List<String> log =
                Logged.during(() -> ask(client.call(raw("a\nERROR all is lost"), A_AND_B)));

        assertThat(log)
                .anySatisfy(line -> assertThat(line).contains("a\\u000aERROR all is lost failed"))
                .noneSatisfy(line -> assertThat(line).startsWith("ERROR"));
        assertThat(told).singleElement().asString().startsWith("a\\u000aERROR all is lost failed");
    }

    @Test
    void isLookedUpInOnePlace() {
        assertThatThrownBy(() -> lookedUp().otherwise(_ -> Answers.none()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("other commands are looked up already");
    }

    // ---- of each connection ----

    private interface Counter {
        CompletionStage<Total> add(Sum sum);

        CompletionStage<Total> ask();
    }

    private static final CommandInterface<Counter> COUNTER = CommandInterface.of(Counter.class);

    /// Adds up what its own peer gives it, and asks back.
    private record Counting(AmpProtocol from, List<Long> added) implements Counter {
        @Override
        public CompletionStage<Total> add(Sum sum) {
            added.add(sum.a() + sum.b());
            return completedFuture(new Total(added.stream().mapToLong(it -> it).sum()));
        }

        @Override
        public CompletionStage<Total> ask() {
            return from.call(SUM, new Sum(added.size(), from.tlsSession() == null ? 0 : 1));
        }
    }

    private AmpProtocol asking(Answers server) {
        AmpProtocol client =
                new AmpProtocol(
                        Answers.none()
                                .with(
                                        SUM,
                                        (sum, _) -> {
                                            told.add("asked back: " + sum);
                                            return completedFuture(new Total(-1));
                                        }),
                        AmpOptions.DEFAULT);
        reactor.wire(client, new AmpProtocol(server, AmpOptions.DEFAULT));
        return client;
    }

    @Test
    void aConnectionMayHaveAnImplementationOfItsOwn() {
        Answers answers =
                Answers.none()
                        .perConnection(COUNTER, from -> new Counting(from, new ArrayList<>()));
        Counter one = COUNTER.on(asking(answers));
        Counter other = COUNTER.on(asking(answers));
        ask(one.add(new Sum(1, 2)));
        ask(other.add(new Sum(10, 20)));
        ask(one.add(new Sum(3, 4)));
        ask(one.ask());

        assertThat(told)
                .containsExactly(
                        "Total[total=3]",
                        "Total[total=30]",
                        "Total[total=10]",
                        "asked back: Sum[a=2, b=0]",
                        "Total[total=-1]");
    }

    @Test
    void itIsMadeWithTheConnectionAndMayAskAtOnce() {
        var _ =
                asking(
                        Answers.none()
                                .perConnection(
                                        COUNTER,
                                        from -> {
                                            Counter counting =
                                                    new Counting(from, new ArrayList<>());
                                            tell(counting.ask());
                                            return counting;
                                        }));
        reactor.runUntilIdle();

        assertThat(told).containsExactly("asked back: Sum[a=0, b=0]", "Total[total=-1]");
    }

    @Test
    void aConnectionFailsThatCannotHaveItsOwn() {
        Answers answers =
                Answers.none()
                        .perConnection(
                                COUNTER,
                                _ -> {
                                    throw new IllegalStateException("no room");
                                });
        List<String> log =
                Logged.during(() -> {
                    MemoryTransport transport =
                            MemoryTransport.connect(
                                    new AmpProtocol(answers, AmpOptions.DEFAULT) {
                                        @Override
                                        protected void opened() {
                                            told.add("opened");
                                        }

                                        @Override
                                        protected void closed(CloseReason reason) {
                                            told.add(reason.toString());
                                        }
                                    });
                    transport.reactor().runUntilIdle();
                });

        assertThat(told).containsExactly("failed: no room");
        assertThat(log).isNotEmpty();
    }

    @Test
    void itsCommandsAreAnsweredOnce() {
        Answers answers =
                Answers.none().perConnection(COUNTER, from -> new Counting(from, List.of()));

        assertThatThrownBy(() ->
                        answers.with(
                                Command.of("Add", Sum.class, Total.class),
                                (_, _) -> completedFuture(new Total(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Add is answered by somebody else already");
    }
}
