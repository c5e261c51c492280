package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One end of a connection: all that [Transport] and [Protocol] promise, over an [Outlet].
///
/// ```
/// OPEN ──loseConnection, peer's end──▶ CLOSING ──all sent──▶ CLOSED
///   └──────────── reset, abort, exception ──────┴───────────────▲
/// ```
///
/// On the way to CLOSED nothing reaches the protocol but one `connectionLost`, in a turn of its
/// own.
final class Connection implements Transport {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    private static final WriteMarks MARKS = WriteMarks.DEFAULT;

    /// So many pieces are read before it is somebody else's turn, as a loop with sockets does it.
    private static final int READS_PER_TURN = 16;

    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    /// So long what comes after the end is taken and dropped; then there is no socket any more.
    private static final Duration LINGER = Duration.ofSeconds(1);

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final ManualReactor reactor;
    private final Address host;
    private final Address peer;
    private final Outlet outlet;
    private final Chunks chunks;
    private final RandomGenerator chunkChance;
    private final @Nullable PeerCredentials peerCredentials; // null if it is TCP
    private final Protocol protocol;

    private final Backlog outgoing = new Backlog();
    private final Backlog incoming = new Backlog();
    private final Runnable flush = this::flush;
    private final Runnable read = this::read;
    private final Runnable readPieces = this::readPieces;
    private State state = State.OPEN;
    private Transport seen = this;
    private @Nullable CloseReason reason;
    private long closedAt;
    private Timeline.@Nullable Turn deadline;
    private boolean overHighMark;
    private boolean paused;
    private boolean peerFinished;
    private boolean readEndTold;
    private boolean writeEnded;
    private boolean finishSent;
    private boolean flushQueued;
    private boolean readQueued;
    private boolean told;
    private boolean halfOpen;
    private @Nullable SocketOptions options; // null if it is not TCP
    private Runnable whenClosed = () -> {};

    Connection(
            ManualReactor reactor,
            Address host,
            Address peer,
            Outlet outlet,
            Chunks chunks,
            RandomGenerator chunkChance,
            SocketOptions options,
            PeerCredentials peerCredentials,
            Protocol protocol) {
        this.reactor = reactor;
        this.host = host;
        this.peer = peer;
        this.outlet = outlet;
        this.chunks = chunks;
        this.chunkChance = chunkChance;
        boolean tcp = host instanceof Address.Inet;
        this.options = tcp ? options : null;
        this.peerCredentials = tcp ? null : peerCredentials;
        this.protocol = protocol;
        reactor.opened(this);
    }

    // ---- what the protocol asks for ----

    @Override
    public ManualReactor reactor() {
        return reactor;
    }

    @Override
    public Address peer() {
        return peer;
    }

    @Override
    public Address host() {
        return host;
    }

    @Override
    public boolean write(Bytes data) {
        reactor.requireLoop("Transport.write");
        if (state != State.OPEN || writeEnded) {
            return false;
        }
        if (!data.isEmpty()) {
            outgoing.add(data.owned());
            queueFlush();
        }
        long pending = outgoing.size();
        if (pending > MARKS.hard()) {
            fail(new IOException(pending + " bytes wait to be sent, more than " + MARKS.hard()));
            return false;
        }
        overHighMark |= pending > MARKS.high();
        return pending <= MARKS.high();
    }

    @Override
    public long pendingBytes() {
        reactor.requireLoop("Transport.pendingBytes");
        return outgoing.size();
    }

    @Override
    public void loseConnection() {
        reactor.requireLoop("Transport.loseConnection");
        finish();
    }

    @Override
    public void loseWriteConnection() {
        reactor.requireLoop("Transport.loseWriteConnection");
        if (state == State.OPEN && !writeEnded) {
            writeEnded = true;
            queueFlush();
        }
    }

    @Override
    public void abortConnection() {
        reactor.requireLoop("Transport.abortConnection");
        abort(null);
    }

    @Override
    public void failConnection(Throwable cause) {
        requireNonNull(cause, "cause");
        reactor.requireLoop("Transport.failConnection");
        if (state != State.CLOSED) {
            fail(cause);
        }
    }

    @Override
    public void pauseReading() {
        reactor.requireLoop("Transport.pauseReading");
        paused = true;
    }

    @Override
    public void resumeReading() {
        reactor.requireLoop("Transport.resumeReading");
        paused = false;
        queueRead();
    }

    @Override
    public @Nullable SocketOptions socketOptions() {
        reactor.requireLoop("Transport.socketOptions");
        return options;
    }

    @Override
    public void setSocketOptions(SocketOptions newOptions) {
        requireNonNull(newOptions, "options");
        reactor.requireLoop("Transport.setSocketOptions");
        if (options != null && state != State.CLOSED) {
            options = newOptions;
        }
    }

    @Override
    public @Nullable PeerCredentials peerCredentials() {
        reactor.requireLoop("Transport.peerCredentials");
        return state == State.CLOSED ? null : peerCredentials;
    }

    // ---- what happens to it ----

    /// @param asSeen what the protocol is given
    void made(Transport asSeen) {
        seen = asSeen;
        call(() -> protocol.connectionMade(asSeen));
    }

    /// The reactor stops.
    void askClose() {
        if (state == State.OPEN) {
            call(() -> protocol.closeAsked(seen));
        }
    }

    /// Bytes came in; they wait to be read, or are discarded once nobody reads any more.
    void arrived(Bytes owned) {
        if (state == State.OPEN) {
            incoming.add(owned);
            queueRead();
        } else if (!isGone()) {
            outlet.consumed(owned.size());
        } else if (!reactor.host().isDown()) {
            outlet.reset();
        }
    }

