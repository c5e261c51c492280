package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A transport whose reading and writing wait for their rates.
///
/// Reading is paused while the protocol wants it, or something that was read waits. Writing goes
/// through a queue:
///
/// ```
/// OPEN ──loseWriteConnection──▶ ENDING ─┐ queue empty: passed on
///   └─────loseConnection──────▶ CLOSING ┴──▶ (over)
/// ```
final class RateLimitedTransport extends ForwardingTransport {
    /// That of [Transport#loseConnection].
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private TokenBucket.Share reading;
    private TokenBucket.Share writing;
    private final WriteMarks marks;
    private final Consumer<Bytes> handedOn;
    private final Runnable writableAgain;
    private final Runnable pausing;
    private final WriteQueue queue = new WriteQueue();
    private State state = State.OPEN;
    private Bytes kept = Bytes.empty(); // arrived too early; reading is paused meanwhile
    private boolean pausedByProtocol;
    private boolean holdingBack;
    private boolean fullBelow;
    private boolean toldFull;
    private @Nullable DelayedCall resumption;
    private @Nullable DelayedCall sending;
    private @Nullable DelayedCall closeDeadline; // while what waits is to leave first
    private @Nullable DelayedCall stallDeadline; // while the peer is what that waits for

    private enum State {
        OPEN,
        ENDING,
        CLOSING,
        OVER
    }

    /// @param handedOn gets what arrives, at the rate
    /// @param writableAgain tells the protocol
    /// @param pausing counts a pause, either way
    RateLimitedTransport(
            Transport transport,
            TokenBucket.Share reading,
            TokenBucket.Share writing,
            Consumer<Bytes> handedOn,
            Runnable writableAgain,
            Runnable pausing) {
        super(transport);
        this.reading = reading;
        this.writing = writing;
        marks = transport.reactor().writeMarks();
        this.handedOn = handedOn;
        this.writableAgain = writableAgain;
        this.pausing = pausing;
    }

    // ---- reading ----

    /// Hands on of what arrived as much as the rate allows, and keeps the rest: in small parts, so
    /// that nobody takes a peer that sends on and on for a silent one.
    ///
    /// @param data may be borrowed
    void received(Bytes data) {
        int size = data.size();
        int now = takeRate(size);
        if (now < size) {
            kept = data.slice(now, size).owned();
            pausing.run();
            super.pauseReading();
            waitToHandOn();
        }
        if (now > 0) {
            handOn(data.slice(0, now));
        }
    }

    /// Takes from the rate what it allows now of `waiting` bytes: none if that is not worth a call.
    private int takeRate(int waiting) {
        if (!reading.until(Math.min(waiting, reading.worthACall())).isZero()) {
            return 0;
        }
        int now = (int) Math.min(waiting, Math.max(1, reading.allowed()));
        reading.take(now);
        return now;
    }

    private void waitToHandOn() {
        Duration wait = reading.until(Math.min(kept.size(), reading.worthACall()));
        resumption = reactor().callLater(wait, this::handOnKept);
    }

    private void handOn(Bytes data) {
        if (!isClosing()) {
            handedOn.accept(data);
        }
    }

    private void handOnKept() {
        if (resumption != null) {
            resumption.cancel();
            resumption = null;
        }
        if (pausedByProtocol || isClosing()) {
            reading.putBack(); // not sooner: who pauses for a moment keeps his turn
            return;
        }
        Bytes waiting = kept;
        int now = takeRate(waiting.size());
        kept = waiting.slice(now, waiting.size());
        if (!kept.isEmpty()) {
            waitToHandOn();
        }
        try {
            if (now > 0) {
                handOn(waiting.slice(0, now));
            }
        } catch (Throwable thrown) {
            failConnection(thrown); // of this turn the transport knows nothing
        }
        readOn();
    }

    /// The connection is gone: what was kept when the peer broke it had come whole before.
    ///
    /// @return why, for the protocol behind: over TLS the peer's end is that of both directions,
    ///   even if something waits for the rate
    CloseReason ends(CloseReason reason) {
        long unsent = queue.bytes();
        try {
            if (reason instanceof CloseReason.Lost) {
                handOnTheLast();
            }
        } finally {
            ended();
        }
        return reason instanceof CloseReason.Done && unsent > 0
                ? new CloseReason.Lost(
                        new EOFException(
                                "the connection ended before "
                                        + unsent
                                        + " bytes that the rate held back were sent"))
                : reason;
    }

    private void handOnTheLast() {
        Bytes last = kept;
        kept = Bytes.empty();
        if (!(last.isEmpty() || pausedByProtocol)) {
            handOn(last);
        }
    }

    private void readOn() {
        if (kept.isEmpty() && !pausedByProtocol && !isClosing()) {
            super.resumeReading();
        }
    }

    @Override
    public void pauseReading() {
        reactor().requireLoop("Transport.pauseReading");
        pausedByProtocol = true;
        super.pauseReading();
    }

    @Override
    public void resumeReading() {
        reactor().requireLoop("Transport.resumeReading");
        pausedByProtocol = false;
        if (kept.isEmpty()) {
            readOn();
        } else if (resumption == null) {
            // Its own turn, as with bytes from the socket.
            reactor().callFromThread(this::handOnKept);
        }
    }

    // ---- writing ----

    @Override
    public boolean write(Bytes data) {
        reactor().requireLoop("Transport.write");
        if (state == State.OPEN && !data.isEmpty()) {
            queue(data);
        }
        if (state != State.OPEN) {
            return false;
        }
        boolean belowMarks = queue.bytes() <= marks.high() && !fullBelow;
        toldFull |= !belowMarks;
        return belowMarks;
    }

