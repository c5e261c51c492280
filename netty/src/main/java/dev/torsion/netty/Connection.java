package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One socket between Netty and a [Protocol]: its life, and the calls between the two. The bytes of
/// its two directions, and how each direction ends, are [Incoming]'s and [Outgoing]'s.
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
final class Connection extends LastHandler implements Transport, TurnEnds.Ender {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    private static final Duration LINGER = Duration.ofSeconds(1);

    /// Loads what connections need from the first to the last, and what tells that there are no
    /// file descriptors: from a folder of classes each takes one, and what was not found when there
    /// was none may be missing for ever. [Sockets] of a kind load what those alone need.
    static void loadClasses() {
        var _ =
                List.of(
                        State.class,
                        Ends.class,
                        Dial.class,
                        SocketOptions.class,
                        Incoming.class,
                        Outgoing.class,
                        BorrowedBytes.class,
                        PeerAddresses.class,
                        PeerCredentials.class,
                        Incoming.End.class,
                        Outgoing.End.class,
                        Outgoing.Receipt.class,
                        Outgoing.Sizes.class,
                        ReadBuffersForReady.Reader.class,
                        PageAligned.class,
                        BorrowedBytes.Loan.class,
                        Bytes.empty().getClass(),
                        NettyReactor.Call.class,
                        Timer.class,
                        HalfCloseable.class,
                        CloseReason.Done.class,
                        CloseReason.Lost.class,
                        CloseReason.Aborted.class,
                        CloseReason.Failed.class,
                        LateLoss.class,
                        SeenEnd.class,
                        SocketFailure.class,
                        Thrown.class);
    }

    private enum State {
        OPENING,
        OPEN,
        CLOSING,
        LINGERING,
        CLOSED
    }

    private final NettyReactor reactor;
    private final DuplexChannel channel;
    private final Origin origin;
    private final Incoming incoming;
    private final Outgoing outgoing;
    private @Nullable SocketOptions options; // null if it is not TCP

    private State state = State.OPENING;
    private Ends ends = Ends.UNKNOWN;
    private @Nullable Protocol protocol; // from buildProtocol to connectionLost
    private @Nullable CloseReason reason; // once it is closed
    private @Nullable Future<?> closeTimer;
    private boolean turnEndComes; // endTurn() will be called without being queued

    Connection(NettyReactor reactor, DuplexChannel channel, Origin origin) {
        this.reactor = reactor;
        this.channel = channel;
        this.origin = origin;
        options = StreamSockets.isTcp(channel) ? origin.options() : null;
        incoming = new Incoming(channel, this);
        outgoing = new Outgoing(channel, this, reactor.options().marks());
    }

    /// Whether `accepted` has accepted it, and its protocol has not been told of its end.
    boolean isServedFor(Port accepted) {
        return origin == accepted && (state == State.OPEN || state == State.CLOSING);
    }

    // ---- opening ----

    @Override
    public void channelActive(ChannelHandlerContext context) {
        Ends found = Ends.of(reactor.sockets(), channel, origin);
        if (found == null || origin.abandoned() || reactor.stopping()) {
            discard();
            origin.unused(channel);
            return;
        }
        ends = found;
        origin.used(channel);
        begin();
    }

    private void begin() {
        Protocol built;
        ProtocolFactory factory = origin.factory();
        reactor.beginCall(factory, "buildProtocol");
        try {
            built = factory.buildProtocol(peer());
        } catch (Throwable thrown) {
            refuse(thrown);
            Thrown.log(
                    log, "buildProtocol threw; the connection to " + peer() + " is closed", thrown);
            return;
        } finally {
            reactor.endCall();
        }
        if (built == null) {
            refuse(null);
            return;
        }
        protocol = built;
        state = State.OPEN;
        reactor.opened().add(this);
        call("connectionMade", made -> made.connectionMade(this));
        if (reason instanceof CloseReason.Failed(Throwable cause)) {
            origin.failed(cause);
        } else if (!origin.made(built)) {
            giveUp("the connect was cancelled");
        }
    }

    private void refuse(@Nullable Throwable cause) {
        discard();
        origin.refused(cause);
    }

    /// Closes what no protocol has been told of.
    private void discard() {
        state = State.CLOSED;
        closeSocket();
    }

    // ---- reading ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        turnEndComes = true;
        ByteBuf buffer = (ByteBuf) message;
        if (state == State.OPEN) {
            incoming.add(buffer);
        } else {
            buffer.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (channel.unsafe().recvBufAllocHandle().lastBytesRead() < 0) {
            peerEnded(); // Netty says so later, when it has shut what may be closed at once
        } else {
            endTurn();
        }
    }

    boolean open() {
        return state == State.OPEN;
    }

    /// Lends the protocol one read; the connection is open.
    void deliver(ByteBuf buffer) {
        BorrowedBytes data = reactor.lender().lend(buffer);
        Protocol told = Objects.requireNonNull(protocol);
        reactor.beginCall(told, "dataReceived");
        try {
            told.dataReceived(data);
        } catch (Throwable thrown) {
            fail("dataReceived", thrown);
        } finally {
            reactor.endCall();
            reactor.lender().end(data);
            buffer.release();
        }
    }

