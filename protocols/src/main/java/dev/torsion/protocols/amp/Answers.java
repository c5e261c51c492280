package dev.torsion.protocols.amp;

import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Protocol;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who answers what: one table for all connections of a factory. Immutable; each method returns a
/// table with one more.
public final class Answers {
    private static final Answers NONE = new Answers(Map.of(), null);

    private final Map<String, Answering<?, ?>> byName;
    private final @Nullable Layer tls;

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

    private Answers(Map<String, Answering<?, ?>> byName, @Nullable Layer tls) {
        this.byName = byName;
        this.tls = tls;
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
    /// one, is sent, and the connection is the new protocol's. Until then the peer answers nothing,
    /// so what it would have to be asked first belongs into the question. A peer that wants no
    /// answer is closed. Twisted calls it `ProtocolSwitchCommand`.
    ///
    /// @throws IllegalArgumentException if somebody answers it already
    public <Q extends Record> Answers switching(
            Command<Q, ?> command, Answerer<Q, Protocol> answerer) {
        return with(new Answering.Switching<>(command, answerer));
    }

    /// AMP's `StartTLS` is answered: the connection goes on over TLS, this end being its server.
    /// What the peer asked before may come from anybody; who must not answer that looks at
    /// [AmpProtocol#tlsSession].
    ///
    /// @param layer [dev.torsion.protocols.tls.TlsServer#layer]
    public Answers startingTls(Layer layer) {
        return new Answers(byName, layer);
    }

    private Answers with(Answering<?, ?> answering) {
        Map<String, Answering<?, ?>> more = new TreeMap<>(byName);
        if (more.put(answering.command().name(), answering) != null) {
            throw new IllegalArgumentException(
                    answering.command() + " is answered by somebody else already");
        }
        return new Answers(more, tls);
    }

    /// How TLS is started for who asks; null if it is not.
    @Nullable Layer tls() {
        return tls;
    }

    @Nullable Answering<?, ?> find(String name) {
        return byName.get(name);
    }
}
