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
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
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
/// stays; one declared to be for good is sent, then the connection closes; an
/// [AmpException.Remote], what another peer has said to who asked it in turn, is sent on with its
/// code and description, and the connection stays; any other exception is logged and sent as
/// `UNKNOWN`, then the connection closes; arguments that are missing or unreadable, and an answer
/// that is null or cannot be sent, count as such. An unknown command is answered with `UNHANDLED`,
/// the connection stays. A command that wants no answer gets none, and its failure closes the
/// connection. What is no AMP at all closes the connection without a word.
///
/// A peer that asks and does not take its answers is not read until it does, so that they do not
/// pile up here; except while calls of this end wait for theirs, as two ends that both ask must not
/// wait for each other. Then, and for what this end sends of its own accord, there is the hard
/// limit of [dev.torsion.reactor.Transport#write].
///
/// What a peer does wrong is logged at debug level, as any stranger can do it; what fails here, as
/// an error; a peer that is given up for its silence, as a warning, but no more than one a minute.
///
/// **Thread:** loop only, except what asks and tells the peer, which may be called from anywhere: a
/// thread of [Reactor#callInThread] may wait for an answer with [Reactor#await].
public class AmpProtocol extends FrameProtocol {
    private static final Logger log = LoggerFactory.getLogger(AmpProtocol.class);
    static final Command<Nothing, Nothing> HEARTBEAT =
            Command.of("torsion.heartbeat", Nothing.class, Nothing.class);
    static final Command<Nothing, Nothing> START_TLS =
            Command.of("StartTLS", Nothing.class, Nothing.class);

    private final Answers answers;
    private final AmpOptions options;
    private final BoxReader reader;
    private final Calls calls = new Calls();
    private boolean handedOver;
    private Phase phase = new Phase.Talking();
    private @Nullable Questions questions; // since there is a transport
    private @Nullable Room room; // since then too
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private @Nullable Heartbeat heartbeat;
    private Map<Function<AmpProtocol, ?>, Object> made = Map.of(); // for this connection

    record Nothing() {}

    public AmpProtocol(Answers answers, AmpOptions options) {
        super(LengthPrefix.INT16, Box.MAX_KEY);
        this.answers = answers;
        this.options = options;
        this.reader = new BoxReader(options.maxBoxBytes());
    }

    // ---- for those who extend it ----

    /// The connection can be used. Called once, before anything else.
    protected void opened() {}

