package dev.torsion.protocols.amp;

import dev.torsion.reactor.Protocol;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who answers what: one table for all connections of a factory. Immutable; each method returns a
/// table with one more.
public final class Answers {
    private static final Answers NONE = new Answers(Map.of());

    private final Map<String, Answering<?, ?>> byName;

    /// A command and who answers it.
    sealed interface Answering<Q extends Record, T> {
        Command<Q, ?> command();

        Answerer<Q, T> answerer();

        /// What is sent for `result`.
        Box box(T result) throws AmpException.Unsendable;

        /// With a box.
        record Plain<Q extends Record, A extends Record>(
                Command<Q, A> command, Answerer<Q, A> answerer) implements Answering<Q, A> {
            @Override
            public Box box(A result) throws AmpException.Unsendable {
                return command.answer(result);
            }
        }

        /// With another protocol.
        record Switching<Q extends Record>(Command<Q, ?> command, Answerer<Q, Protocol> answerer)
                implements Answering<Q, Protocol> {
            @Override
            public Box box(Protocol result) {
                return new Box();
            }
        }
    }

    private Answers(Map<String, Answering<?, ?>> byName) {
        this.byName = byName;
    }

    /// No command is answered.
    public static Answers none() {
        return NONE;
    }

    /// `command` is answered by `answerer`.
    ///
    /// @throws IllegalArgumentException if somebody answers it already
    public <Q extends Record, A extends Record> Answers with(
            Command<Q, A> command, Answerer<Q, A> answerer) {
        return with(new Answering.Plain<>(command, answerer));
    }

    /// `implementation` answers every command of an interface.
    ///
    /// @throws IllegalArgumentException if somebody answers one of them already
    public <I> Answers with(CommandInterface<I> commands, I implementation) {
        return commands.addTo(this, implementation);
    }

    /// `command` asks for another protocol: when `answerer` has given one, the answer, an empty
    /// one, is sent, and the connection is the new protocol's. Twisted calls it
    /// `ProtocolSwitchCommand`.
    ///
    /// @throws IllegalArgumentException if somebody answers it already
    public <Q extends Record> Answers switching(
            Command<Q, ?> command, Answerer<Q, Protocol> answerer) {
        return with(new Answering.Switching<>(command, answerer));
    }

    private Answers with(Answering<?, ?> answering) {
        Map<String, Answering<?, ?>> more = new TreeMap<>(byName);
        if (more.put(answering.command().name(), answering) != null) {
            throw new IllegalArgumentException(
                    answering.command() + " is answered by somebody else already");
        }
        return new Answers(more);
    }

    @Nullable Answering<?, ?> find(String name) {
        return byName.get(name);
    }
}
