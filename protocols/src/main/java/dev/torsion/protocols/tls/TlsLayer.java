package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
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
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection's TLS: fed by the transport below, it feeds the protocol above.
///
/// ```
/// NEW ──► HANDSHAKE ──► OPEN ──► CLOSING ──► OVER
///              └── failed, late ─────┴────────▲
/// ```
///
/// CLOSING has sent its close_notify or alert, and waits for the transport below to end. Input
/// waits while reading is paused, or while a step of the handshake is worked out on a virtual
/// thread: at most one chunk and one buffer of it, since the transport below is paused too.
final class TlsLayer implements Protocol {
    private static final Logger log = LoggerFactory.getLogger(TlsLayer.class);
    private static final int HIGH_MARK = 64 << 10;

    /// RFC 8446, section 5.1.
    private static final int LARGEST_PLAIN = 16 << 10;

    /// A handshake is two or three certificates; the engine has bounds of its own for each message.
    private static final int LARGEST_HANDSHAKE = 256 << 10;

    /// Records in a row that bring no data (tickets, key updates, empty ones).
    private static final int MOST_DATALESS = 64;

    private static final byte ALERT = 21;

    /// Who is told of the handshake.
    interface Above {
        /// It succeeded: who gets the connection; null refuses it.
        @Nullable Protocol opened(Transport secured);

        /// The `connectionMade` of that protocol has returned.
        default void made(Protocol protocol) {}

        /// It failed, or came to nothing. Called at most once, and not after [#opened].
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
    private final Duration timeout;
    private final Above above;
    private final Secured secured = new Secured();

    private State state = State.NEW;
    private @Nullable Transport lower;
    private @Nullable Protocol protocol; // from the end of the handshake on
    private @Nullable TlsSession session;
    private @Nullable DelayedCall alarm;
    private @Nullable CloseReason reason; // known here better than below
    private boolean failureTold;

    private @Nullable ByteBuffer incoming; // what is not a whole record yet; position is its end
    private Bytes backlog = Bytes.empty(); // what came after that
    private boolean paused;
    private boolean working;
    private int handshakeBytes;
    private int dataless;

    private @Nullable ByteBuffer gathered; // what was written in this turn
    private int depth; // calls from below that will flush at their end
    private boolean flushQueued;

    /// @param engine new
    /// @param serverName what a client asks for
    /// @param timeout how long the handshake may take; more than zero
    TlsLayer(SSLEngine engine, @Nullable String serverName, Duration timeout, Above above) {
        this.engine = engine;
        this.serverName = serverName;
        this.timeout = timeout;
        this.above = above;
    }

    // ---- from below ----

    @Override
    public void connectionMade(Transport transport) {
        lower = transport;
        state = State.HANDSHAKE;
        alarm = transport.reactor().callLater(timeout, this::late);
        try {
            engine.beginHandshake();
        } catch (SSLException broken) {
            failed(broken);
            return;
        }
        advance();
    }

    @Override
    public void dataReceived(Bytes data) {
        depth++;
        try {
            take(data);
        } finally {
            depth--;
        }
        flush();
    }

    @Override
    public void writableAgain() {
        if (state == State.OPEN && protocol != null) {
            depth++;
            try {
                protocol.writableAgain();
            } finally {
                depth--;
            }
            flush();
        }
    }