    /// Whether who still sends something learns by a reset that nobody is there.
    private boolean isGone() {
        boolean lingered = reactor.nanoTime() - closedAt >= LINGER.toNanos();
        return halfOpen || (reason instanceof CloseReason.Done && lingered);
    }

    /// The peer ended cleanly; noticed when everything before it has been read.
    void peerFinished() {
        peerFinished = true;
        queueRead();
    }

    /// Broken from outside, noticed at once.
    void broken(String why) {
        close(new CloseReason.Lost(new IOException(why)));
    }

    /// Broken at this end only: the peer learns it when it sends something.
    void brokenHere(String why) {
        if (state != State.CLOSED) {
            halfOpen = true;
            broken(why);
        }
    }

    void abort(@Nullable String why) {
        if (state != State.CLOSED) {
            outlet.reset();
            close(new CloseReason.Aborted(why));
        }
    }

    /// The process is gone: the peer sees a reset, the protocol sees nothing.
    void vanish() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            outlet.reset();
        }
    }

    /// The machine is gone, and nobody is told; a peer that sends when it is up again learns it.
    void powerLost() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            halfOpen = true;
        }
    }

    /// Hands on what the outlet has room for.
    void flush() {
        flushQueued = false;
        int count;
        while ((count = Math.min(outgoing.size(), outlet.room())) > 0) {
            outlet.send(outgoing.take(count));
        }
        if (outgoing.isEmpty() && (state == State.CLOSING || (state == State.OPEN && writeEnded))) {
            sendFinish();
        } else if (!writeEnded
                && state == State.OPEN
                && overHighMark
                && outgoing.size() < MARKS.low()
                && outlet.room() > 0) {
            overHighMark = false;
            call(protocol::writableAgain);
        }
    }

    private void sendFinish() {
        if (!finishSent) {
            finishSent = true;
            outlet.finish();
        }
        if (state == State.CLOSING || readEndTold) {
            close(new CloseReason.Done());
        }
    }

    /// Gives the protocol some pieces of what has come in: one, if the host reads slowly.
    void read() {
        readQueued = false;
        reactor.enter(readPieces);
        queueRead();
    }

    private void readPieces() {
        Host.SlowReading slowly = reactor.host().slowReading();
        int most = slowly == null ? LARGEST_READ : Math.min(LARGEST_READ, slowly.bytes());
        int reads = slowly == null ? READS_PER_TURN : 1;
        for (int i = 0; i < reads && readable(); i++) {
            if (incoming.isEmpty()) {
                readEnded();
            } else {
                int next = chunks.next(chunkChance, incoming.firstSize(), incoming.size());
                readPiece(Math.min(most, next));
            }
        }
    }

    private void readPiece(int count) {
        BorrowedBytes loan = incoming.lend(count);
        try {
            protocol.dataReceived(loan);
        } catch (Throwable thrown) {
            fail(thrown);
        }
        loan.end();
        outlet.consumed(count);
    }

    private void readEnded() {
        if (!(protocol instanceof HalfCloseable halfCloseable)) {
            finish();
            return;
        }
        readEndTold = true;
        call(halfCloseable::readConnectionLost);
        if (finishSent) {
            close(new CloseReason.Done());
        }
    }

    /// Tells the protocol that it is over, if it is and has not been told.
    void tellLost() {
        if (reason == null || told) {
            return;
        }
        told = true;
        CloseReason why = reason;
        reactor.enter(() -> {
            try {
                protocol.connectionLost(why);
            } catch (Throwable thrown) {
                reactor.failed("connectionLost of " + host + " from " + peer, thrown);
            }
        });
        reactor.closed(this);
        whenClosed.run();
    }

    /// Has somebody told of its end.
    void whenClosed(Runnable told) {
        whenClosed = told;
    }

    /// A write was answered with false, whatever the high mark says.
    void markFull() {
        overHighMark = true;
    }

    boolean readable() {
        boolean end = peerFinished && !readEndTold;
        return state == State.OPEN && !paused && (end || !incoming.isEmpty());
    }

    boolean paused() {
        return paused;
    }

    /// Whether this side ended it, or it has ended.
    boolean ending() {
        return state != State.OPEN;
    }

    /// Whether this side ended its own direction.
    boolean writeEnded() {
        return writeEnded;
    }

    @Nullable CloseReason reason() {
        return reason;
    }

    private void finish() {
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        outlet.consumed(incoming.clear());
        deadline =
                reactor.after(
                        CLOSE_DEADLINE,
                        () -> abort("the peer did not take the rest within " + CLOSE_DEADLINE));
        queueFlush();
    }

    private void queueFlush() {
        if (!flushQueued) {
            flushQueued = true;
            reactor.queue(flush);
        }
    }

    private void queueRead() {
        if (!readQueued && readable()) {
            readQueued = true;
            reactor.queueReading(read);
        }
    }

    private void call(Runnable protocolMethod) {
        reactor.enter(() -> {
            try {
                protocolMethod.run();
            } catch (Throwable thrown) {
                fail(thrown);
            }
        });
    }

    private void fail(Throwable cause) {
        Thrown.log(log, host + " from " + peer + " failed and is closed", cause);
        if (state != State.CLOSED) {
            outlet.reset();
            close(new CloseReason.Failed(cause));
        }
    }

    private void close(CloseReason why) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        reason = why;
        closedAt = reactor.nanoTime();
        outgoing.clear();
        incoming.clear();
        if (deadline != null) {
            reactor.forget(deadline);
        }
        reactor.queue(this::tellLost);
    }

    /// Its ends, and whose it is.
    @Override
    public String toString() {
        return host + " with " + peer + ", of " + protocol.getClass().getName();
    }
}
