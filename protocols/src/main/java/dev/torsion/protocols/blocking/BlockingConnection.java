package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.FramingProtocol;
import dev.torsion.protocols.Layer;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTransport;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A connection to talk to in blocking style.
///
/// What the peer sends waits here, about 16 messages or 64 KiB at most; then reading is paused
/// until the conversation has caught up.
///
/// **Thread:** that of its [Conversation], alone: every method that waits throws
/// [IllegalStateException] elsewhere. All of them throw [InterruptedException] when that thread is
/// interrupted.
public final class BlockingConnection<M> {
    private static final int MOST_WAITING = 16;
    private static final int FEW_WAITING = MOST_WAITING / 2;
    private static final int MOST_BYTES = 64 << 10;
    private static final int FEW_BYTES = MOST_BYTES / 2;

    private final TlsStart<M> tlsStart;
    private @Nullable Transport transport;
    private Framing.@Nullable Framed<M> framed;
    private @Nullable ByteReader reader;
    private volatile @Nullable Thread owner;
    private volatile @Nullable Exception blamed; // on the peer, the last one

    // Guarded by this.
    private final ArrayDeque<M> waiting = new ArrayDeque<>();
    private long waitingBytes; // as far as the messages are bytes
    private @Nullable Transport source; // of what was received last
    private @Nullable Transport paused;
    private boolean takesTheRest;
    private boolean full;
    private boolean ended;
    private @Nullable String cutOff; // within a message, and where if that is known
    private @Nullable String refused;
    private @Nullable CloseReason lost;
    private boolean closeAsked;
    private boolean closeTold; // to the conversation
    private @Nullable CompletableFuture<?> awaited;
    private @Nullable Deferred<Boolean> awaitedNext;
    private @Nullable Deferred<Boolean> awaitedRoom;

    /// Starts TLS, on the loop.
    @FunctionalInterface
    interface TlsStart<M> {
        Deferred<Boolean> startTls(@Nullable M last, Layer tls) throws IOException;
    }

    BlockingConnection(TlsStart<M> tlsStart) {
        this.tlsStart = tlsStart;
    }

    // ---- the conversation's side ----

    /// The other end.
    public Address peer() {
        return transport().peer();
    }

    /// This end.
    public Address host() {
        return transport().host();
    }

    /// The reactor of the connection, for timers and other work of its loop; see
    /// [Reactor#callFromThread].
    public Reactor reactor() {
        return transport().reactor();
    }

