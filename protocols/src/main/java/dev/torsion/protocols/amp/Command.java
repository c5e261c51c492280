package dev.torsion.protocols.amp;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.amp.AmpException.Unreadable;
import dev.torsion.reactor.PeerText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A question that one end of an AMP connection may ask the other: its name, its arguments and its
/// results, each a record, and the errors it may have for an answer.
///
/// ```java
/// record Divide(long dividend, long divisor) {}
/// record Quotient(double quotient) {}
///
/// static final Command<Divide, Quotient> DIVIDE =
///         Command.of("Divide", Divide.class, Quotient.class)
///                 .failing("ZERO", ArithmeticException.class, ArithmeticException::new);
/// ```
///
/// A component's name is the argument's ([Key] changes it), a component marked [Nullable] is
/// optional, and these types stand for AMP's: `int`, `long`, [java.math.BigInteger] (Integer),
/// `double` (Float), `boolean` (Boolean), [dev.torsion.reactor.Bytes] (String), [String] (Unicode),
/// [java.math.BigDecimal], [Decimal] (Decimal), [java.time.OffsetDateTime] (DateTime),
/// [java.nio.file.Path] (Path), a [List] of one of them (ListOf), a [List] of records (AmpList);
/// [AmpTypes] adds to them. [AmpBox] stands for a record of whatever comes. An Integer or a Decimal
/// has at most 4,300 digits, as in CPython an integer has, and the last digit of a Decimal an
/// exponent of -4,300 to 4,300. Immutable; each method that changes something returns a changed
/// copy.
///
/// @param <Q> the arguments
/// @param <A> the results
public final class Command<Q extends Record, A extends Record> {
    private static final int MOST_SHOWN = 200; // of a name

    private final String name;
    private final Shape<Q> question;
    private final Shape<A> answer;
    private final List<Failure<?>> failures;
    private final @Nullable Duration deadline;

    /// A kind of exception that goes over the wire.
    private record Failure<X extends Exception>(
            String code, Class<X> type, Function<String, X> make, boolean fatal) {
        private Failure {
            Box.checked("the code of an error", code, Box.MAX_VALUE);
        }
    }

    /// What is told of an exception.
    record Told(String code, String description, boolean fatal) {}

    private Command(
            String name,
            Shape<Q> question,
            Shape<A> answer,
            List<Failure<?>> failures,
            @Nullable Duration deadline) {
        this.name = name;
        this.question = question;
        this.answer = answer;
        this.failures = failures;
        this.deadline = deadline;
    }

    /// A command that declares no errors.
    ///
    /// @param name as on the wire: 1 to 65,535 characters of ISO 8859-1
    /// @throws IllegalArgumentException if a component is of a type that AMP has not, has the key
    ///   of another or is optional and of a primitive type, or a name or key is none that AMP can
    ///   send
    public static <Q extends Record, A extends Record> Command<Q, A> of(
            String name, Class<Q> question, Class<A> answer) {
        return of(name, question, answer, AmpTypes.standard());
    }

    /// As [#of(String, Class, Class)], with types of one's own.
    public static <Q extends Record, A extends Record> Command<Q, A> of(
            String name, Class<Q> question, Class<A> answer, AmpTypes types) {
        return new Command<>(
                Box.checked("the name of a command", name, Box.MAX_VALUE),
                Shape.of(question, types),
                Shape.of(answer, types),
                List.of(),
                null);
    }

    /// Also fails with exceptions of `type`: thrown by the answering end, sent as `code` and the
    /// exception's message, made anew at the asking end. The connection stays.
    ///
    /// @param make given what the peer says; if it makes none of it, the call fails with
    ///   [AmpException.Unreadable]
    /// @throws IllegalArgumentException unless `code` is 1 to 65,535 characters of ISO 8859-1
    public <X extends Exception> Command<Q, A> failing(
            String code, Class<X> type, Function<String, X> make) {
        return with(new Failure<>(code, type, make, false));
    }

    /// As [#failing], but the answering end closes the connection when it has sent the error.
    public <X extends Exception> Command<Q, A> failingForGood(
            String code, Class<X> type, Function<String, X> make) {
        return with(new Failure<>(code, type, make, true));
    }

    /// Waits for an answer so long, instead of [AmpOptions#deadline()].
    ///
    /// @param limit more than zero
    public Command<Q, A> within(Duration limit) {
        return new Command<>(name, question, answer, failures, AmpOptions.positive(limit));
    }

    private Command<Q, A> with(Failure<?> failure) {
        List<Failure<?>> more = new ArrayList<>(failures);
        more.add(failure);
        return new Command<>(name, question, answer, List.copyOf(more), deadline);
    }

    /// As on the wire.
    public String name() {
        return name;
    }

    Duration deadlineOr(Duration usual) {
        return deadline == null ? usual : deadline;
    }

    Box ask(Q arguments) throws AmpException.Unsendable {
        return question.encode(arguments);
    }

    Q asked(Box box) throws Unreadable {
        return question.decode(box);
    }

    Box answer(A results) throws AmpException.Unsendable {
        return answer.encode(results);
    }

    A answered(Box box) throws Unreadable {
        return answer.decode(box);
    }

    /// What the peer is told of `thrown`; null if it is not declared.
    @Nullable Told told(Throwable thrown) {
        for (Failure<?> failure : failures) {
            if (failure.type.isInstance(thrown)) {
                String message = thrown.getMessage();
                return new Told(failure.code, message == null ? "" : message, failure.fatal);
            }
        }
        return null;
    }

    /// The exception that the peer told of.
    Exception failure(String code, String description) {
        for (Failure<?> failure : failures) {
            if (failure.code.equals(code)) {
                return made(failure, description);
            }
        }
        return new AmpException.Remote(name, code, description);
    }

    private static Exception made(Failure<?> failure, String description) {
        try {
            return requireNonNull(failure.make.apply(description), "no exception was made");
        } catch (Throwable thrown) {
            return new Unreadable("the error " + failure.code, thrown);
        }
    }

    /// The name, fit for a log: it may be one that a peer said.
    @Override
    public String toString() {
        return PeerText.shown(name, MOST_SHOWN);
    }
}
