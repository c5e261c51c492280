package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A transport whose reading pauses, and whose writing waits, for two [TokenBucket]s.
///
/// Reading is paused while the protocol wants it or the bucket does. Writing goes through a queue:
///
/// ```
/// OPEN ──loseWriteConnection──▶ ENDING ─┐ queue empty: passed on
///   └─────loseConnection──────▶ CLOSING ┴──▶ (over)
/// ```
final class RateLimitedTransport extends ForwardingTransport {
    /// The least that is worth a call of its own, so that slow rates do not send single bytes.
    private static final int WORTH_SENDING = 1 << 10;

    private TokenBucket reading;
    private TokenBucket writing;
    private final WriteMarks marks;
    private final Runnable writableAgain;
    private final Runnable pausing;
    private final WriteQueue queue = new WriteQueue();
    private State state = State.OPEN;
    private boolean pausedByProtocol;
    private boolean fullBelow;
    private boolean toldFull;
    private @Nullable DelayedCall resumption;
    private @Nullable DelayedCall sending;

    private enum State {
        OPEN,
        ENDING,
        CLOSING,
        OVER
    }

    /// @param writableAgain tells the protocol
    /// @param pausing counts a pause, either way
    RateLimitedTransport(
            Transport transport,
            TokenBucket reading,
            TokenBucket writing,
            Runnable writableAgain,
            Runnable pausing) {
        super(transport);
        this.reading = reading;
        this.writing = writing;
        marks = transport.reactor().writeMarks();
        this.writableAgain = writableAgain;
        this.pausing = pausing;
    }

    // ---- reading ----

    /// So many bytes arrived.
    void received(int count) {
        reading.take(count);
        if (reading.allowed() == 0 && resumption == null) {
            pausing.run();
            super.pauseReading();
            resumption = reactor().callLater(reading.until(1), this::resume);
        }
    }

    private void resume() {
        resumption = null;
        if (!pausedByProtocol) {
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
        if (resumption == null) {
            super.resumeReading();
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
        if (queue.isEmpty() && data.size() <= writing.allowed()) {
            pass(data);
            return;
        }
        queue.add(data);
        if (queue.bytes() > marks.hard()) {
            failConnection(
                    new IOException(
                            "wrote past the hard limit of %d bytes: the rate does not allow as much"
                                    .formatted(marks.hard())));
        } else if (sending == null) {
            send();
        }
    }

    private void pass(Bytes data) {
        writing.take(data.size());
        // Once it is full it says itself when it is not any more.
        fullBelow |= !super.write(data);
    }

    private void send() {
        sending = null;
        while (!queue.isEmpty()) {
            Duration wait = writing.until(Math.min(queue.bytes(), WORTH_SENDING));
            if (!wait.isZero()) {
                pausing.run();
                sending = reactor().callLater(wait, this::send);
                break;
            }
            long left = Math.max(1, writing.allowed());
            while (left > 0 && !queue.isEmpty()) {
                Bytes next = queue.take(left);
                left -= next.size();
                pass(next);
            }
        }
        if (queue.isEmpty()) {
            endIfAsked();
        }
        tellWritable();
    }

    /// The transport below has room again.
    void belowWritable() {
        fullBelow = false;
        tellWritable();
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
            endIfAsked();
        }
    }

    /// Whether what still arrives is nobody's any more.
    boolean isClosing() {
        return state == State.CLOSING || state == State.OVER;
    }

    /// The reactor stops, whose timers run no more: nothing waits for a rate from now on.
    void endRates() {
        reading = new TokenBucket(Long.MAX_VALUE, reactor());
        writing = reading;
        if (resumption != null) {
            resumption.cancel();
            resume();
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
    void ended() {
        state = State.OVER;
        queue.drop();
        if (resumption != null) {
            resumption.cancel();
        }
        if (sending != null) {
            sending.cancel();
        }
    }
}
