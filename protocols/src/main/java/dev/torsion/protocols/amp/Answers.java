package dev.torsion.protocols.amp;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Who answers what: one table for all connections of a factory. Immutable; each method returns a
/// table with one more.
public final class Answers {
    private static final Answers NONE = new Answers(Map.of(), null, null, List.of());

    private final Map<String, Answering<?, ?>> byName;
    private final @Nullable Layer tls;
    private final @Nullable Function<String, Answers> others;
    private final List<Function<AmpProtocol, ?>> makers; // for each connection

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

    private Answers(
            Map<String, Answering<?, ?>> byName,
            @Nullable Layer tls,
            @Nullable Function<String, Answers> others,
            List<Function<AmpProtocol, ?>> makers) {
        this.byName = byName;
        this.tls = tls;
        this.others = others;
        this.makers = makers;
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
        return commands.addTo(this, _ -> implementation);
    }

    /// Every command of an interface is answered by an implementation that each connection has of
    /// its own: it can keep what it knows of the peer, ask back, and see [AmpProtocol#tlsSession].
    ///
    /// @param make makes it when the connection is made, before [AmpProtocol#opened]; if it throws,
    ///   the connection fails
    /// @throws IllegalArgumentException if somebody answers one of them already
    public <I> Answers perConnection(CommandInterface<I> commands, Function<AmpProtocol, I> make) {
        Answers all = commands.addTo(this, from -> from.made(make));
        List<Function<AmpProtocol, ?>> more = new ArrayList<>(makers);
        more.add(make);
        return new Answers(all.byName, tls, others, List.copyOf(more));
    }

    /// Commands that nobody here answers are looked up: `locate` is given the name, which is any
    /// that a peer may think of, and gives a table that has the command, or not ([#none()], say);
    /// of that table nothing else counts. Twisted calls it `locateResponder`.
    ///
    /// ```java
    /// answers.otherwise(name ->
    ///         Answers.none().with(Command.of(name, AmpBox.class, AmpBox.class), this::answer))
    /// ```
    ///
    /// @param locate called on the loop of the connection, which fails if it throws
    /// @throws IllegalArgumentException if they are looked up already
    public Answers otherwise(Function<String, Answers> locate) {
        if (others != null) {
            throw new IllegalArgumentException("other commands are looked up already");
        }
        return new Answers(byName, tls, locate, makers);
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
        return new Answers(byName, layer, others, makers);
    }

    private Answers with(Answering<?, ?> answering) {
        Map<String, Answering<?, ?>> more = new TreeMap<>(byName);
        if (more.put(answering.command().name(), answering) != null) {
            throw new IllegalArgumentException(
                    answering.command() + " is answered by somebody else already");
        }
        return new Answers(more, tls, others, makers);
    }

    /// How TLS is started for who asks; null if it is not.
    @Nullable Layer tls() {
        return tls;
    }

    @Nullable Answering<?, ?> find(String name) {
        return byName.get(name);
    }

    /// Who answers a command that [#find] does not know.
    @Nullable Answering<?, ?> locate(String name) {
        // No command has an empty name, but any peer can send one.
        return others == null || name.isEmpty() ? null : others.apply(name).find(name);
    }

    /// What a connection has of its own, by what made it.
    Map<Function<AmpProtocol, ?>, Object> make(AmpProtocol connection) {
        Map<Function<AmpProtocol, ?>, Object> made = new HashMap<>();
        for (Function<AmpProtocol, ?> maker : makers) {
            made.put(maker, requireNonNull(maker.apply(connection), "no implementation was made"));
        }
        return made;
    }
}