    private void queue(Bytes data) {
        if (queue.isEmpty() && !fullBelow && data.size() <= writing.allowed()) {
            pass(data);
            return;
        }
        queue.add(data);
        if (pendingBytes() > marks.hard()) {
            failConnection(
                    new IOException(
                            "wrote past the hard limit of %d bytes: %s"
                                    .formatted(
                                            marks.hard(),
                                            fullBelow
                                                    ? "the peer does not read"
                                                    : "the rate does not allow as much")));
        } else if (sending == null) {
            send();
        }
    }

    private void pass(Bytes data) {
        writing.take(data.size());
        // Once it is full it says itself when it is not any more.
        fullBelow |= !super.write(data);
    }

    /// Sends what the rate allows, unless it would only wait for the peer: then it waits here.
    private void send() {
        sending = null;
        while (!queue.isEmpty() && !fullBelow) {
            Duration wait = writing.until(Math.min(queue.bytes(), writing.worthACall()));
            if (!wait.isZero()) {
                if (!holdingBack) {
                    holdingBack = true;
                    pausing.run();
                }
                sending = reactor().callLater(wait, this::send);
                break;
            }
            long left = Math.max(1, writing.allowed());
            while (left > 0 && !queue.isEmpty() && !fullBelow) {
                Bytes next = queue.take(left);
                left -= next.size();
                pass(next);
            }
        }
        if (fullBelow) {
            writing.putBack();
        }
        if (queue.isEmpty()) {
            holdingBack = false;
            endIfAsked();
        }
        watchForStall();
        tellWritable();
    }

    /// The transport below has room again.
    void belowWritable() {
        fullBelow = false;
        cancelStallDeadline();
        if (sending == null) {
            send();
        }
    }

    private void tellWritable() {
        if (toldFull && !fullBelow && queue.bytes() < marks.low() && state == State.OPEN) {
            toldFull = false;
            try {
                writableAgain.run();
            } catch (Throwable thrown) {
                failConnection(thrown); // of a timer's turn the transport knows nothing
            }
        }
    }

    @Override
    public long pendingBytes() {
        reactor().requireLoop("Transport.pendingBytes");
        return queue.bytes() + super.pendingBytes();
    }

    // ---- ends ----

    @Override
    public void loseWriteConnection() {
        reactor().requireLoop("Transport.loseWriteConnection");
        if (state == State.OPEN) {
            state = State.ENDING;
            endIfAsked();
        }
    }

    @Override
    public void loseConnection() {
        reactor().requireLoop("Transport.loseConnection");
        if (state == State.OPEN || state == State.ENDING) {
            state = State.CLOSING;
            super.pauseReading(); // what came now would be dropped
            dropKept();
            if (!queue.isEmpty()) {
                waitForClose();
                watchForStall();
            }
            endIfAsked();
        }
    }

    private void waitForClose() {
        Duration atRate = writing.whole(queue.bytes());
        closeDeadline = reactor().callLater(atRate.plus(CLOSE_DEADLINE), this::closeIsLate);
    }

    /// Others who came to the rate later are not the peer's doing.
    private void closeIsLate() {
        if (fullBelow) {
            abortConnection();
        } else {
            waitForClose();
        }
    }

    /// The rate gives what waits no claim on memory while the peer takes nothing.
    private void watchForStall() {
        if (state == State.CLOSING && fullBelow && !queue.isEmpty() && stallDeadline == null) {
            long pending = super.pendingBytes();
            stallDeadline = reactor().callLater(CLOSE_DEADLINE, () -> lookForStall(pending));
        }
    }

    /// @param before what had still to be taken, of which nothing was added since
    private void lookForStall(long before) {
        stallDeadline = null;
        if (super.pendingBytes() < before) {
            watchForStall();
        } else {
            abortConnection();
        }
    }

    /// It can never be handed on.
    private void dropKept() {
        kept = Bytes.empty();
        reading.putBack();
        if (resumption != null) {
            resumption.cancel();
            resumption = null;
        }
    }

    /// Whether what still arrives is nobody's any more.
    boolean isClosing() {
        return state == State.CLOSING || state == State.OVER;
    }

    /// The reactor stops, whose timers run no more: nothing waits for a rate from now on.
    void endRates() {
        waitForNoRate();
        reading = new TokenBucket(Long.MAX_VALUE, reactor()).share();
        writing = reading;
        if (!kept.isEmpty()) {
            reactor().callFromThread(this::handOnKept);
        }
        if (sending != null) {
            sending.cancel();
            send();
        }
    }

    private void endIfAsked() {
        if (!queue.isEmpty()) {
            return;
        }
        if (state == State.CLOSING) {
            cancelCloseDeadlines();
            super.loseConnection();
        } else if (state == State.ENDING) {
            super.loseWriteConnection();
        }
    }

    @Override
    public void abortConnection() {
        reactor().requireLoop("Transport.abortConnection");
        ended();
        super.abortConnection();
    }

    @Override
    public void failConnection(Throwable cause) {
        reactor().requireLoop("Transport.failConnection");
        requireNonNull(cause, "cause");
        ended();
        super.failConnection(cause);
    }

    /// The connection is gone, or as good as that.
    private void ended() {
        state = State.OVER;
        dropKept();
        queue.drop();
        waitForNoRate();
        if (sending != null) {
            sending.cancel();
        }
        cancelCloseDeadlines();
    }

    private void waitForNoRate() {
        reading.putBack();
        writing.putBack();
    }

    private void cancelCloseDeadlines() {
        if (closeDeadline != null) {
            closeDeadline.cancel();
            closeDeadline = null;
        }
        cancelStallDeadline();
    }

    private void cancelStallDeadline() {
        if (stallDeadline != null) {
            stallDeadline.cancel();
            stallDeadline = null;
        }
    }
}