    /// Waits for the next message.
    ///
    /// @return null when the peer has ended its side, and everything it sent was received
    /// @throws CloseAskedException once, if the reactor stops and more may come from the peer:
    ///   before the messages that wait. Later calls receive as ever
    /// @throws ConnectionLostException if the connection was lost, and everything that came before
    ///   was received
    /// @throws EOFException if the peer has ended its side in the middle of a message
    /// @throws ProtocolException if what came next is no message; the connection closes
    public @Nullable M receive() throws IOException, InterruptedException {
        try {
            return receive(null);
        } catch (TimeoutException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// Waits for the next message, no longer than `limit` of the reactor's time.
    ///
    /// @throws TimeoutException if none came in time; the connection stays, and the message may
    ///   still come. Time is up no more once the reactor stops, whose timers run no more then
    public @Nullable M receiveWithin(Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        return receive(limit);
    }

    private @Nullable M receive(@Nullable Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        requireOwner("receive");
        Deferred<Boolean> arrival;
        synchronized (this) {
            if (hasNext()) {
                return next();
            }
            arrival = new Deferred<>(reactor());
            awaitedNext = arrival;
        }
        if (limit != null) {
            var _ = arrival.orTimeout(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
        }
        try {
            var _ = reactor().await(arrival);
        } catch (TimeoutException late) {
            throw blame(
                    new TimeoutException(
                            "nothing was received from " + peer() + " within " + limit));
        } catch (InterruptedException | RuntimeException asIs) {
            throw asIs;
        } catch (Exception unheardOf) {
            throw new AssertionError(unheardOf);
        }
        synchronized (this) {
            return next();
        }
    }

    private boolean hasNext() {
        return !waiting.isEmpty() || isOver() || isCloseUntold();
    }

    /// Whether nothing more will come.
    private boolean isOver() {
        return ended || refused != null || lost != null;
    }

    private boolean isCloseUntold() {
        return closeAsked && !closeTold && !isOver();
    }

    private synchronized void tellCloseAsked() throws CloseAskedException {
        if (isCloseUntold()) {
            closeTold = true;
            throw new CloseAskedException(peer());
        }
    }

    private @Nullable M next() throws IOException {
        tellCloseAsked();
        M message = waiting.poll();
        if (message != null) {
            waitingBytes -= size(message);
            if (paused != null && waiting.size() <= FEW_WAITING && waitingBytes <= FEW_BYTES) {
                reactor().callFromThread(paused::resumeReading);
                paused = null;
            }
            return message;
        }
        if (refused != null) {
            throw blame(new ProtocolException(refused + ", from " + peer()));
        }
        if (ended && cutOff != null) {
            throw blame(new EOFException(peer() + " ended in the middle of a message" + cutOff));
        }
        if (ended) {
            return null;
        }
        throw new ConnectionLostException(requireNonNull(lost));
    }

    /// Sends a message: hands it to the transport, and waits while that has more than its high mark
    /// to send.
    ///
    /// @throws ConnectionLostException if the connection was lost, or is before that
    /// @throws RuntimeException if it cannot be sent: what [Framing.Framed#send] threw
    public void send(M message) throws IOException, InterruptedException {
        requireOwner("send");
        Framing.Framed<M> protocol = requireNonNull(framed);
        try {
            var _ =
                    call(() -> {
                        noteRoom(protocol.send(message));
                        return true;
                    });
            for (CompletionStage<?> room = awaitRoom(); room != null; room = awaitRoom()) {
                var _ = await(room);
            }
        } catch (IOException | InterruptedException | RuntimeException asDeclared) {
            throw asDeclared;
        } catch (Exception unheardOf) {
            throw new AssertionError(unheardOf);
        }
    }

    /// Goes on over TLS on the same connection, and waits until the handshake is over: what both
    /// ends do when they have agreed to. `tls` is [dev.torsion.protocols.tls.TlsServer#layer] or
    /// [dev.torsion.protocols.tls.TlsClient#layer], or another layer.
    ///
    /// ```java
    /// peer.startTls(Bytes.utf8("220 go ahead"), server.layer());    // the server's end
    /// peer.startTls(null, client.layer("mail.example"));            // the client's, after the 220
    /// ```
    ///
    /// What somebody put behind the agreement in plain text is never taken for what comes through
    /// TLS (CVE-2011-0411): the connection is aborted if anything is there that was not received.
    /// **What was learned before is as doubtful as the plain text it came in**: forget who the peer
    /// said it is and what it said it can do.
    ///
    /// @param last what is sent just before, in plain text: the go-ahead that the peer waits for;
    ///   null for nothing. (Sent by [#send], the peer's handshake could come before TLS is there.)
    /// @throws CloseAskedException once, as [#receive]: nothing was sent
    /// @throws ConnectionLostException if the handshake fails, or the connection is lost
    /// @throws ProtocolException if something has arrived, whole or in part, that was not received
    /// @throws IllegalStateException if TLS was started on this connection before
    public void startTls(@Nullable M last, Layer tls) throws IOException, InterruptedException {
        requireOwner("startTls");
        requireNonNull(tls, "tls");
        tellCloseAsked();
        try {
            var _ = await(call(() -> tlsStart.startTls(last, tls)));
        } catch (IOException | InterruptedException | RuntimeException asDeclared) {
            throw asDeclared;
        } catch (Exception unheardOf) {
            throw new AssertionError(unheardOf);
        }
    }

    /// Whether the reactor stops, and the conversation is to end: for who sends for long and never
    /// receives. See [Conversation#talk]. Thread-safe.
    public synchronized boolean isCloseAsked() {
        return closeAsked;
    }

    /// What TLS has agreed on, if the connection goes over TLS; else null.
    public @Nullable TlsSession tlsSession() {
        return TlsSession.of(transport());
    }

    /// Waits for an asynchronous result.
    ///
    /// @return its result
    /// @throws ConnectionLostException if the connection is lost, or was; the stage is cancelled
    ///   then, as it is if the thread is interrupted, unless others wait for it
    /// @throws Exception what the stage failed with
    public <T extends @Nullable Object> T await(CompletionStage<T> stage) throws Exception {
        requireOwner("await");
        CompletableFuture<T> result = Deferred.of(reactor(), stage);
        synchronized (this) {
            awaited = result;
            if (lost != null) {
                result.cancel(false);
            }
        }
        try {
            return reactor().await(result);
        } catch (CancellationException cancelled) {
            throw isLost() ? new ConnectionLostException(requireNonNull(lost)) : cancelled;
        } finally {
            synchronized (this) {
                awaited = null;
            }
        }
    }

    /// Does something on the connection's loop, where the protocol and its transport may be used,
    /// and waits until it is done.
    ///
    /// @return what `work` returned
    /// @throws ConnectionLostException if the connection is lost, or was
    /// @throws Exception what `work` threw
    public <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
        requireOwner("call");
        Deferred<T> done = new Deferred<>(reactor());
        boolean asked =
                reactor()
                        .callFromThread(() -> {
                            try {
                                done.succeed(work.call());
                            } catch (Throwable thrown) {
                                done.fail(thrown);
                            }
                        });
        if (!asked) {
            done.fail(new CancellationException("the reactor has ended"));
        }
        return await(done);
    }

    private void requireOwner(String what) {
        if (!Thread.currentThread().equals(owner)) {
            throw new IllegalStateException(
                    "BlockingConnection."
                            + what
                            + " belongs to the thread of its conversation, and was called on "
                            + Thread.currentThread());
        }
    }

    private synchronized boolean isLost() {
        return lost != null;
    }

    private synchronized @Nullable CompletionStage<?> awaitRoom() {
        awaitedRoom = full ? new Deferred<>(reactor()) : null;
        return awaitedRoom;
    }

    // ---- the loop's side ----

    private synchronized void noteRoom(boolean writable) {
        full = !writable;
    }

    /// Remembers, and returns, what is thrown because of what the peer did or did not do.
    <E extends Exception> E blame(E thrown) {
        blamed = thrown;
        return thrown;
    }

    /// Whether that was the peer's doing, which is no failure of the conversation, whatever the
    /// conversation has put around it.
    boolean isPeers(Throwable thrown) {
        return Thrown.causes(thrown).stream()
                .anyMatch(each -> each instanceof ConnectionLostException || each.equals(blamed));
    }

    void begin(Transport made, Framing.Framed<M> protocol) {
        transport = made;
        framed = protocol;
    }

    /// @throws IllegalStateException if there is a reader that holds what it was given
    void readBy(ByteReader newReader) {
        if (reader != null && !reader.isEmpty()) {
            throw new IllegalStateException(
                    "another reader holds bytes of this connection: use one for all of it");
        }
        reader = newReader;
    }

    /// @param protocol that it came through
    synchronized void requireNothingUnread(Framing.Framed<M> protocol) throws IOException {
        if (!waiting.isEmpty()
                || (reader != null && !reader.isEmpty())
                || !protocol.isBetweenMessages()
                || (protocol instanceof FramingProtocol cutting && !cutting.isBetweenUnits())) {
            throw blame(
                    new ProtocolException(
                            "something had arrived in plain text before TLS, from " + peer()));
        }
        if (ended || refused != null) {
            throw blame(
                    new ProtocolException("nothing more comes through which TLS could be started"));
        }
    }

    private static int size(Object message) {
        return message instanceof Bytes bytes ? bytes.size() : 0;
    }

    void takenBy(Thread thread) {
        owner = thread;
    }

    Framing.Inbox<M> inbox() {
        return new Framing.Inbox<>() {
            @Override
            public void received(M message, Transport from) {
                synchronized (BlockingConnection.this) {
                    waiting.add(message);
                    waitingBytes += size(message);
                    source = from;
                    if (!takesTheRest
                            && (waiting.size() >= MOST_WAITING || waitingBytes >= MOST_BYTES)) {
                        paused = from;
                        from.pauseReading();
                    }
                    arrived();
                }
            }

            @Override
            public void refused(String why) {
                synchronized (BlockingConnection.this) {
                    refused = why;
                    arrived();
                }
            }

            @Override
            public void cutOff(int bytes) {
                synchronized (BlockingConnection.this) {
                    cutOff = ", " + bytes + " bytes into it";
                }
            }
        };
    }

    synchronized void writableAgain() {
        full = false;
        if (awaitedRoom != null) {
            awaitedRoom.succeed(true);
        }
    }

    /// As if the framing had said so, unless it has.
    synchronized void cutOff() {
        if (cutOff == null) {
            cutOff = "";
        }
    }

    /// The connection is gone: what is still handed out is taken, however much it is.
    synchronized void takesTheRest() {
        takesTheRest = true;
        if (source != null) {
            source.resumeReading();
        }
    }

    /// Whoever asks: a reactor that stops, or a group of connections before.
    synchronized void closeAsked() {
        if (!closeAsked) {
            closeAsked = true;
            arrived();
        }
    }

    synchronized void inputEnded() {
        ended = true;
        arrived();
    }

    /// Over TLS, where there is no half of a connection, this is the end of the peer's input, if
    /// that was why.
    synchronized void lost(CloseReason reason) {
        lost = reason;
        TlsTransport secured = transport == null ? null : TlsTransport.of(transport);
        ended |= reason instanceof CloseReason.Done && secured != null && secured.peerEnded();
        if (awaited != null) {
            awaited.cancel(false);
        }
        arrived();
    }

    private void arrived() {
        Deferred<Boolean> arrival = awaitedNext;
        if (arrival != null) {
            awaitedNext = null;
            arrival.succeed(true);
        }
    }

    private Transport transport() {
        return requireNonNull(transport, "no connection was made yet");
    }
}
