package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One socket between Netty and a [Protocol].
///
/// ```
/// OPENING ──► OPEN ──► CLOSING ──► LINGERING ──► CLOSED
///    │          │         └── peer has closed too ──►│
///    └──────────┴── refused, aborted, failed, lost ──►│
/// ```
///
/// CLOSING sends what is buffered; reached by `loseConnection` or the peer's FIN. LINGERING has
/// sent its own FIN and told the protocol, and reads on for a moment without delivering: closing a
/// socket with unread input would reset the connection, and the peer could lose the last bytes it
/// was sent (RFC 9112, section 9.6, has the same advice).
final class Connection extends ChannelInboundHandlerAdapter implements Transport {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    private static final Duration LINGER = Duration.ofSeconds(1);
    private static final Address UNKNOWN = new Address("unknown", 0);

    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        LINGERING,
        CLOSED
    }

    private final NettyReactor reactor;
    private final SocketChannel channel;
    private final ProtocolFactory factory;
    private final @Nullable Dial dial;
    private final Outgoing outgoing;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(0);

    private Address peer = UNKNOWN;
    private Address host = UNKNOWN;
    private State state = State.OPENING;
    private @Nullable Protocol protocol;
    private @Nullable CloseReason reason;
    private @Nullable Future<?> closeTimer;
    private boolean inRead;
    private boolean turnEndQueued;
    private boolean paused;
    private boolean peerFinished;
    private boolean readEndTold;
    private boolean writeEnded;
    private boolean finSent;
    private boolean overHighMark;

    Connection(
            NettyReactor reactor,
            SocketChannel channel,
            ProtocolFactory factory,
            @Nullable Dial dial) {
        this.reactor = reactor;
        this.channel = channel;
        this.factory = factory;
        this.dial = dial;
        outgoing = new Outgoing(channel, this);
    }

    // ---- opening ----

    @Override
    public void channelActive(ChannelHandlerContext context) {
        InetSocketAddress remote = channel.remoteAddress();
        InetSocketAddress local = channel.localAddress();
        boolean abandoned = dial != null && dial.abandoned();
        if (remote == null || local == null || abandoned || reactor.stopping()) {
            refuse(null);
            return;
        }
        peer = address(remote);
        host = address(local);
        open();
    }

    private void open() {
        Protocol built;
        boolean outermost = reactor.beginCall(factory, "buildProtocol");
        try {
            built = factory.buildProtocol(peer);
        } catch (Throwable thrown) {
            log.error("buildProtocol threw; the connection to {} is closed", peer, thrown);
            refuse(thrown);
            return;
        } finally {
            reactor.endCall(outermost);
        }
        if (built == null) {
            refuse(null);
            return;
        }
        protocol = built;
        state = State.OPEN;
        reactor.opened(this);
        outermost = reactor.beginCall(built, "connectionMade");
        try {
            built.connectionMade(this);
        } catch (Throwable thrown) {
            fail("connectionMade", thrown);
        } finally {
            reactor.endCall(outermost);
        }
        if (dial != null) {
            dial.made(built, channel);
        }
    }

    private void refuse(@Nullable Throwable cause) {
        state = State.CLOSED;
        closeSocket();
        if (dial != null) {
            dial.refused(cause);
        }
    }

    private static Address address(InetSocketAddress socket) {
        return new Address(socket.getAddress().getHostAddress(), socket.getPort());
    }

    // ---- reading ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        inRead = true;
        ByteBuf buffer = (ByteBuf) message;
        if (state != State.OPEN || !buffer.isReadable()) {
            buffer.release();
        } else if (paused || !held.isEmpty()) {
            held.add(buffer);
        } else {
            deliver(buffer);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        inRead = false;
        endTurn();
    }

    private void deliver(ByteBuf buffer) {
        BorrowedBytes data = new BorrowedBytes(buffer);
        Protocol told = protocol();
        boolean outermost = reactor.beginCall(told, "dataReceived");
        try {
            told.dataReceived(data);
        } catch (Throwable thrown) {
            fail("dataReceived", thrown);
        } finally {
            reactor.endCall(outermost);
            data.end();
            buffer.release();
        }
    }

    /// What was read before the pause took hold comes first, then the socket is read again.
    private void deliverHeld() {
        while (state == State.OPEN && !paused && !held.isEmpty()) {
            deliver(held.remove());
        }
        if (state == State.OPEN && !paused) {
            if (peerFinished) {
                readEnded();
            } else {
                channel.config().setAutoRead(true);
            }
        }
    }

    private void dropHeld() {
        held.forEach(ByteBuf::release);
        held.clear();
    }

    // ---- ending ----

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            peerFinished = true;
            if (state == State.LINGERING) {
                closeSocket();
            } else if (!paused && held.isEmpty()) {
                readEnded();
            }
        }
    }

    /// The peer has ended its direction, and all it sent has been delivered.
    private void readEnded() {
        if (state != State.OPEN || !(protocol instanceof HalfCloseable halfCloseable)) {
            finish();
            return;
        }
        if (readEndTold) {
            return;
        }
        readEndTold = true;
        boolean outermost = reactor.beginCall(halfCloseable, "readConnectionLost");
        try {
            halfCloseable.readConnectionLost();
        } catch (Throwable thrown) {
            fail("readConnectionLost", thrown);
        } finally {
            reactor.endCall(outermost);
        }
        if (finSent) {
            close(new CloseReason.Done());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(new CloseReason.Lost(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close(new CloseReason.Lost(new IOException("the socket was closed")));
        reactor.execute(() -> reactor.closed(this));
    }

    /// Sends what is buffered, then closes.
    private void finish() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            dropHeld();
        }
        queueTurnEnd();
    }

    private void sendFin() {
        tellLost(new CloseReason.Done());
        if (peerFinished) {
            close(new CloseReason.Done());
            return;
        }
        state = State.LINGERING;
        stopCloseTimer();
        closeTimer = reactor.schedule(LINGER, this::closeSocket);
        shutDownOutput();
    }

    private void shutDownOutput() {
        if (finSent) {
            return;
        }
        finSent = true;
        channel.shutdownOutput()
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        closeSocket();
                    }
                });
    }

    /// Ends this direction alone.
    private void endWriting() {
        shutDownOutput();
        if (readEndTold) {
            close(new CloseReason.Done());
        }
    }

    private void fail(String where, Throwable thrown) {
        log.error("{} threw; the connection to {} is closed", where, peer, thrown);
        reset(new CloseReason.Failed(thrown));
    }

    /// Drops what is buffered, and says so: a plain FIN would tell the peer that it got all.
    private void reset(CloseReason why) {
        if (state == State.CLOSED) {
            return;
        }
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException alreadyClosed) {
            log.debug("{} was closed before it could be reset", peer, alreadyClosed);
        }
        close(why);
    }

    private void close(CloseReason why) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        stopCloseTimer();
        dropHeld();
        outgoing.drop();
        closeSocket();
        reactor.execute(() -> tellLost(why));
    }

    private void closeSocket() {
        var _ = channel.close();
    }

    private void stopCloseTimer() {
        if (closeTimer != null) {
            closeTimer.cancel(false);
            closeTimer = null;
        }
    }

    private void tellLost(CloseReason why) {
        Protocol told = protocol;
        if (told == null || reason != null) {
            return;
        }
        reason = why;
        boolean outermost = reactor.beginCall(told, "connectionLost");
        try {
            told.connectionLost(why);
        } catch (Throwable thrown) {
            log.error("connectionLost threw; the connection to {} was gone already", peer, thrown);
        } finally {
            reactor.endCall(outermost);
        }
    }

    /// The shutdown deadline has passed.
    void giveUp() {
        reset(new CloseReason.Aborted("the reactor stopped before everything was sent"));
    }

    @Override
    public String toString() {
        return peer + " (" + state + ", " + pendingBytes() + " bytes unsent)";
    }

    // ---- writing ----

    /// One turn of the loop is over: what was written in it leaves together.
    void endTurn() {
        if (state == State.OPEN || state == State.CLOSING) {
            turnEndQueued = true; // what the flush itself tells us needs no turn of its own
            outgoing.flush();
        }
        turnEndQueued = false;
        if (state == State.OPEN && writeEnded && outgoing.pendingBytes() == 0) {
            endWriting();
        }
        if (state != State.CLOSING) {
            return;
        }
        if (outgoing.pendingBytes() == 0) {
            sendFin();
        } else if (closeTimer == null) {
            closeTimer = reactor.schedule(reactor.options().closeDeadline(), this::closeTooSlow);
        }
    }

    private void closeTooSlow() {
        String why =
                "the peer left %d bytes untaken for %s after the connection was to close"
                        .formatted(pendingBytes(), reactor.options().closeDeadline());
        log.warn("{}: {}", peer, why);
        reset(new CloseReason.Aborted(why));
    }

    private void queueTurnEnd() {
        if (!inRead && !turnEndQueued) {
            turnEndQueued = true;
            reactor.endTurnLater(this);
        }
    }

    /// The kernel took a buffer.
    void sent() {
        if (outgoing.mayGoOn() || state == State.CLOSING || writeEnded) {
            queueTurnEnd();
        }
        if (overHighMark && outgoing.pendingBytes() < reactor.options().lowMark()) {
            overHighMark = false;
            reactor.execute(this::tellWritableAgain);
        }
    }

    void sendFailed(Throwable cause) {
        close(new CloseReason.Lost(cause));
    }

    private void tellWritableAgain() {
        if (state != State.OPEN || writeEnded) {
            return;
        }
        Protocol told = protocol();
        boolean outermost = reactor.beginCall(told, "writableAgain");
        try {
            told.writableAgain();
        } catch (Throwable thrown) {
            fail("writableAgain", thrown);
        } finally {
            reactor.endCall(outermost);
        }
    }

    // ---- what a protocol may do ----

    @Override
    public Reactor reactor() {
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
        reactor.checkLoop("Transport.write");
        if (state != State.OPEN || writeEnded) {
            return false;
        }
        if (outgoing.pendingBytes() + data.size() > reactor.options().hardLimit()) {
            String why =
                    "wrote past the hard limit of %d bytes: the peer does not read as fast"
                            .formatted(reactor.options().hardLimit());
            log.warn("{}: {}", peer, why);
            reset(new CloseReason.Failed(new IOException(why)));
            return false;
        }
        outgoing.add(data);
        queueTurnEnd();
        boolean over = outgoing.pendingBytes() > reactor.options().highMark();
        overHighMark |= over;
        return !over;
    }

    @Override
    public long pendingBytes() {
        reactor.checkLoop("Transport.pendingBytes");
        return state == State.CLOSED ? 0 : outgoing.pendingBytes();
    }

    @Override
    public void loseConnection() {
        reactor.checkLoop("Transport.loseConnection");
        if (state == State.OPEN) {
            channel.config().setAutoRead(true);
            finish();
        }
    }

    @Override
    public void loseWriteConnection() {
        reactor.checkLoop("Transport.loseWriteConnection");
        if (state == State.OPEN && !writeEnded) {
            writeEnded = true;
            queueTurnEnd();
        }
    }

    @Override
    public void abortConnection() {
        reactor.checkLoop("Transport.abortConnection");
        if (state == State.OPEN || state == State.CLOSING) {
            reset(new CloseReason.Aborted(null));
        }
    }

    @Override
    public void pauseReading() {
        reactor.checkLoop("Transport.pauseReading");
        if (state == State.OPEN) {
            paused = true;
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void resumeReading() {
        reactor.checkLoop("Transport.resumeReading");
        if (state == State.OPEN && paused) {
            paused = false;
            if (held.isEmpty() && !peerFinished) {
                channel.config().setAutoRead(true);
            } else {
                reactor.execute(this::deliverHeld);
            }
        }
    }

    private Protocol protocol() {
        Protocol built = protocol;
        if (built == null) {
            throw new IllegalStateException("no protocol yet");
        }
        return built;
    }
}
