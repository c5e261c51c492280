package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection's TLS, from its handshake to its end: fed by the transport below, it feeds the
/// protocol above. The records of its two directions are [RecordReader]'s and [RecordWriter]'s.
///
/// ```
/// NEW ──► HANDSHAKE ──► OPEN ──► CLOSING ──► OVER
///              └─ failed, late ─────▲
/// ```
///
/// In CLOSING this side has ended the connection, by a close_notify or an alert unless it broke it,
/// and waits for the transport below. The loss of that leads from anywhere to OVER.
///
/// Input waits while reading is paused, or while a step of the handshake is worked out on a virtual
/// thread.
final class TlsLayer implements Protocol {
    private static final Logger log = LoggerFactory.getLogger(TlsLayer.class);

    /// A handshake is two or three certificates; the engine has bounds of its own for each message.
    private static final int LARGEST_HANDSHAKE = 256 << 10;

    /// What a stranger may send behind its hello: nothing that a client has to say there is longer.
    private static final int MOST_BEHIND_HELLO = 32 << 10;

    /// Records in a row that bring no data (tickets, key updates, empty ones).
    private static final int MOST_DATALESS = 64;

    private static final byte ALERT = 21;

    /// Who is told of the handshake.
    interface Above {
        /// It succeeded: who gets the connection; null refuses it.
        @Nullable Protocol opened(Transport secured);

        /// The `connectionMade` of that protocol has returned.
        default void made(Protocol protocol) {}

        /// It has not, or has failed the connection.
        default void unmade(Throwable cause) {}

        /// It failed, or came to nothing. Called at most once, and not after [#opened].
        ///
        /// @param cause a [TimeoutException] if it was late, a [CancellationException] if the
        ///   reactor stopped
        void failed(Throwable cause);

        /// The connection whose handshake failed is gone.
        default void gone(CloseReason reason) {}
    }

    private enum State {
        NEW,
        HANDSHAKE,
        OPEN,
        CLOSING,
        OVER
    }

    private final SSLEngine engine;
    private final @Nullable String serverName;
    private final boolean mayBlock; // a step of the handshake
    private final Duration timeout;
    private final Above above;
    private final RecordReader reader;

    private State state = State.NEW;
    private boolean peerEnded;
    private @Nullable Transport lower; // from here on there when it was connected
    private @Nullable RecordWriter writer;
    private @Nullable Protocol protocol; // from the end of the handshake on
    private @Nullable Secured secured;
    private @Nullable DelayedCall alarm;
    private @Nullable CloseReason reason; // known here better than below
    private @Nullable Throwable failure; // that the protocol ended it with
    private boolean failureTold;

    private boolean paused;
    private boolean working;
    private @Nullable CompletionStage<?> step; // while it works
    private boolean answeringHello;
    private int handshakeBytes;
    private int dataless;

    private int depth; // calls from below that will flush at their end
    private boolean flushQueued;

    /// @param engine new
    /// @param serverName what a client asks for
    /// @param timeout how long the handshake may take; more than zero
    TlsLayer(
            SSLEngine engine,
            @Nullable String serverName,
            boolean mayBlock,
            Duration timeout,
            Above above) {
        this.engine = engine;
        this.serverName = serverName;
        this.mayBlock = mayBlock;
        this.timeout = timeout;
        this.above = above;
        reader = new RecordReader(engine, new Records());
    }

    // ---- from below ----

    @Override
    public void connectionMade(Transport transport) {
        lower = transport;
        writer = new RecordWriter(engine, transport);
        state = State.HANDSHAKE;
        alarm = transport.reactor().callLater(timeout, this::late);
        try {
            engine.beginHandshake();
        } catch (SSLException broken) {
            alert(broken);
            return;
        }
        advance();
    }

    @Override
    public void dataReceived(Bytes data) {
        depth++;
        try {
            reader.take(data);
        } finally {
            depth--;
        }
        flush();
    }