    /// The connection is gone, and every call has failed. The last call this object gets; without
    /// [#opened] if there was no connection, as with a program that could not be started.
    ///
    /// @param reason if this end aborted the connection because of the peer (its silence, or more
    ///   answers that waited for it than may), or because none of its questions got done (see
    ///   [AmpOptions#deadline]), [CloseReason.Aborted] says so in words
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
        return onLoop(() -> ask(command, arguments, command::answered).outcome());
    }

    /// Tells the peer, which answers nothing; if it fails, it closes the connection.
    ///
    /// @return completes when it has been handed to the transport and that has room for more
    ///   ([dev.torsion.reactor.Transport#write]), so who waits for it is as fast as the peer; or
    ///   with an [AmpException], which is [AmpException.Lost] if the connection ends before: nobody
    ///   knows whether it was sent then. Cancelling it ends the wait alone
    public final <Q extends Record> CompletionStage<Void> tell(Command<Q, ?> command, Q arguments) {
        return onLoop(() -> {
            requireTalking(command);
            return room().tell(command.name(), question(command, arguments).encode());
        });
    }

    /// Asks the peer to go on with another protocol. Nothing else can be sent until it has
    /// answered: calls fail with [AmpException.Switched], and our answers wait, at most
    /// [AmpOptions#maxQuestions()] of them, and as many bytes as a reactor lets wait to be written
    /// ([Reactor#writeMarks()], the hard limit); one more aborts the connection. When it agrees,
    /// `next` takes the connection over, with every byte that came after the answer; calls that
    /// wait fail with [AmpException.Switched] too, and answers that wait are dropped. When it does
    /// not, all stays as it is, except that a wait in vain, or given up, closes the connection; so
    /// does a peer that asks for a change at the same time.
    ///
    /// @return completes, on this loop, with the new protocol after its `connectionMade`; or with
    ///   what `next` or that threw, which fails the connection too; or as [#call]
    public final <Q extends Record, P extends Protocol> CompletionStage<P> callToSwitch(
            Command<Q, ?> command, Q arguments, Supplier<P> next) {
        return onLoop(() ->
                propose(
                        command,
                        arguments,
                        _ -> {
                            P protocol = next.get();
                            switchTo(protocol);
                            return protocol;
                        }));
    }

    /// Asks the peer to go on over TLS, this end being its client: AMP's `StartTLS`. (In Twisted
    /// the end that connected is TLS's client whoever asks, so ask from the end that connected.) No
    /// call can be made until the peer has answered; what waits for its answer then, at either end,
    /// is answered through TLS. A peer that refuses (`UNHANDLED`) leaves all as it is: **in plain
    /// text**. An answer that does not come in time, and a handshake that fails, are the end of the
    /// connection.
    ///
    /// @param tls [dev.torsion.protocols.tls.TlsClient#layer]
    /// @return completes, on this loop, when the handshake is over; or as [#call]. Cancelling it
    ///   before the peer has answered closes the connection: nobody knows whether its next byte is
    ///   TLS's. Later, when both ends have agreed, it ends the wait alone: the handshake goes on,
    ///   calls may be made and go through TLS, and a handshake that fails ends the connection as
    ///   ever, of which [#closed] is told
    public final CompletionStage<Void> callToStartTls(Layer tls) {
        return onLoop(() -> {
            if (isOverLayer()) {
                return Deferred.failed(
                        reactor(),
                        new IllegalStateException(
                                "TLS has been started on this connection already"));
            }
            return propose(
                            START_TLS,
                            new Nothing(),
                            _ -> {
                                CompletionStage<Void> handshake = startTls(tls);
                                talkAgain();
                                readOn();
                                room().again();
                                return handshake;
                            })
                    .thenCompose(handshake -> handshake);
        });
    }

    /// What the two ends agreed on; null while the connection is in plain text.
    public final @Nullable TlsSession tlsSession() {
        return TlsSession.of(transport());
    }

    /// What may turn out to be impossible now.
    private interface Attempt<T> {
        CompletionStage<T> start() throws AmpException;
    }

    private <T> CompletionStage<T> onLoop(Attempt<T> attempt) {
        return Deferred.onLoop(
                reactor(),
                () -> {
                    try {
                        return attempt.start();
                    } catch (AmpException hindrance) {
                        return Deferred.failed(reactor(), hindrance);
                    }
                });
    }

    /// Asks for a change: until it is answered nothing else is sent.
    private <Q extends Record, T> CompletionStage<T> propose(
            Command<Q, ?> command, Q arguments, Calls.Reading<T> agreed) throws AmpException {
        Calls.Call<T> call = ask(command, arguments, agreed);
        if (phase instanceof Phase.Talking) { // else it was given up, and stays so
            phase = new Phase.Proposed(call.tag());
        }
        return call.outcome();
    }

    private boolean isProposal(String tag) {
        return phase instanceof Phase.Proposed(String proposal, _) && proposal.equals(tag);
    }

    /// The peer has decided, and AMP goes on: what was answered meanwhile is sent.
    private void talkAgain() {
        if (phase instanceof Phase.Proposed(_, HeldAnswers held)) {
            phase = new Phase.Talking();
            held.forEach(this::sendAnswer);
        }
    }

    /// @throws AmpException if it was not sent
    private <Q extends Record, T> Calls.Call<T> ask(
            Command<Q, ?> command, Q arguments, Calls.Reading<T> reading) throws AmpException {
        requireTalking(command);
        if (calls.size() >= options.maxCalls()) {
            throw new AmpException.TooManyCalls(command.name(), options.maxCalls());
        }
        String tag = calls.nextTag();
        room().write(question(command, arguments).put(Box.ASK, Box.latin(tag)).encode());
        Duration limit = command.deadlineOr(options.deadline());
        DelayedCall deadline = reactor().callLater(limit, () -> late(tag, command, limit));
        Deferred<T> outcome = new Deferred<>(reactor(), () -> cancelled(tag));
        Calls.Call<T> call = new Calls.Call<>(tag, command, reading, outcome, deadline);
        calls.sent(call);
        readOn(); // its answer is behind what was not read
        return call;
    }

    private static <Q extends Record> Box question(Command<Q, ?> command, Q arguments)
            throws AmpException.Unsendable {
        return command.ask(arguments).put(Box.COMMAND, Box.latin(command.name()));
    }

    private void requireTalking(Command<?, ?> command) throws AmpException {
        switch (phase) {
            case Phase.Talking _, Phase.GivenUp _ -> {}
            case Phase.Proposed _, Phase.Switched _ ->
                    throw new AmpException.Switched(command.name());
            case Phase.Lost lost -> throw lost.failure(command.name());
        }
    }

    private void late(String tag, Command<?, ?> command, Duration limit) {
        unanswered(tag, new AmpException.TimedOut(command.name(), limit));
    }

    private void cancelled(String tag) {
        unanswered(tag, new CancellationException("the wait for its answer was given up"));
    }

    private void unanswered(String tag, Exception why) {
        Calls.Call<?> call = calls.forget(tag, reactor().nanoTime());
        if (call == null) {
            return;
        }
        if (isProposal(tag)) {
            // The peer may have switched already: nobody knows what its next byte means.
            giveUp(why);
        }
        call.failed(why);
    }

    // ---- receiving ----

    @Override
    protected final void heard() {
        if (heartbeat != null) {
            heartbeat.heard();
        }
    }

    @Override
    protected final void frameReceived(Bytes frame) {
        try {
            Box box = reader.take(frame);
            limitFrames(reader.expectsKey() ? Box.MAX_KEY : Box.MAX_VALUE);
            if (box != null) {
                boxReceived(box);
            }
        } catch (AmpException.Unreadable why) {
            noAmp(why);
        }
    }

    @Override
    protected final void frameLengthExceeded(long announced) {
        noAmp(new AmpException.Unreadable("a key of " + announced + " bytes"));
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
            requireNonNull(questions).received(command, box);
        } else {
            throw new AmpException.Unreadable("neither question nor answer: " + box);
        }
    }

    private void errorReceived(String tag, Box box) throws AmpException.Unreadable {
        String code = box.text(Box.ERROR_CODE);
        Bytes description = box.get(Box.ERROR_DESCRIPTION);
        if (code == null || description == null) {
            throw new AmpException.Unreadable("an error without code or description");
        }
        Calls.Call<?> call = calls.answered(tag);
        if (call == null) {
            return;
        }
        if (isProposal(tag)) {
            talkAgain();
        }
        call.failed(call.command().failure(code, description.utf8()));
    }

    /// The peer does not speak AMP.
    private void noAmp(AmpException.Unreadable why) {
        log.debug("{} is closed: {}", transport().peer(), why.getMessage());
        giveUp(why);
    }

    // ---- the connection ----

    @Override
    protected final void connected() {
        questions = new Questions(answers, options, this, transport());
        room = new Room(transport());
        Duration interval = options.heartbeat();
        if (interval != null) {
            heartbeat =
                    new Heartbeat(reactor(), interval, this::mayBeSilent, this::beat, this::silent);
        }
        made = answers.make(this);
        opened();
    }

    /// What this connection has of its own.
    ///
    /// @param maker one of those of its [Answers]
    Object made(Function<AmpProtocol, ?> maker) {
        return requireNonNull(
                made.get(maker), "perConnection belongs to the table that a connection is given");
    }

    @Override
    protected final void disconnected(CloseReason reason) {
        Exception cause = phase instanceof Phase.GivenUp(Exception why) ? why : null;
        CloseReason told = inWords(reason, cause);
        Phase.Lost lost = new Phase.Lost(told, cause);
        phase = lost;
        stopHeartbeat();
        if (questions != null) { // else there was no connection
            questions.stopWatching();
        }
        calls.failAll(lost::failure);
        if (room != null) {
            room.lost(lost::failure);
        }
        closed(told);
    }

    /// A transport is not told why it is to abort.
    private static CloseReason inWords(CloseReason reason, @Nullable Exception cause) {
        boolean unexplained = reason instanceof CloseReason.Aborted it && it.why() == null;
        return unexplained && cause != null ? new CloseReason.Aborted(cause.getMessage()) : reason;
    }

    @Override
    protected final void roomAgain() {
        release(Hold.ANSWERS);
        room().again();
    }

    private Room room() {
        return requireNonNull(room, "no connection was made yet");
    }

    @Override
    protected final int unfinishedBytes() {
        return reader.unfinishedBytes() + super.unfinishedBytes();
    }

    void giveUp(Exception why) {
        phase = new Phase.GivenUp(why);
        transport().loseConnection();
    }

    /// While one end decides on a change, the one that asked for it sends nothing, and is sent
    /// nothing but the decision; it waits for that no longer than its deadline. And who is not read
    /// is not heard: while reading is paused or held, or this end has closed.
    private boolean mayBeSilent() {
        return phase instanceof Phase.Proposed
                || !isListening()
                || holds.contains(Hold.QUESTIONS)
                || requireNonNull(questions).awaitADecision()
                || (holds.contains(Hold.ANSWERS) && room().isTaken());
    }

    private void beat() {
        // Nobody waits for the answer: whatever comes is a sign of life.
        try {
            Bytes tag = Box.latin(calls.takeTag());
            room().write(question(HEARTBEAT, new Nothing()).put(Box.ASK, tag).encode());
        } catch (AmpException.Unsendable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void silent(Duration silence) {
        SilentPeers.of(reactor()).aborted(transport().peer(), silence, reactor().nanoTime());
        abort(new AmpException.TimedOut(HEARTBEAT.name(), silence));
    }

    private void abort(Exception why) {
        phase = new Phase.GivenUp(why);
        transport().abortConnection();
    }

    private void stopHeartbeat() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    // ---- what a question may do to it ----

    Phase phase() {
        return phase;
    }

    /// Sends an answer, or holds it back while the peer decides on a change.
    void send(Box box) throws AmpException.Unsendable {
        Bytes bytes = box.encode();
        switch (phase) {
            case Phase.Proposed(_, HeldAnswers held) -> holdBack(held, bytes);
            case Phase.Talking _, Phase.GivenUp _, Phase.Switched _, Phase.Lost _ ->
                    sendAnswer(bytes);
        }
    }

    /// A peer that does not take its answers is not read, and so asks no more.
    private void sendAnswer(Bytes box) {
        if (!room().write(box) && hold(Hold.ANSWERS)) {
            var _ = room().isTaken(); // what it takes from now on counts
        }
    }

    /// Reads the peer no more as long as there is reason for that. Not while calls of our own wait:
    /// two ends that ask each other much would each wait for the other to read.
    ///
    /// @return whether it is held for this from now on
    boolean hold(Hold why) {
        boolean begins = !waitsForAnswers() && holds.add(why);
        if (begins) {
            holdReading();
        }
        return begins;
    }

    void release(Hold why) {
        holds.remove(why);
        if (holds.isEmpty()) {
            releaseReading();
        }
    }

    /// The peer is read whether there is reason not to or not.
    private void readOn() {
        holds.clear();
        releaseReading();
        requireNonNull(questions).stopWatching();
    }

    private void holdBack(HeldAnswers held, Bytes box) {
        if (!held.add(box, options.maxQuestions(), reactor().writeMarks().hard())) {
            String why =
                    "%s wait for the peer to decide, and one more of %d bytes may not"
                            .formatted(held, box.size());
            log.debug("{} is aborted: {}", transport().peer(), why);
            abort(new IllegalStateException(why));
        }
    }

    private boolean waitsForAnswers() {
        return calls.unanswered(reactor().nanoTime()) > 0;
    }

    boolean wantsToRead() {
        return isListening();
    }

    /// The peer is not read for want of room for its questions, and none of them gets done.
    void stuck(String why) {
        log.error("{} is aborted: {}", transport().peer(), why);
        abort(new IllegalStateException(why));
    }

    boolean isOverTls() {
        return isOverLayer();
    }

    void serveTls(Layer tls) {
        var _ = startTls(tls);
        readOn();
        room().again();
    }

    boolean hasHalfABox() {
        return unfinishedBytes() > 0;
    }

    void switchTo(Protocol next) {
        phase = new Phase.Switched();
        stopHeartbeat();
        calls.failAll(AmpException.Switched::new);
        readOn();
        room().again();
        handedOver = true;
        handOver(next, transport());
    }

    /// A protocol that was decided on too late; it is told so, as it may have taken a place.
    void tooLate(Protocol next) {
        if (!handedOver) {
            handedOver = true;
            handOver(next, transport());
        }
    }

    private Reactor reactor() {
        return transport().reactor();
    }
}