    /// The peer has ended its direction, and all it sent has been delivered.
    void readEnded() {
        if (state != State.OPEN || !(protocol instanceof HalfCloseable halfCloseable)) {
            finish();
            return;
        }
        call("readConnectionLost", _ -> halfCloseable.readConnectionLost());
        closeIfBothEnded();
    }

    // ---- writing ----

    /// One turn of the loop is over: what was written in it leaves together.
    @Override
    public void endTurn() {
        if (state == State.OPEN || state == State.CLOSING) {
            turnEndComes = true; // what the flush itself tells us needs no turn of its own
            outgoing.flush();
        }
        turnEndComes = false;
        switch (state) {
            case OPEN -> {
                if (outgoing.endAsked() && outgoing.pendingBytes() == 0) {
                    outgoing.sendFin();
                    closeIfBothEnded();
                }
            }
            case CLOSING -> {
                if (outgoing.pendingBytes() == 0) {
                    endOrderly();
                } else if (closeTimer == null) {
                    closeTimer =
                            reactor.schedule(
                                    reactor.options().deadlines().close(), this::closeTooSlow);
                }
            }
            case OPENING, LINGERING, CLOSED -> {}
        }
    }

    @Override
    public void endOfTurnFailed(Throwable thrown) {
        try {
            fail("the end of its turn", thrown);
        } finally {
            closeSocket(); // even if there is no memory to say why
        }
    }

    private void queueTurnEnd() {
        if (!turnEndComes) {
            turnEndComes = true;
            reactor.turnEnds().add(this);
        }
    }

    /// The kernel took a buffer.
    void sent() {
        if (outgoing.mayGoOn() || state == State.CLOSING || outgoing.endAsked()) {
            queueTurnEnd();
        }
    }

    /// What waits has fallen below the low mark.
    void drained() {
        reactor.execute(() -> {
            if (state == State.OPEN && outgoing.open()) {
                call("writableAgain", Protocol::writableAgain);
            }
        });
    }

    /// The peer is lost.
    void lost(Throwable cause) {
        close(new CloseReason.Lost(cause));
    }