    @Override
    public void connectionLost(CloseReason why) {
        State was = state;
        state = State.OVER;
        stopWaiting();
        drop();
        Protocol told = protocol;
        if (told == null) {
            tellFailed(
                    why instanceof CloseReason.Lost(Throwable cause)
                            ? cause
                            : new EOFException("the connection ended in the handshake: " + why));
            above.gone(reason == null ? why : reason);
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
        if (state == State.HANDSHAKE) {
            end(why);
        }
    }

    // ---- input ----

    private void take(Bytes chunk) {
        int size = chunk.size();
        int at = 0;
        while (at < size && receiving()) {
            if (held()) {
                backlog = chunk.slice(at, size).owned();
                return;
            }
            ByteBuffer buffer = incoming == null ? Buffers.take() : incoming;
            int count = Math.min(buffer.remaining(), size - at);
            part(chunk, at, count).putInto(buffer);
            at += count;
            incoming = buffer;
            unwrapWhole();
        }
    }

    private static Bytes part(Bytes whole, int from, int count) {
        return count == whole.size() ? whole : whole.slice(from, from + count);
    }

    private boolean receiving() {
        return state == State.HANDSHAKE || state == State.OPEN;
    }

    private boolean held() {
        return paused || working;
    }

    /// Opens the whole records that are there.
    private void unwrapWhole() {
        ByteBuffer buffer = incoming;
        if (buffer == null) {
            return;
        }
        incoming = null; // ours until the end of this call
        buffer.flip();
        try {
            boolean more = true;
            while (more && buffer.hasRemaining() && receiving() && !held()) {
                more = unwrap(buffer);
            }
        } finally {
            buffer.compact();
            if (buffer.position() > 0 && receiving()) {
                incoming = buffer;
            } else {
                Buffers.give(buffer);
            }
        }
        if (incoming != null && !incoming.hasRemaining() && !held()) {
            failed(new SSLException("a record was announced that is longer than TLS allows"));
        }
    }

    /// @return whether there was a whole record
    private boolean unwrap(ByteBuffer buffer) {
        if (state == State.OPEN && buffer.get(buffer.position()) == ALERT) {
            // After a close_notify nothing could be sent any more.
            flushGathered();
        }
        ByteBuffer plain = Buffers.take();
        SSLEngineResult result;
        try {
            result = engine.unwrap(buffer, plain);
        } catch (SSLException broken) {
            Buffers.give(plain);
            failed(broken);
            return false;
        }
        boolean whole = result.getStatus() != Status.BUFFER_UNDERFLOW;
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new IllegalStateException("a record has more than " + Buffers.SIZE + " bytes");
        }
        if (whole && state == State.HANDSHAKE) {
            handshakeBytes += result.bytesConsumed();
        }
        deliver(plain);
        if (receiving()) {
            goOn(result);
        }
        return whole;
    }

    private void deliver(ByteBuffer plain) {
        if (plain.position() > 0) {
            dataless = 0;
            if (state == State.OPEN) {
                Lent lent = Lent.filled(plain);
                try {
                    requireNonNull(protocol).dataReceived(lent);
                } finally {
                    lent.end();
                    Buffers.give(plain);
                }
                return;
            }
        }
        Buffers.give(plain);
    }