    @Override
    public void writableAgain() {
        if (state == State.OPEN) {
            callProtocol(Protocol::writableAgain);
        }
    }

    @Override
    public void closeAsked(Transport transport) {
        switch (state) {
            case OPEN -> callProtocol(told -> told.closeAsked(requireNonNull(secured)));
            case NEW, HANDSHAKE -> {
                String why = "the reactor was stopped";
                reason = new CloseReason.Aborted(why);
                tellFailed(new CancellationException(why));
                closing();
                transport.loseConnection();
            }
            case CLOSING, OVER -> {}
        }
    }

    private void callProtocol(Consumer<Protocol> call) {
        depth++;
        try {
            call.accept(requireNonNull(protocol));
        } finally {
            depth--;
        }
        flush();
    }

    @Override
    public void connectionLost(CloseReason why) {
        try {
            if (why instanceof CloseReason.Lost && state == State.OPEN) {
                drain(); // had come before, and waits for its turn since reading was resumed
            }
        } finally {
            lost(why);
        }
    }

    private void lost(CloseReason why) {
        State was = state;
        state = State.OVER;
        stopWaiting();
        drop();
        Protocol told = protocol;
        if (told == null) {
            Throwable cause =
                    why instanceof CloseReason.Lost(Throwable lost)
                            ? lost
                            : new EOFException("the connection ended in the handshake: " + why);
            CloseReason seen =
                    why instanceof CloseReason.Done && !failureTold
                            ? new CloseReason.Lost(cause)
                            : why;
            tellFailed(cause);
            above.gone(reason == null ? seen : reason);
        } else if (reason != null) {
            told.connectionLost(reason);
        } else if (was == State.OPEN && why instanceof CloseReason.Done) {
            told.connectionLost(
                    new CloseReason.Lost(
                            new EOFException(
                                    "the end came without TLS's close_notify: something may be"
                                            + " missing")));
        } else {
            told.connectionLost(why);
        }
    }

    /// Ends an attempt that nobody waits for any more.
    void giveUp(CloseReason why) {
        if (receiving()) {
            failureTold = true; // nobody is there to be told
            reset(why);
        }
    }

    // ---- input ----

    private boolean receiving() {
        return state == State.HANDSHAKE || state == State.OPEN;
    }

    private boolean held() {
        return paused || working;
    }

    /// What the reader asks and tells.
    private final class Records implements RecordReader.Reading {

        @Override
        public boolean receiving() {
            return TlsLayer.this.receiving();
        }

        @Override
        public boolean held() {
            return TlsLayer.this.held();
        }

        @Override
        public int mostKept() {
            return answeringHello ? MOST_BEHIND_HELLO : Integer.MAX_VALUE;
        }

        @Override
        public void coming(byte type) {
            if (type == ALERT && state == State.OPEN) {
                // After a close_notify nothing could be sent any more.
                flushGathered();
            }
        }

        @Override
        public void opened(SSLEngineResult result, ByteBuffer plain) {
            if (state == State.HANDSHAKE) {
                handshakeBytes += result.bytesConsumed();
            }
            if (plain.position() > 0) {
                deliver(plain);
            }
            if (TlsLayer.this.receiving()) {
                goOn(result);
            }
        }

        @Override
        public void broken(SSLException why) {
            alert(why);
        }

        @Override
        public void tooLong(String why) {
            resetFor(why);
        }
    }

    private void deliver(ByteBuffer plain) {
        Protocol told = protocol;
        if (told == null) {
            resetFor("data came before the end of the handshake");
            return;
        }
        dataless = 0;
        BorrowedBytes lent = BorrowedBytes.filled(plain);
        try {
            told.dataReceived(lent);
        } finally {
            lent.end();
        }
    }

