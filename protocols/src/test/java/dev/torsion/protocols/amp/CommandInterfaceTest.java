package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class CommandInterfaceTest {
    record Divide(long dividend, long divisor) {}

    record Quotient(long quotient) {}

    interface Arithmetic {
        CompletionStage<Quotient> divide(Divide question);

        @Key("count-up")
        CompletionStage<Quotient> count();

        CompletionStage<Void> reset();

        default CompletionStage<Quotient> half(long number) {
            return divide(new Divide(number, 2));
        }
    }

    private static final CommandInterface<Arithmetic> ARITHMETIC =
            CommandInterface.of(Arithmetic.class)
                    .failing("ZERO", ArithmeticException.class, ArithmeticException::new);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();
    private final Arithmetic implementation =
            new Arithmetic() {
                private long count;

                @Override
                public CompletionStage<Quotient> divide(Divide question) {
                    return question.divisor() == 9
                            ? new CompletableFuture<>()
                            : completedFuture(
                                    new Quotient(question.dividend() / question.divisor()));
                }

                @Override
                public CompletionStage<Quotient> count() {
                    return completedFuture(new Quotient(++count));
                }

                @Override
                public CompletionStage<Void> reset() {
                    count = 0;
                    told.add("reset");
                    return completedFuture(null);
                }
            };
    private final AmpProtocol client = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);

    private Arithmetic remote(CommandInterface<Arithmetic> commands) {
        Answers answers = Answers.none().with(ARITHMETIC, implementation);
        reactor.wire(client, new AmpProtocol(answers, AmpOptions.DEFAULT));
        return commands.on(client);
    }

    private void ask(CompletionStage<?> outcome) {
        var _ =
                outcome.whenComplete((answer, failure) ->
                        told.add(String.valueOf(failure == null ? answer : failure)));
        reactor.runUntilIdle();
    }

    @Test
    void callsAreCommandsAndImplementationsAnswerThem() {
        Arithmetic remote = remote(ARITHMETIC);
        ask(remote.divide(new Divide(42, 7)));
        ask(remote.count());
        ask(remote.count());
        ask(remote.half(10));

        assertThat(told)
                .containsExactly(
                        "Quotient[quotient=6]",
                        "Quotient[quotient=1]",
                        "Quotient[quotient=2]",
                        "Quotient[quotient=5]");
    }

    @Test
    void aStageOfVoidTellsAndIsNotAnswered() {
        ask(remote(ARITHMETIC).reset());

        assertThat(told).containsExactly("null", "reset");
    }

    @Test
    void declaredErrorsAreTheirExceptionsAgain() {
        ask(remote(ARITHMETIC).divide(new Divide(1, 0)));

        assertThat(told).containsExactly("java.lang.ArithmeticException: / by zero");
    }

    @Test
    void callsHaveTheDeadlineOfTheInterface() {
        ask(remote(ARITHMETIC.within(Duration.ofSeconds(1))).divide(new Divide(1, 9)));
        reactor.advance(Duration.ofSeconds(1));

        assertThat(told).singleElement().asString().contains("Divide has no answer after PT1S");
    }

    @Test
    void commandsHaveTheNamesOfTheirMethodsOrKeys() {
        Command<Divide, Quotient> divide = Command.of("Divide", Divide.class, Quotient.class);
        record Nothing() {}
        Command<Nothing, Quotient> count = Command.of("count-up", Nothing.class, Quotient.class);
        var _ = remote(ARITHMETIC);
        ask(client.call(divide, new Divide(8, 2)));
        ask(client.call(count, new Nothing()));

        assertThat(told).containsExactly("Quotient[quotient=4]", "Quotient[quotient=1]");
    }

    @Test
    void aToldCommandThatIsAskedIsAnsweredWithNothing() {
        record Nothing() {}
        var _ = remote(ARITHMETIC);
        ask(client.call(Command.of("Reset", Nothing.class, Nothing.class), new Nothing()));

        assertThat(told).containsExactly("reset", "Nothing[]");
    }

    @Test
    void theOtherEndIsAnObjectLikeAny() {
        Arithmetic remote = remote(ARITHMETIC);

        assertThat(Set.of(remote, ARITHMETIC.on(client))).hasSize(2).contains(remote);
        assertThat(remote).hasToString("Arithmetic at the other end");
    }

    interface Many {
        CompletionStage<Quotient> divide(long dividend, long divisor);
    }

    interface Blocking {
        Quotient divide(Divide question);
    }

    interface Twice {
        CompletionStage<Quotient> divide(Divide question);

        CompletionStage<Quotient> divide();
    }

    @Test
    void saysWhatIsNoCommand() {
        assertThatThrownBy(() -> CommandInterface.of(Many.class))
                .hasMessageStartingWith("a command takes one record, or nothing: ")
                .hasMessageContaining("Many.divide(long,long)");
        assertThatThrownBy(() -> CommandInterface.of(Blocking.class))
                .hasMessageStartingWith(
                        "a command returns a CompletionStage of a record or of Void");
        assertThatThrownBy(() -> CommandInterface.of(Twice.class))
                .hasMessageStartingWith("two commands called Divide in ");
        assertThatThrownBy(() -> CommandInterface.of(String.class))
                .hasMessage("java.lang.String is not an interface");
    }
}