    /// What a record leads to, besides data.
    private void goOn(SSLEngineResult result) {
        if (result.getStatus() == Status.CLOSED) {
            peerClosed();
        } else if (state == State.HANDSHAKE) {
            if (handshakeBytes > LARGEST_HANDSHAKE) {
                failed(
                        new SSLHandshakeException(
                                "a handshake of more than " + LARGEST_HANDSHAKE + " bytes"));
            } else if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
                opened();
            }
            advance();
        } else if (result.getStatus() == Status.OK) {
            if (result.bytesProduced() == 0 && ++dataless > MOST_DATALESS) {
                failed(new SSLException(MOST_DATALESS + " records in a row without any data"));
            } else if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                if (requireNonNull(session).version() == TlsVersion.TLS_1_2) {
                    failed(new SSLException("the peer began a new handshake, which is refused"));
                } else {
                    advance();
                }
            }
        }
    }

    /// close_notify came: the peer has sent all it had.
    private void peerClosed() {
        if (state == State.HANDSHAKE) {
            failed(new SSLHandshakeException("the peer ended the connection in the handshake"));
        } else {
            close();
        }
    }

    /// What waited while the input was held.
    private void drain() {
        if (held() || !receiving()) {
            return;
        }
        unwrapWhole();
        Bytes rest = backlog;
        backlog = Bytes.empty();
        take(rest);
        if (!held() && receiving()) {
            lower().resumeReading();
        }
    }

    // ---- handshake ----

    /// Does what the engine wants done before it goes on.
    private void advance() {
        while (receiving() && !working) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (!wrapNothing()) {
                        return;
                    }
                }
                case NEED_TASK -> work();
                case FINISHED, NOT_HANDSHAKING, NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    return;
                }
            }
        }
    }

    private boolean wrapNothing() {
        try {
            SSLEngineResult result = wrap(ByteBuffer.allocate(0));
            if (result.getHandshakeStatus() == HandshakeStatus.FINISHED
                    && state == State.HANDSHAKE) {
                opened();
            }
            return result.getStatus() == Status.OK;
        } catch (SSLException broken) {
            failed(broken);
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
        lower().pauseReading();
        var _ =
                reactor()
                        .callInThread(() -> {
                            tasks.forEach(Runnable::run);
                            return tasks.size();
                        })
                        .whenComplete((_, thrown) -> inOwnTurn(() -> worked(thrown)));
    }

    private void worked(@Nullable Throwable thrown) {
        working = false;
        if (!receiving()) {
            return;
        }
        if (thrown != null) {
            failed(new SSLException("a step of the handshake failed", thrown));
            return;
        }
        advance();
        drain();
    }

    private void opened() {
        stopWaiting();
        state = State.OPEN;
        session = TlsSession.of(engine, serverName);
        Protocol built = above.opened(secured);
        failureTold = true;
        if (built == null) {
            close();
            return;
        }
        protocol = built;
        depth++;
        try {
            built.connectionMade(secured);
        } finally {
            depth--;
            above.made(built);
        }
        flush();
    }

    private void late() {
        String why = "no TLS handshake within " + timeout;
        tellFailed(new TimeoutException(why));
        end(new CloseReason.Aborted(why));
    }

    /// Something is wrong with what the peer sent: it is told by an alert.
    private void failed(Throwable cause) {
        boolean open = protocol != null;
        if (reason == null) {
            reason = new CloseReason.Lost(cause);
        }
        state = State.CLOSING;
        stopWaiting();
        drop();
        try {
            wrapRest();
        } catch (SSLException silent) {
            log.debug("no alert could be sent to {}", lower().peer(), silent);
        }
        if (!open) {
            tellFailed(cause);
        }
        lower().loseConnection();
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

    // ---- output ----

    private void gather(Bytes data) {
        int size = data.size();
        int at = 0;
        while (at < size && state == State.OPEN) {
            ByteBuffer buffer = gathered == null ? Buffers.take() : gathered;
            gathered = buffer;
            int count = Math.min(LARGEST_PLAIN - buffer.position(), size - at);
            part(data, at, count).putInto(buffer);
            at += count;
            if (buffer.position() == LARGEST_PLAIN) {
                flushGathered();
            }
        }
        if (gathered != null && depth == 0 && !flushQueued) {
            flushQueued = true;
            reactor()
                    .callFromThread(() -> {
                        flushQueued = false;
                        inOwnTurn(this::flushGathered);
                    });
        }
    }

    /// Sends what was gathered, unless a call further out will.
    private void flush() {
        if (depth == 0) {
            flushGathered();
        }
    }

    private void flushGathered() {
        ByteBuffer plain = gathered;
        if (plain == null) {
            return;
        }
        gathered = null;
        plain.flip();
        try {
            boolean taken = true;
            while (plain.hasRemaining() && state == State.OPEN && taken) {
                SSLEngineResult result = wrap(plain);
                taken = result.getStatus() == Status.OK;
                if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                    throw new SSLException("the engine does not go on: " + result);
                }
            }
        } catch (SSLException broken) {
            failed(broken);
        } finally {
            Buffers.give(plain);
        }
    }

    /// Makes a record, and hands it down.
    private SSLEngineResult wrap(ByteBuffer plain) throws SSLException {
        ByteBuffer record = Buffers.take();
        try {
            SSLEngineResult result = engine.wrap(plain, record);
            if (record.position() > 0) {
                Lent lent = Lent.filled(record);
                lower().write(lent);
                lent.end();
            }
            return result;
        } finally {
            Buffers.give(record);
        }
    }

    /// What the engine has to say at the end.
    private void wrapRest() throws SSLException {
        while (!engine.isOutboundDone()) {
            if (wrap(ByteBuffer.allocate(0)).bytesProduced() == 0) {
                return;
            }
        }
    }

    // ---- ends ----

    /// Sends what is written and close_notify; does not wait for the peer's (RFC 8446, 6.1).
    private void close() {
        flushGathered();
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        engine.closeOutbound();
        try {
            wrapRest();
        } catch (SSLException broken) {
            log.debug("no close_notify could be sent to {}", lower().peer(), broken);
        }
        lower().loseConnection();
    }

    /// Resets the connection.
    private void end(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
        state = State.CLOSING;
        stopWaiting();
        drop();
        lower().abortConnection();
    }

    private void drop() {
        if (gathered != null) {
            Buffers.give(gathered);
            gathered = null;
        }
        if (incoming != null) {
            Buffers.give(incoming);
            incoming = null;
        }
        backlog = Bytes.empty();
    }

    /// Calls what may call the protocol; the transport below knows nothing of this turn.
    private void inOwnTurn(Runnable action) {
        depth++;
        try {
            action.run();
        } catch (Throwable thrown) {
            log.error("the connection to {} failed and is closed", lower().peer(), thrown);
            end(new CloseReason.Failed(thrown));
        } finally {
            depth--;
        }
        flush();
    }

    private Transport lower() {
        return requireNonNull(lower, "no connection was made yet");
    }

    private Reactor reactor() {
        return lower().reactor();
    }

    @Override
    public String toString() {
        return "TLS (" + state + ")";
    }

    /// What the protocol above writes to.
    final class Secured implements Transport {

        @Nullable TlsSession session() {
            return session;
        }

        private void requireLoop(String what) {
            if (!reactor().inLoop()) {
                throw new IllegalStateException(
                        what
                                + " belongs to the loop of its reactor; from elsewhere go through"
                                + " Reactor.callFromThread");
            }
        }

        @Override
        public Reactor reactor() {
            return lower().reactor();
        }

        @Override
        public Address peer() {
            return lower().peer();
        }

        @Override
        public Address host() {
            return lower().host();
        }

        @Override
        public boolean write(Bytes data) {
            requireLoop("Transport.write");
            if (state != State.OPEN) {
                return false;
            }
            gather(data);
            if (pendingBytes() > HIGH_MARK) {
                flushGathered(); // so that the transport below knows it is full
            }
            return state == State.OPEN && pendingBytes() <= HIGH_MARK;
        }

        /// In bytes of the transport below, and those that are not encrypted yet.
        @Override
        public long pendingBytes() {
            requireLoop("Transport.pendingBytes");
            return lower().pendingBytes() + (gathered == null ? 0 : gathered.position());
        }

        @Override
        public void loseConnection() {
            requireLoop("Transport.loseConnection");
            if (state == State.OPEN) {
                close();
            }
        }

        @Override
        public void loseWriteConnection() {
            loseConnection();
        }

        @Override
        public void abortConnection() {
            requireLoop("Transport.abortConnection");
            if (receiving() || state == State.CLOSING) {
                state = State.CLOSING;
                drop();
                lower().abortConnection();
            }
        }

        @Override
        public void pauseReading() {
            lower().pauseReading();
            paused = true;
        }

        @Override
        public void resumeReading() {
            requireLoop("Transport.resumeReading");
            paused = false;
            if (working) {
                return;
            }
            if (incoming == null && backlog.isEmpty()) {
                lower().resumeReading();
            } else {
                // Its own turn, as with bytes from the socket; the transport's follow.
                reactor().callFromThread(() -> inOwnTurn(TlsLayer.this::drain));
            }
        }

        @Override
        public Transport beneath() {
            return lower();
        }

        @Override
        public String toString() {
            return lower() + " over TLS";
        }
    }
}