    /// What a record leads to, besides data.
    private void goOn(SSLEngineResult result) {
        if (result.getStatus() == Status.CLOSED) {
            peerClosed();
        } else if (state == State.HANDSHAKE) {
            if (handshakeBytes > LARGEST_HANDSHAKE) {
                resetFor("a handshake of more than " + LARGEST_HANDSHAKE + " bytes");
            } else {
                advance();
            }
        } else if (result.bytesProduced() == 0 && ++dataless > MOST_DATALESS) {
            resetFor(MOST_DATALESS + " records in a row without any data");
        } else if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            if (requireNonNull(secured).session().version() == TlsVersion.TLS_1_2) {
                resetFor("the peer began a new handshake, which is refused");
            } else {
                advance();
            }
        }
    }

    /// close_notify came: the peer has sent all it had.
    private void peerClosed() {
        if (state == State.HANDSHAKE) {
            alert(new SSLHandshakeException("the peer ended the connection in the handshake"));
        } else {
            peerEnded = state == State.OPEN;
            close();
        }
    }

    /// Whether the peer's close_notify is why it ended.
    boolean peerEnded() {
        return peerEnded;
    }

    /// What waited while the input was held.
    private void drain() {
        if (!held() && receiving()) {
            reader.goOn();
            if (!held() && receiving()) {
                lower().resumeReading();
            }
        }
    }

    // ---- handshake ----

    /// Does what the engine wants done before it goes on.
    private void advance() {
        while (receiving() && !working) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (!sendOwn()) {
                        return;
                    }
                }
                case NEED_TASK -> work();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    return;
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    if (state == State.HANDSHAKE) {
                        opened();
                    }
                    return;
                }
            }
        }
    }

    private boolean sendOwn() {
        try {
            return writer().sendOwn();
        } catch (SSLException broken) {
            alert(broken);
            return false;
        }
    }

    /// Signatures and checks of certificates: off the loop.
    private void work() {
        List<Runnable> tasks = new ArrayList<>();
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            tasks.add(task);
        }
        working = true;
        answeringHello = !engine.getUseClientMode() && engine.getHandshakeSession() == null;
        lower().pauseReading();
        Callable<Integer> steps =
                () -> {
                    tasks.forEach(Runnable::run);
                    return tasks.size();
                };
        CompletionStage<Integer> begun =
                mayBlock ? reactor().callInThread(steps) : reactor().callInLayerThread(steps);
        step = begun;
        var _ = begun.whenComplete((_, thrown) -> inOwnTurn(() -> worked(thrown)));
    }

    private void worked(@Nullable Throwable thrown) {
        working = false;
        step = null;
        answeringHello = false;
        if (!receiving()) {
            return;
        }
        if (thrown != null) {
            alert(new SSLException("a step of the handshake failed", thrown));
            return;
        }
        advance();
        drain();
    }

    private void opened() {
        stopWaiting();
        state = State.OPEN;
        Secured transport = new Secured(this, lower(), TlsSession.of(engine, serverName));
        secured = transport;
        failureTold = true; // there is none
        Protocol built = above.opened(transport);
        if (built == null) {
            close();
            return;
        }
        protocol = built;
        depth++;
        try {
            built.connectionMade(transport);
        } catch (Throwable thrown) {
            above.unmade(thrown);
            throw thrown;
        } finally {
            depth--;
        }
        Throwable failed = failure;
        if (failed != null) {
            above.unmade(failed);
        } else {
            above.made(built);
        }
        flush();
    }

    private void late() {
        String why = "no TLS handshake within " + timeout;
        tellFailed(new TimeoutException(why));
        reset(new CloseReason.Aborted(why));
    }

    private void tellFailed(Throwable cause) {
        if (!failureTold) {
            failureTold = true;
            above.failed(cause);
        }
    }

    private void stopWaiting() {
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
    }

    // ---- output; for the protocol above ----

    boolean write(Bytes data) {
        if (state != State.OPEN) {
            return false;
        }
        if (data.isEmpty()) {
            return lower().write(data);
        }
        dataless = 0; // whoever is only sent to answers with new keys alone, after terabytes
        try {
            writer().add(data);
        } catch (SSLException broken) {
            unsent(broken);
            return false;
        }
        if (writer().full()) {
            flushGathered(); // the transport below says anew whether it is
        } else if (depth == 0 && !flushQueued && writer().gathered() > 0) {
            flushQueued = true;
            reactor().callFromThread(this::flushQueued);
        }
        return state == State.OPEN && !writer().full();
    }

    private void flushQueued() {
        flushQueued = false;
        inOwnTurn(this::flushGathered);
    }

    long pendingBytes() {
        return lower().pendingBytes() + writer().gathered();
    }

    /// Sends what was gathered, unless a call further out will.
    private void flush() {
        if (depth == 0) {
            flushGathered();
        }
    }

    private void flushGathered() {
        if (state == State.OPEN) {
            try {
                writer().flush();
            } catch (SSLException broken) {
                unsent(broken);
            }
        }
    }

    void pause() {
        lower().pauseReading();
        paused = true;
    }

    void resume() {
        paused = false;
        if (working) {
            return;
        }
        if (reader.isEmpty()) {
            lower().resumeReading();
        } else {
            // Its own turn, as with bytes from the socket; the transport's follow.
            reactor().callFromThread(() -> inOwnTurn(this::drain));
        }
    }

    // ---- ends ----

    /// Sends what is written and close_notify; does not wait for the peer's (RFC 8446, 6.1).
    void close() {
        flushGathered();
        if (state != State.OPEN) {
            return;
        }
        closing();
        sendEnd();
        lower().loseConnection();
    }

    void abort() {
        if (state == State.OPEN || state == State.CLOSING) {
            closing();
            lower().abortConnection();
        }
    }

    void fail(Throwable cause) {
        if (state == State.OVER) {
            return;
        }
        failure = cause;
        closing();
        lower().failConnection(cause);
    }

    /// The engine does not go on with what the peer sent: it has an alert for it.
    private void alert(SSLException cause) {
        boolean open = protocol != null;
        reason = new CloseReason.Lost(new SSLException(TlsFailure.text(cause), cause));
        closing();
        sendEnd();
        if (!open) {
            tellFailed(cause);
        }
        lower().loseConnection();
    }

    /// Something that was written is lost.
    private void unsent(SSLException cause) {
        if (cause instanceof RecordWriter.StuckException) {
            resetFor(TlsFailure.text(cause));
        } else {
            alert(cause);
        }
    }

    /// What the engine would put up with and we do not, or what it does not say. It has no alert
    /// for that, and a close_notify would say that all is well: the connection is reset.
    private void resetFor(String why) {
        SSLException cause = new SSLException(why);
        if (protocol == null) {
            tellFailed(cause);
        }
        reset(new CloseReason.Lost(cause));
    }

    private void reset(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
        closing();
        lower().abortConnection();
    }

    /// From now on nothing is taken from either side; how the connection below ends is the caller's
    /// to say.
    private void closing() {
        state = State.CLOSING;
        stopWaiting();
        if (step != null) {
            step.toCompletableFuture().cancel(false);
        }
        drop();
    }

    private void sendEnd() {
        try {
            writer().sendEnd();
        } catch (SSLException silent) {
            log.debug("no close_notify or alert could be sent to {}", lower().peer(), silent);
        }
    }

    private void drop() {
        reader.drop();
        if (writer != null) {
            writer.drop();
        }
    }

    /// Calls what may call the protocol; the transport below knows nothing of this turn.
    private void inOwnTurn(Runnable action) {
        depth++;
        try {
            action.run();
        } catch (Throwable thrown) {
            fail(thrown);
        } finally {
            depth--;
        }
        flush();
    }

    private Transport lower() {
        return requireNonNull(lower, "no connection was made yet");
    }

    private RecordWriter writer() {
        return requireNonNull(writer, "no connection was made yet");
    }

    private Reactor reactor() {
        return lower().reactor();
    }

    @Override
    public String toString() {
        return "TLS (" + state + ")";
    }
}