    // ---- ending ----

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            peerEnded();
        } else if (event instanceof LateLoss(IOException cause)) {
            incoming.lost(cause);
        }
    }

    private void peerEnded() {
        turnEndComes = true;
        incoming.end();
        if (state == State.LINGERING) {
            closeSocket();
        }
        endTurn();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        try {
            boolean ours = cause instanceof Error;
            close(ours ? new CloseReason.Failed(cause) : new CloseReason.Lost(cause));
            if (ours) {
                Thrown.log(log, "the connection to " + peer() + " is closed", cause);
            }
        } finally {
            closeSocket(); // even if there is no memory, or no class, to say why
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (state != State.CLOSED) {
            close(new CloseReason.Lost(new IOException("the socket was closed")));
        }
        reactor.execute(() -> reactor.opened().remove(this));
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext context) {
        origin.gone(reactor);
    }

    /// Sends what is buffered, then closes.
    private void finish() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            incoming.drop();
        }
        queueTurnEnd();
    }

    /// Everything is sent.
    private void endOrderly() {
        if (incoming.ended()) {
            close(new CloseReason.Done());
            return;
        }
        state = State.LINGERING;
        tellLost(new CloseReason.Done());
        stopCloseTimer();
        closeTimer = reactor.schedule(LINGER, this::closeSocket);
        outgoing.sendFin();
    }

    private void closeIfBothEnded() {
        if (incoming.endTold() && outgoing.ended()) {
            close(new CloseReason.Done());
        }
    }

    private void closeTooSlow() {
        String why =
                "the peer left %d bytes untaken for %s after the connection was to close"
                        .formatted(pendingBytes(), reactor.options().deadlines().close());
        Thrown.warn(log, "{}: {}", peer(), why);
        reset(new CloseReason.Aborted(why));
    }

    private void fail(String where, Throwable thrown) {
        reset(new CloseReason.Failed(thrown));
        Thrown.log(log, where + " threw; the connection to " + peer() + " is closed", thrown);
    }

    /// The reactor stops.
    void askClose() {
        if (state == State.OPEN) {
            call("closeAsked", asked -> asked.closeAsked(this));
        }
    }

    /// A deadline has passed, or nobody has the connection.
    void giveUp(String why) {
        reset(new CloseReason.Aborted(why));
    }

    /// Drops what is buffered, and says so: a plain FIN would tell the peer that it got all.
    private void reset(CloseReason why) {
        if (state == State.CLOSED) {
            return;
        }
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException alreadyClosed) {
            log.debug("{} was closed before it could be reset", peer(), alreadyClosed);
        }
        close(why);
    }

    private void close(CloseReason why) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        reason = why;
        stopCloseTimer();
        incoming.drop();
        outgoing.drop();
        if (protocol != null) {
            reactor.execute(() -> tellLost(why)); // before whoever waits for the socket's end
        }
        closeSocket();
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

    /// The last call the protocol gets, and it gets it once.
    private void tellLost(CloseReason why) {
        Protocol told = protocol;
        if (told == null) {
            return;
        }
        protocol = null;
        reactor.beginCall(told, "connectionLost");
        try {
            told.connectionLost(why);
        } catch (Throwable thrown) {
            Thrown.log(
                    log, "connectionLost threw; the connection to " + peer() + " was gone", thrown);
        } finally {
            reactor.endCall();
        }
    }

    /// Calls the protocol of an open connection, which an exception closes.
    private void call(String method, Consumer<Protocol> call) {
        Protocol told = Objects.requireNonNull(protocol);
        reactor.beginCall(told, method);
        try {
            call.accept(told);
        } catch (Throwable thrown) {
            fail(method, thrown);
        } finally {
            reactor.endCall();
        }
    }

    /// For tests that look at the socket's options.
    DuplexChannel channel() {
        return channel;
    }

    // ---- what a protocol may do ----

    @Override
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public Address peer() {
        return ends.peer();
    }

    @Override
    public Address host() {
        return ends.host();
    }

    @Override
    public boolean write(Bytes data) {
        reactor.requireLoop("Transport.write");
        if (state != State.OPEN || !outgoing.open()) {
            return false;
        }
        if (outgoing.overflowsWith(data)) {
            String why =
                    "wrote past the hard limit of %d bytes: the peer does not read as fast"
                            .formatted(reactor.options().marks().hard());
            Thrown.warn(log, "{}: {}", peer(), why);
            reset(new CloseReason.Failed(new IOException(why)));
            return false;
        }
        try {
            boolean belowHighMark = outgoing.add(data);
            queueTurnEnd();
            return belowHighMark;
        } catch (Throwable thrown) {
            try {
                reset(new CloseReason.Failed(thrown)); // a part of it may be on its way
            } finally {
                closeSocket(); // even if there is no memory to say why
            }
            throw thrown;
        }
    }

    @Override
    public long pendingBytes() {
        reactor.requireLoop("Transport.pendingBytes");
        return state == State.CLOSED ? 0 : outgoing.pendingBytes();
    }

    @Override
    public void loseConnection() {
        reactor.requireLoop("Transport.loseConnection");
        if (state == State.OPEN) {
            incoming.discard();
            finish();
        }
    }

    @Override
    public void loseWriteConnection() {
        reactor.requireLoop("Transport.loseWriteConnection");
        if (state == State.OPEN) {
            outgoing.askEnd();
            queueTurnEnd();
        }
    }

    @Override
    public void abortConnection() {
        reactor.requireLoop("Transport.abortConnection");
        if (state == State.OPEN || state == State.CLOSING) {
            reset(new CloseReason.Aborted(null));
        }
    }

    @Override
    public void failConnection(Throwable cause) {
        requireNonNull(cause, "cause");
        reactor.requireLoop("Transport.failConnection");
        if (state == State.OPEN || state == State.CLOSING) {
            fail("the protocol's work", cause);
        }
    }

    @Override
    public void pauseReading() {
        reactor.requireLoop("Transport.pauseReading");
        if (state == State.OPEN) {
            incoming.pause();
        }
    }

    @Override
    public void resumeReading() {
        reactor.requireLoop("Transport.resumeReading");
        if (state == State.OPEN && incoming.resume()) {
            reactor.execute(incoming::goOn);
        }
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
        if (options == null || (state != State.OPEN && state != State.CLOSING)) {
            return;
        }
        String refusal = reactor.streamSockets().refusal(newOptions);
        if (refusal != null) {
            throw new UnsupportedOperationException(refusal);
        }
        try {
            reactor.streamSockets().change(channel, options, newOptions);
            options = newOptions;
        } catch (ChannelException refused) {
            if (channel.isOpen()) {
                throw new UncheckedIOException(
                        "the system refuses %s for the connection to %s: %s"
                                .formatted(newOptions, peer(), SocketFailure.why(refused)),
                        SocketFailure.known(refused));
            }
            log.debug("{} was closed before it could be set up anew", peer(), refused);
        }
    }

    @Override
    public @Nullable PeerCredentials peerCredentials() {
        reactor.requireLoop("Transport.peerCredentials");
        if (StreamSockets.isTcp(channel) || (state != State.OPEN && state != State.CLOSING)) {
            return null;
        }
        try {
            return reactor.sockets().peerCredentials(channel);
        } catch (IOException | ChannelException untold) {
            log.debug("{} cannot be asked who it is", peer(), untold);
            return null;
        }
    }

    @Override
    public String toString() {
        String unsent = reactor.inLoop() ? ", " + pendingBytes() + " bytes unsent" : "";
        return peer() + " (" + state + unsent + ")";
    }
}
