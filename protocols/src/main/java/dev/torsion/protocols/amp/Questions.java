package dev.torsion.protocols.amp;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The questions of one connection's peer, each of which is answered, or refused with an error, as
/// [AmpProtocol] says; one without a tag wants no answer.
final class Questions {
    private static final Logger log = LoggerFactory.getLogger(Questions.class);

    /// A description has room in a box whatever its characters are.
    private static final int MAX_DESCRIPTION = 16_384;

    /// All that a peer hears of what it is not told.
    private static final String UNKNOWN_ERROR = "Unknown Error";

    private final Answers answers;
    private final AmpOptions options;
    private final int most; // may wait for their answers
    private final AmpProtocol connection;
    private final Transport transport;
    private int waiting;
    private int decisions; // of those that wait, which ask for another protocol
    private @Nullable DelayedCall deadline; // for one of them to get done, while no more are read
    private Duration limit = Duration.ZERO; // of that

    /// @param transport of the connection
    Questions(Answers answers, AmpOptions options, AmpProtocol connection, Transport transport) {
        this.answers = answers;
        this.options = options;
        this.most = options.maxQuestions();
        this.connection = connection;
        this.transport = transport;
    }

    /// Whether one of them asks for another protocol.
    boolean awaitADecision() {
        return decisions > 0;
    }

    void received(String name, Box box) {
        Bytes tag = box.get(Box.ASK);
        Answers.Answering<?, ?> answering = answers.find(name);
        Layer tls = answers.tls();
        if (answering != null) {
            answer(answering, box, tag);
        } else if (tls != null && name.equals(AmpProtocol.START_TLS.name())) {
            tlsAsked(tls, tag);
        } else if (name.equals(AmpProtocol.HEARTBEAT.name())) {
            answered(tag, new Box());
        } else {
            lookedUp(name, box, tag);
        }
    }

    private void lookedUp(String name, Box box, @Nullable Bytes tag) {
        Answers.Answering<?, ?> answering = answers.locate(name);
        if (answering != null) {
            answer(answering, box, tag);
        } else {
            String description = "Unhandled Command: '" + name + "'";
            refused(tag, AmpException.Remote.UNHANDLED, description, false);
        }
    }

    private void tlsAsked(Layer tls, @Nullable Bytes tag) {
        if (connection.phase() instanceof Phase.Proposed) {
            bothAsked();
        } else if (tag == null || connection.isOverTls()) {
            String description = "TLS is started once, by one end, which waits for the answer";
            refused(tag, AmpException.Remote.UNKNOWN, description, true);
        } else {
            answered(tag, new Box());
            connection.serveTls(tls);
        }
    }

    /// Neither end may answer: either has switched already, if the other agreed.
    private void bothAsked() {
        connection.giveUp(new IllegalStateException("both ends asked for a change at once"));
    }

    private <Q extends Record, T> void answer(
            Answers.Answering<Q, T> answering, Box box, @Nullable Bytes tag) {
        if (tag == null && answering instanceof Answers.Answering.Switching<?>) {
            transport.loseConnection(); // who asks is not told where AMP ends
            return;
        }
        if (waiting >= (tag == null ? 2L * most : most)) {
            log.debug("{} asks too much: {} questions wait already", transport.peer(), waiting);
            String description = waiting + " questions wait for their answers already";
            refused(tag, AmpException.Remote.BUSY, description, false);
            return;
        }
        Q question;
        try {
            question = answering.command().asked(box);
        } catch (AmpException.Unreadable unreadable) {
            log.debug(
                    "{} is closed: {}: {}",
                    transport.peer(),
                    answering.command(),
                    unreadable.getMessage());
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
            return;
        }
        if (answering instanceof Answers.Answering.Switching<?> && decisions > 0) {
            log.debug(
                    "{} is closed: it asks for another switch before the answer to the first",
                    transport.peer());
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
            return;
        }
        count(answering, 1);
        CompletionStage<T> stage;
        try {
            stage = requireNonNull(answering.answerer().answer(question, connection));
        } catch (Exception thrown) {
            stage = CompletableFuture.failedFuture(thrown);
        }
        var _ =
                stage.whenComplete(
                        (result, thrown) -> inLoop(() -> conclude(answering, tag, result, thrown)));
        if (tag == null && waiting > most && !connection.phase().isOver()) {
            holdReading(answering.command());
        }
    }

