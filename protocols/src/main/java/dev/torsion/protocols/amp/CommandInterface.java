package dev.torsion.protocols.amp;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The commands of one Java interface, a method each: who implements it answers them
/// ([Answers#with(CommandInterface, Object)], or one for each connection, [Answers#perConnection]),
/// and who has a connection asks by calling it ([#on]).
///
/// ```java
/// interface Arithmetic {
///     CompletionStage<Quotient> divide(Divide question);
///
///     CompletionStage<Void> reset();
/// }
///
/// static final CommandInterface<Arithmetic> ARITHMETIC =
///         CommandInterface.of(Arithmetic.class)
///                 .failing("ZERO", ArithmeticException.class, ArithmeticException::new);
/// ```
///
/// A method takes a record, the arguments, or nothing, and returns a [CompletionStage] of a record,
/// the results, or of [Void]: then the peer is told and answers nothing, as with
/// [AmpProtocol#tell]. A command is called as its method is, with a capital first letter, as
/// Twisted's are (`Divide`, `Reset`); [Key] gives it another name. Default and static methods are
/// no commands. Immutable; each method that changes something returns a changed copy.
///
/// @param <I> the interface
public final class CommandInterface<I> {
    private final Class<I> type;
    private final List<Part> parts;

    private record Nothing() {}

    private record Part(Method method, Command<Record, Record> command, boolean told) {}

    private CommandInterface(Class<I> type, List<Part> parts) {
        this.type = type;
        this.parts = parts;
    }

    /// Commands that declare no errors.
    ///
    /// @throws IllegalArgumentException if `type` is no interface, or a method of it no command;
    ///   the message says which and why
    public static <I> CommandInterface<I> of(Class<I> type) {
        return of(type, AmpTypes.standard());
    }

    /// As [#of(Class)], with types of one's own.
    public static <I> CommandInterface<I> of(Class<I> type, AmpTypes types) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName() + " is not an interface");
        }
        List<Part> parts =
                Stream.of(type.getMethods())
                        .filter(method -> Modifier.isAbstract(method.getModifiers()))
                        .sorted(Comparator.comparing(Method::getName))
                        .map(method -> part(method, types))
                        .toList();
        Set<String> names = new TreeSet<>();
        for (Part part : parts) {
            if (!names.add(part.command.name())) {
                throw new IllegalArgumentException(
                        "two commands called " + part.command + " in " + type.getName());
            }
        }
        return new CommandInterface<>(type, parts);
    }

    private static Part part(Method method, AmpTypes types) {
        Class<?>[] parameters = method.getParameterTypes();
        Class<?> question = parameters.length == 0 ? Nothing.class : parameters[0];
        if (parameters.length > 1 || !question.isRecord()) {
            throw new IllegalArgumentException(
                    "a command takes one record, or nothing: " + method.toGenericString());
        }
        Class<?> answer = answer(method);
        boolean told = answer == Void.class;
        method.setAccessible(true);
        return new Part(
                method,
                command(name(method), question, told ? Nothing.class : answer, types),
                told);
    }

    private static Class<?> answer(Method method) {
        if (method.getGenericReturnType() instanceof ParameterizedType stage
                && stage.getRawType() == CompletionStage.class) {
            Type result = stage.getActualTypeArguments()[0];
            if (result instanceof Class<?> type && (type.isRecord() || type == Void.class)) {
                return type;
            }
        }
        throw new IllegalArgumentException(
                "a command returns a CompletionStage of a record or of Void: "
                        + method.toGenericString());
    }

    private static String name(Method method) {
        Key key = method.getAnnotation(Key.class);
        String name = method.getName();
        return key != null
                ? key.value()
                : Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    @SuppressWarnings("unchecked") // both were checked to be records
    private static Command<Record, Record> command(
            String name, Class<?> question, Class<?> answer, AmpTypes types) {
        return Command.of(name, (Class<Record>) question, (Class<Record>) answer, types);
    }

    /// Every command of it also fails so; see [Command#failing].
    public <X extends Exception> CommandInterface<I> failing(
            String code, Class<X> exception, Function<String, X> make) {
        return each(command -> command.failing(code, exception, make));
    }

    /// Every command of it also fails so; see [Command#failingForGood].
    public <X extends Exception> CommandInterface<I> failingForGood(
            String code, Class<X> exception, Function<String, X> make) {
        return each(command -> command.failingForGood(code, exception, make));
    }

    /// Every command of it waits for an answer so long; see [Command#within].
    ///
    /// @param limit more than zero
    public CommandInterface<I> within(Duration limit) {
        return each(command -> command.within(limit));
    }

    private CommandInterface<I> each(UnaryOperator<Command<Record, Record>> change) {
        List<Part> changed = new ArrayList<>();
        for (Part part : parts) {
            changed.add(new Part(part.method, change.apply(part.command), part.told));
        }
        return new CommandInterface<>(type, List.copyOf(changed));
    }

    /// The peer, as one who implements the interface: each call of a method is a call of its
    /// command, with the outcomes of [AmpProtocol#call] and [AmpProtocol#tell].
    ///
    /// **Thread:** any, as for [AmpProtocol#call].
    public I on(AmpProtocol connection) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> asked(connection, proxy, method, arguments)));
    }

    @SuppressWarnings("ReferenceEquality") // the other end is equal to itself alone
    private @Nullable Object asked(
            AmpProtocol connection, Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        for (Part part : parts) {
            if (part.method.equals(method)) {
                Record question = arguments == null ? new Nothing() : (Record) arguments[0];
                return part.told
                        ? connection.tell(part.command, question)
                        : connection.call(part.command, question);
            }
        }
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> type.getSimpleName() + " at the other end";
        };
    }

    /// @param implementation who answers on a connection
    Answers addTo(Answers answers, Function<AmpProtocol, Object> implementation) {
        Answers all = answers;
        for (Part part : parts) {
            all =
                    all.with(
                            part.command,
                            (question, from) -> answer(part, implementation.apply(from), question));
        }
        return all;
    }

    private CompletionStage<Record> answer(Part part, Object implementation, Record question)
            throws Exception {
        Object[] arguments =
                part.method.getParameterCount() == 0 ? new Object[0] : new Object[] {question};
        try {
            CompletionStage<?> stage =
                    (CompletionStage<?>) part.method.invoke(implementation, arguments);
            return stage.thenApply(result -> part.told ? new Nothing() : (Record) result);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw thrown;
        }
    }
}
