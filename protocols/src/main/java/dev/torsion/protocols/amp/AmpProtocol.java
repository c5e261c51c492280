package dev.torsion.protocols.amp;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.FrameProtocol;
import dev.torsion.protocols.Layer;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An AMP connection: asks the peer with [#call], and answers it from a table of [Answers].
///
/// ```java
/// reactor.listenTcp(4321, _ -> new AmpProtocol(
///         Answers.none().with(SUM, (sum, _) -> completedFuture(new Total(sum.a() + sum.b()))),
///         AmpOptions.DEFAULT));
/// ```
///
/// What an answerer's failure does, as in Twisted: a declared error is sent and the connection
/// stays; one declared to be for good is sent, then the connection closes; so does any other
/// exception, which is logged and sent as `UNKNOWN`; arguments that are missing or unreadable count
/// as such. An unknown command is answered with `UNHANDLED`, the connection stays. A command that
/// wants no answer gets none, and its failure closes the connection. What is no AMP at all closes
/// the connection without a word.
///
/// **Thread:** loop only, except what asks and tells the peer, which may be called from anywhere: a
/// thread of [Reactor#callInThread] may wait for an answer with [Reactor#await].
public class AmpProtocol extends FrameProtocol {
    private static final Logger log = LoggerFactory.getLogger(AmpProtocol.class);
    private static final Command<Nothing, Nothing> HEARTBEAT =
            Command.of("torsion.heartbeat", Nothing.class, Nothing.class);
    private static final Command<Nothing, Nothing> START_TLS =
            Command.of("StartTLS", Nothing.class, Nothing.class);

    /// A description has room in a box whatever its characters are.
    private static final int MAX_DESCRIPTION = 16_384;

    /// All that a peer hears of what it is not told.
    private static final String UNKNOWN_ERROR = "Unknown Error";

    private final Answers answers;
    private final AmpOptions options;
    private final BoxReader reader;
    private final Calls calls = new Calls();
    private @Nullable CloseReason lost;
    private @Nullable Throwable cause;
    private @Nullable Heartbeat heartbeat;
    private int questions;
    private @Nullable String switchTag; // of the question whose answer changes the protocol
    private @Nullable ArrayDeque<Bytes> held; // answers, while the peer decides on TLS
    private boolean switched;

    private record Nothing() {}

    public AmpProtocol(Answers answers, AmpOptions options) {
        super(LengthPrefix.INT16, Box.MAX_KEY);
        this.answers = answers;
        this.options = options;
        this.reader = new BoxReader(options.maxBoxBytes());
    }

    // ---- for those who extend it ----

    /// The connection can be used. Called once, before anything else.
    protected void opened() {}

    /// The connection is gone, and every call has failed. The last call this object gets.
    protected void closed(CloseReason reason) {}

    // ---- asking ----

    /// Asks the peer. Answers may come in any order.
    ///
    /// @return completes, on this loop, with the answer; or with a declared exception of the
    ///   command; or with an [AmpException]; or, if the reactor has ended, with
    ///   [IllegalStateException]. Cancelling it forgets the call: the peer is not told, and its
    ///   answer is ignored
    public final <Q extends Record, A extends Record> CompletionStage<A> call(
            Command<Q, A> command, Q arguments) {
        return Deferred.onLoop(reactor(), () -> ask(command, arguments, command::answered));
    }

    /// Tells the peer, which answers nothing; if it fails, it closes the connection.
    ///
    /// @return completes when it has been handed to the transport, or with an [AmpException]
    public final <Q extends Record> CompletionStage<Void> tell(Command<Q, ?> command, Q arguments) {
        return Deferred.onLoop(reactor(), () -> say(command, arguments));
    }

    private <Q extends Record> CompletionStage<Void> say(Command<Q, ?> command, Q arguments) {
        AmpException hindrance = hindrance(command);
        if (hindrance != null) {
            return Deferred.failed(reactor(), hindrance);
        }
        try {
            send(command.ask(arguments).put(Box.COMMAND, Box.latin(command.name())));
            return Deferred.succeeded(reactor(), null);
        } catch (AmpException.Unsendable unsendable) {
            return Deferred.failed(reactor(), unsendable);
        }
    }

    /// Asks the peer to go on with another protocol. Nothing else can be sent until it has
    /// answered. When it agrees, `next` takes the connection over, with every byte that came after
    /// the answer, and calls that wait fail with [AmpException.Switched]; when it does not, all
    /// stays as it is, except that a wait in vain, or given up, closes the connection.
    ///
    /// @return completes, on this loop, with the new protocol after its `connectionMade`; or with
    ///   what `next` or that threw, which fails the connection too; or as [#call]
    public final <Q extends Record, P extends Protocol> CompletionStage<P> callToSwitch(
            Command<Q, ?> command, Q arguments, Supplier<P> next) {
        return Deferred.onLoop(reactor(), () -> askToSwitch(command, arguments, next));
    }

    private <Q extends Record, P extends Protocol> CompletionStage<P> askToSwitch(
            Command<Q, ?> command, Q arguments, Supplier<P> next) {
        String tag = calls.nextTag();
        CompletionStage<P> outcome =
                ask(
                        command,
                        arguments,
                        _ -> {
                            P protocol = next.get();
                            switchTo(protocol);
                            return protocol;
                        });
        if (calls.contains(tag)) {
            switchTag = tag;
        }
        return outcome;
    }

    /// Asks the peer to go on over TLS, this end being its client: AMP's `StartTLS`. (In Twisted
    /// the end that connected is TLS's client whoever asks, so ask from the end that connected.) No
    /// call can be made until the peer has answered; what waits for its answer then, at either end,
    /// is answered through TLS. A peer that refuses (`UNHANDLED`) leaves all as it is: **in plain
    /// text**. An answer that does not come in time, and a handshake that fails, are the end of the
    /// connection.
    ///
    /// @param tls [dev.torsion.protocols.tls.TlsClient#layer]
    /// @return completes, on this loop, when the handshake is over; or as [#call]; cancelling it
    ///   before that closes the connection
    public final CompletionStage<Void> callToStartTls(Layer tls) {
        return Deferred.onLoop(reactor(), () -> askToStartTls(tls));
    }

    private CompletionStage<Void> askToStartTls(Layer tls) {
        if (isOverLayer()) {
            return Deferred.failed(
                    reactor(),
                    new IllegalStateException("TLS has been started on this connection already"));
        }
        String tag = calls.nextTag();
        CompletionStage<CompletionStage<Void>> agreed =
                ask(
                        START_TLS,
                        new Nothing(),
                        _ -> {
                            CompletionStage<Void> handshake = startTls(tls);
                            release();
                            return handshake;
                        });
        if (calls.contains(tag)) {
            switchTag = tag;
            held = new ArrayDeque<>();
        }
        return agreed.whenComplete(
                        (_, refused) -> {
                            if (refused != null) {
                                release();
                            }
                        })
                .thenCompose(handshake -> handshake);
    }

    /// Sends the answers that waited for the peer's word on TLS.
    private void release() {
        ArrayDeque<Bytes> answered = held;
        held = null;
        if (answered != null) {
            answered.forEach(transport()::write);
        }
    }

    /// What the two ends agreed on; null while the connection is in plain text.
    public final @Nullable TlsSession tlsSession() {
        return TlsSession.of(transport());
    }

    private <Q extends Record, T> CompletionStage<T> ask(
            Command<Q, ?> command, Q arguments, Calls.Reading<T> reading) {
        AmpException hindrance = hindrance(command);
        if (hindrance == null && calls.size() >= options.maxCalls()) {
            hindrance = new AmpException.TooManyCalls(command.name(), options.maxCalls());
        }
        if (hindrance != null) {
            return Deferred.failed(reactor(), hindrance);
        }
        String tag = calls.nextTag();
        try {
            Box box = command.ask(arguments);
            send(box.put(Box.COMMAND, Box.latin(command.name())).put(Box.ASK, Box.latin(tag)));
        } catch (AmpException.Unsendable unsendable) {
            return Deferred.failed(reactor(), unsendable);
        }
        Duration limit = command.deadlineOr(options.deadline());
        DelayedCall deadline = reactor().callLater(limit, () -> late(tag, limit));
        Deferred<T> outcome = new Deferred<>(reactor(), () -> givenUp(tag));
        calls.sent(new Calls.Call<>(command, reading, outcome, deadline));
        return outcome;
    }

    private @Nullable AmpException hindrance(Command<?, ?> command) {
        if (lost != null) {
            return new AmpException.Lost(command.name(), lost, cause);
        }
        boolean switching = calls.contains(switchTag);
        return switching || switched ? new AmpException.Switched(command.name()) : null;
    }

    private void late(String tag, Duration limit) {
        Calls.Call<?> call = calls.forget(tag);
        if (call != null) {
            AmpException late = new AmpException.TimedOut(call.command().name(), limit);
            unanswered(tag, late);
            call.failed(late);
        }
    }

    private void givenUp(String tag) {
        if (calls.forget(tag) != null) {
            unanswered(tag, new CancellationException("the wait for its answer was given up"));
        }
    }

    private void unanswered(String tag, Exception why) {
        if (tag.equals(switchTag)) {
            // The peer may have switched already: nobody knows what its next byte means.
            cause = why;
            held = null;
            transport().loseConnection();
        }
    }

    // ---- receiving ----

    @Override
    protected final void frameReceived(Bytes frame) {
        if (heartbeat != null) {
            heartbeat.heard();
        }
        try {
            Box box = reader.take(frame);
            limitFrames(reader.expectsKey() ? Box.MAX_KEY : Box.MAX_VALUE);
            if (box != null) {
                boxReceived(box);
            }
        } catch (AmpException.Unreadable noAmp) {
            giveUp(noAmp);
        }
    }

    @Override
    protected final void frameLengthExceeded(long announced) {
        giveUp(new AmpException.Unreadable("a key of " + announced + " bytes"));
    }

    private void boxReceived(Box box) throws AmpException.Unreadable {
        String answered = box.text(Box.ANSWER);
        String failed = box.text(Box.ERROR);
        String command = box.text(Box.COMMAND);
        if (answered != null) {
            Calls.Call<?> call = calls.answered(answered);
            if (call != null) {
                call.answered(box);
            }
        } else if (failed != null) {
            errorReceived(failed, box);
        } else if (command != null) {
            questionReceived(command, box);
        } else {
            throw new AmpException.Unreadable(box + ", neither question nor answer");
        }
    }

    private void errorReceived(String tag, Box box) throws AmpException.Unreadable {
        String code = box.text(Box.ERROR_CODE);
        Bytes description = box.get(Box.ERROR_DESCRIPTION);
        if (code == null || description == null) {
            throw new AmpException.Unreadable("an error without code or description");
        }
        Calls.Call<?> call = calls.answered(tag);
        if (call != null) {
            call.failed(call.command().failure(code, description.utf8()));
        }
    }

    /// The peer does not speak AMP.
    private void giveUp(AmpException.Unreadable why) {
        log.warn("{} is closed: {}", transport().peer(), why.getMessage());
        cause = why;
        transport().loseConnection();
    }

    // ---- answering ----

    private void questionReceived(String name, Box box) {
        Bytes tag = box.get(Box.ASK);
        Answers.Answering<?, ?> answering = answers.find(name);
        Layer tls = answers.tls();
        if (answering != null) {
            answer(answering, box, tag);
        } else if (tls != null && name.equals(START_TLS.name())) {
            tlsAsked(tls, tag);
        } else if (name.equals(HEARTBEAT.name())) {
            answered(tag, new Box());
        } else {
            String description = "Unhandled Command: '" + name + "'";
            refused(tag, AmpException.Remote.UNHANDLED, description, false);
        }
    }

    private void tlsAsked(Layer tls, @Nullable Bytes tag) {
        if (tag == null || isOverLayer() || held != null) {
            String description = "TLS is started once, by one end, which waits for the answer";
            refused(tag, AmpException.Remote.UNKNOWN, description, true);
        } else {
            answered(tag, new Box());
            var _ = startTls(tls);
        }
    }

    private <Q extends Record, T> void answer(
            Answers.Answering<Q, T> answering, Box box, @Nullable Bytes tag) {
        if (questions >= options.maxQuestions()) {
            String description = questions + " questions wait for their answers already";
            refused(tag, AmpException.Remote.BUSY, description, false);
            return;
        }
        Q question;
        try {
            question = answering.command().asked(box);
        } catch (AmpException.Unreadable unreadable) {
            log.warn(
                    "{} is closed: {}: {}",
                    transport().peer(),
                    answering.command(),
                    unreadable.getMessage());
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
            return;
        }
        questions++;
        CompletionStage<T> stage;
        try {
            stage = requireNonNull(answering.answerer().answer(question, this));
        } catch (Exception thrown) {
            stage = CompletableFuture.failedFuture(thrown);
        }
        var _ =
                stage.whenComplete(
                        (result, thrown) -> inLoop(() -> conclude(answering, tag, result, thrown)));
    }

    private void inLoop(Runnable action) {
        if (reactor().inLoop()) {
            action.run();
        } else {
            reactor().callFromThread(action);
        }
    }

    private <T> void conclude(
            Answers.Answering<?, T> answering,
            @Nullable Bytes tag,
            @Nullable T result,
            @Nullable Throwable thrown) {
        questions--;
        if (lost != null || switched) {
            log.debug("an answer to {} came after the end", answering.command(), thrown);
            return;
        }
        try {
            if (thrown != null) {
                failed(answering.command(), tag, Deferred.cause(thrown));
            } else {
                succeeded(answering, tag, requireNonNull(result, "a null for an answer"));
            }
        } catch (RuntimeException broken) {
            // Nobody above this would see it: it is the end of somebody's stage.
            log.error("{} is aborted: {} failed", transport().peer(), answering.command(), broken);
            transport().abortConnection();
        }
    }

    private <T> void succeeded(Answers.Answering<?, T> answering, @Nullable Bytes tag, T result) {
        Box box;
        try {
            box = answering.box(result);
        } catch (AmpException.Unsendable unsendable) {
            failed(answering.command(), tag, unsendable);
            return;
        }
        answered(tag, box);
        if (result instanceof Protocol next) {
            switchTo(next);
        }
    }

    private void failed(Command<?, ?> command, @Nullable Bytes tag, Throwable thrown) {
        Command.Told told = command.told(thrown);
        if (told != null) {
            refused(tag, told.code(), told.description(), told.fatal());
        } else {
            log.error("{} is closed: {} failed", transport().peer(), command, thrown);
            refused(tag, AmpException.Remote.UNKNOWN, UNKNOWN_ERROR, true);
        }
    }

    private void answered(@Nullable Bytes tag, Box box) {
        if (tag == null) {
            return;
        }
        try {
            send(box.put(Box.ANSWER, tag));
        } catch (AmpException.Unsendable unsendable) {
            log.error("{} is closed: {}", transport().peer(), unsendable.getMessage());
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
                send(box);
            } catch (AmpException.Unsendable impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        if (fatal || tag == null) {
            transport().loseConnection();
        }
    }

    // ---- the connection ----

    @Override
    protected final void connected() {
        Duration interval = options.heartbeat();
        if (interval != null) {
            heartbeat = new Heartbeat(reactor(), interval, () -> beat(interval), this::silent);
        }
        opened();
    }

    @Override
    protected final void disconnected(CloseReason reason) {
        lost = reason;
        stopHeartbeat();
        calls.failAll(command -> new AmpException.Lost(command, reason, cause));
        closed(reason);
    }

    @Override
    protected final int unfinishedBytes() {
        return reader.unfinishedBytes() + super.unfinishedBytes();
    }

    private void switchTo(Protocol next) {
        if (unfinishedBytes() > 0) {
            throw new IllegalStateException("half a box came before the switch to " + next);
        }
        switched = true;
        stopHeartbeat();
        calls.failAll(AmpException.Switched::new);
        handOver(next, transport());
    }

    private void beat(Duration interval) {
        // A failure is no news: silence is noticed, and so is a loss.
        var _ = call(HEARTBEAT.within(interval), new Nothing()).exceptionally(_ -> null);
    }

    private void silent(Duration silence) {
        cause = new AmpException.TimedOut(HEARTBEAT.name(), silence);
        log.warn("{} is aborted: no sign of life for {}", transport().peer(), silence);
        transport().abortConnection();
    }

    private void stopHeartbeat() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    private void send(Box box) throws AmpException.Unsendable {
        Bytes bytes = box.encode();
        if (held == null) {
            transport().write(bytes);
        } else if (held.size() < options.maxQuestions()) {
            held.add(bytes);
        } else {
            log.warn("{} is aborted: it asks on and on while TLS is to start", transport().peer());
            transport().abortConnection();
        }
    }

    private Reactor reactor() {
        return transport().reactor();
    }
}