    /// No more of them are read until there is room, for which one after the other is to get done.
    ///
    /// @param last the one for which there was none
    private void holdReading(Command<?, ?> last) {
        if (connection.hold(Hold.QUESTIONS)) {
            limit = last.deadlineOr(options.deadline());
            watch(last);
        }
    }

    private void watch(Command<?, ?> last) {
        deadline = transport.reactor().callLater(limit, () -> late(last));
    }

    void stopWatching() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    private void late(Command<?, ?> last) {
        deadline = null;
        if (connection.wantsToRead()) {
            connection.stuck(
                    "%d of its questions wait for their answers, the last of them %s, so no more are read, and none was answered within %s: complete the stages of their answerers, or raise the deadline in AmpOptions or of the command"
                            .formatted(waiting, last, limit));
        } else {
            watch(last);
        }
    }

    private void oneIsDone() {
        if (waiting < most) {
            stopWatching();
            connection.release(Hold.QUESTIONS);
        } else if (deadline != null) {
            deadline.reset(limit);
        }
    }

    private void count(Answers.Answering<?, ?> answering, int change) {
        waiting += change;
        if (answering instanceof Answers.Answering.Switching<?>) {
            decisions += change;
        }
    }

    private void inLoop(Runnable action) {
        if (transport.reactor().inLoop()) {
            action.run();
        } else {
            transport.reactor().callFromThread(action);
        }
    }

    private <T> void conclude(
            Answers.Answering<?, T> answering,
            @Nullable Bytes tag,
            @Nullable T result,
            @Nullable Throwable thrown) {
        count(answering, -1);
        if (connection.phase().isOver()) {
            log.debug("an answer to {} came after the end", answering.command(), thrown);
            dropped(result);
            return;
        }
        try {
            oneIsDone();
            if (thrown != null) {
                failed(answering.command(), tag, Deferred.cause(thrown));
            } else {
                succeeded(answering, tag, result);
            }
        } catch (RuntimeException | Error broken) {
            // Nobody above this would see it: it is the end of somebody's stage.
            log.error("{} is aborted: {} failed", transport.peer(), answering.command(), broken);
            transport.abortConnection();
        }
    }

    private <T> void succeeded(
            Answers.Answering<?, T> answering, @Nullable Bytes tag, @Nullable T result) {
        if (result instanceof Protocol && connection.phase() instanceof Phase.Proposed) {
            bothAsked();
            dropped(result);
            return;
        }
        if (result instanceof Protocol next && connection.hasHalfABox()) {
            log.debug(
                    "{} is aborted: half a box came before the switch to {}",
                    transport.peer(),
                    next);
            transport.abortConnection();
            dropped(next);
            return;
        }
        Box box;
        try {
            box = answering.box(requireNonNull(result, "a null for an answer"));
        } catch (AmpException.Unsendable | RuntimeException unsendable) {
            failed(answering.command(), tag, unsendable);
            return;
        }
        answered(tag, box);
        if (result instanceof Protocol next) {
            connection.switchTo(next);
        }
    }

    private void dropped(@Nullable Object result) {
        if (result instanceof Protocol next) {
            connection.tooLate(next);
        }
    }

    private void failed(Command<?, ?> command, @Nullable Bytes tag, Throwable thrown) {
        Command.Told told = command.told(thrown);
        if (told != null) {
            refused(tag, told.code(), told.description(), told.fatal());
        } else if (thrown instanceof AmpException.Remote remote) {
            log.debug("{} is told: {} failed", transport.peer(), command, remote);
            refused(tag, remote.code(), remote.description(), false);
        } else {
            log.error("{} is closed: {} failed", transport.peer(), command, thrown);
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
        }
    }

    private void answered(@Nullable Bytes tag, Box box) {
        if (tag == null) {
            return;
        }
        try {
            connection.send(box.put(Box.ANSWER, tag));
        } catch (AmpException.Unsendable unsendable) {
            log.error("{} is closed: {}", transport.peer(), unsendable.getMessage());
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
        }
    }

    private void refused(@Nullable Bytes tag, String code, String description, boolean fatal) {
        if (tag != null) {
            String cut = description.substring(0, Math.min(description.length(), MAX_DESCRIPTION));
            Box box =
                    new Box()
                            .put(Box.ERROR, tag)
                            .put(Box.ERROR_CODE, Box.latin(code))
                            .put(Box.ERROR_DESCRIPTION, Bytes.utf8(cut));
            try {
                connection.send(box);
            } catch (AmpException.Unsendable impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        if (fatal || tag == null) {
            transport.loseConnection();
        }
    }
}
