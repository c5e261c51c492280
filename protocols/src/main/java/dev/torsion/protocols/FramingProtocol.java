package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A protocol that cuts the stream into units and handles them one by one.
///
/// A chunk may hold many units, so pausing and closing must work between two of them: after
/// `transport().pauseReading()` no unit is handed out until reading is resumed, and after the
/// connection is lost, closed or aborted none at all, whatever the chunk still holds. For this the
/// [#transport()] is watched; its contract is that of the connection's own.
///
/// A unit that the peer's end, or a broken connection, cuts off is told by [#cutOff].
public abstract class FramingProtocol implements Protocol {
    private static final Logger log = LoggerFactory.getLogger(FramingProtocol.class);

    private Protocol fed = new Units(); // by the connection: or a layer, which feeds others
    private boolean overLayer;
    private @Nullable Gate gate;
    private @Nullable HandedOver handedOver;
    private boolean inputEnded;
    private @Nullable CloseReason lost; // and all who had it were told

    /// @param seen what `next` was given
    private record HandedOver(Protocol next, Transport seen) {}

    /// Handles bytes of `chunk` from `from` on: hands out at most one unit, or keeps what is not a
    /// whole one.
    ///
    /// @param chunk borrowed for the time of this call
    /// @param from less than the chunk's size
    /// @return where the rest begins; more than `from`
    protected abstract int consume(Bytes chunk, int from);

    /// The connection can be used. Called once, before anything else.
    protected void connected() {}

    /// Something has come from the peer: a whole unit, a part of one, or what TLS says to itself.
    /// Called before any of it is handed out; for who watches for silence.
    protected void heard() {}

    /// What is written goes out again: [Protocol#writableAgain]. Not called once the connection was
    /// [handed over][#handOver]: then it is for who has it.
    protected void roomAgain() {}

    /// The connection is gone. The last call this object gets; and the only one, without
    /// [#connected], if there was none, as with a program that could not be started
    /// ([dev.torsion.reactor.ProcessProtocol#of]): there is no [#transport()] then.
    protected void disconnected(CloseReason reason) {}

    /// The connection.
    ///
    /// @throws NullPointerException before [#connected()]
    protected final Transport transport() {
        return gate();
    }

    /// Whether this side has ended the connection.
    final boolean isClosing() {
        return gate().closed();
    }

    /// Whether this side has ended the connection, or its own direction.
    final boolean isWriteEnded() {
        return gate().writeEnded();
    }

    /// Hands the connection over for good: `next` gets its `connectionMade` within this call, then
    /// every byte that was not consumed yet, the rest of the chunk in hand first, and whatever else
    /// happens. This object gets no call any more but [#disconnected], just before `next` gets its
    /// `connectionLost`.
    ///
    /// The peer's end of its direction is told as before: to this object if it is [HalfCloseable],
    /// and else it is the end of the connection, even if `next` is.
    ///
    /// If the connection is lost already, as it may be after a look-up, `next` is told so at once,
    /// and lets go of what it has taken.
    ///
    /// @param seen what `next` is given: [#transport()], or a view of it
    /// @throws IllegalStateException if it was handed over before, or on another thread
    protected final void handOver(Protocol next, Transport seen) {
        gate().reactor().requireLoop("FramingProtocol.handOver");
        if (handedOver != null) {
            throw new IllegalStateException("this connection was handed over before");
        }
        handedOver = new HandedOver(next, seen);
        releaseReading();
        try {
            next.connectionMade(seen);
        } finally {
            if (lost != null) {
                next.connectionLost(lost);
            }
        }
    }

    /// Stops reading as `transport().pauseReading()` does, beside it: units are handed out as long
    /// as neither stops them. For who answers and has no room for answers. It ends with
    /// [#releaseReading()], and when TLS is started or the connection handed over. Idempotent.
    ///
    /// **Thread:** loop only, as [#releaseReading()].
    protected final void holdReading() {
        gate().reactor().requireLoop("FramingProtocol.holdReading");
        if (handedOver == null) {
            gate().holdReading();
        }
    }

    /// Reads on, unless reading is paused. Idempotent.
    protected final void releaseReading() {
        gate().reactor().requireLoop("FramingProtocol.releaseReading");
        gate().releaseReading();
    }

    /// Whether the protocol wants to hear the peer: not while reading is paused by
    /// `transport().pauseReading()`, nor once this side has ended the connection. For who watches
    /// for silence, and knows himself whether he [holds][#holdReading] reading.
    protected final boolean isListening() {
        gate().reactor().requireLoop("FramingProtocol.isListening");
        return gate().listening();
    }

    /// How many bytes are kept of a unit that has begun to arrive; 0 between two.
    protected abstract int unfinishedBytes();

    /// The input has ended, and `bytes` that had arrived are lost: the beginning of a unit that its
    /// end did not follow, and, if the connection broke while reading was paused, or in the turn in
    /// which it was resumed, what waited. Called before [#disconnected], unless this side closed
    /// the connection, aborted it, failed, or had handed it over. (Whether a policy beneath, such
    /// as a timeout, or the peer has closed it in good order cannot be seen from here.) Unless
    /// overridden it is logged, at debug level: any stranger can bring it about, and must not be
    /// able to fill the log.
    protected void cutOff(int bytes) {
        log.debug(
                "{}: the input ended within a unit, {} bytes are lost", transport().peer(), bytes);
    }

    /// Hands out what waits to be since reading was resumed, and looks whether the input was
    /// [#cutOff]: for who is [HalfCloseable], or is fed by somebody who is, to call in
    /// [HalfCloseable#readConnectionLost]. Otherwise the end of the connection is the end of the
    /// input.
    ///
    /// **Thread:** loop only, as [#isBetweenUnits()].
    public final void inputEnded() {
        Gate open = gate();
        open.reactor().requireLoop("FramingProtocol.inputEnded");
        if (!open.paused()) {
            cut(open.takeKept());
        }
        if (!open.closed()) {
            tellCutOff();
        }
    }

    private void tellCutOff() {
        int bytes = handedOver == null ? gate().keptBytes() + unfinishedBytes() : 0;
        if (!inputEnded && bytes > 0) {
            inputEnded = true;
            cutOff(bytes);
        }
    }

    /// Whether all that has arrived was handed out: no unit has begun, and nothing waits because
    /// reading is paused.
    public final boolean isBetweenUnits() {
        gate().reactor().requireLoop("FramingProtocol.isBetweenUnits");
        return gate().keptBytes() == 0 && unfinishedBytes() == 0;
    }

    /// Goes on over TLS on the same connection: what both ends do when they have agreed to, each at
    /// the very byte. `tls` is [dev.torsion.protocols.tls.TlsServer#layer] or
    /// [dev.torsion.protocols.tls.TlsClient#layer], or another layer.
    ///
    /// Call it in the very call that brought the agreement, after writing the answer to it; or
    /// pause reading in that call, and call this when you know. From now on every byte that was not
    /// consumed yet is the layer's, the rest of the chunk in hand first. So what somebody put
    /// behind the agreement in plain text is never taken for what comes through TLS
    /// (CVE-2011-0411): whole units of it end the handshake, the beginning of one aborts the
    /// connection here. **What was learned before is as doubtful as the plain text it came in**:
    /// forget who the peer said it is and what it said it can do.
    ///
    /// What is written before the handshake is over waits, and goes through TLS; so does the end,
    /// of which there is no half from now on. If the handshake fails, the connection ends.
    ///
    /// @return completes, on this loop, when the handshake is over; with an [IOException] if it
    ///   comes to nothing, just before [#disconnected], which is why it is not logged if nobody
    ///   looks at it; cancelling it ends the wait alone
    /// @throws IllegalStateException if there is a layer already, or the connection was handed
    ///   over, or this is [HalfCloseable]; or on another thread
    protected final CompletionStage<Void> startTls(Layer tls) {
        Gate open = gate();
        open.reactor().requireLoop("FramingProtocol.startTls");
        if (isOverLayer() || handedOver != null || this instanceof HalfCloseable) {
            throw new IllegalStateException(
                    "only a connection that is in the hands of one protocol, without half-close and"
                            + " without a layer, can go on over one");
        }
        Deferred<Void> up = new Deferred<>(open.reactor());
        var _ = up.handle((_, _) -> true);
        if (open.closed()) {
            up.fail(new IOException("the connection is closing"));
            return up;
        }
        if (unfinishedBytes() > 0) {
            open.abortConnection();
            up.fail(new IOException("something had begun to arrive in plain text before TLS"));
            return up;
        }
        Transport connection = open.connection();
        Protocol layer = tls.under(new SecuredUnits(up));
        fed = layer;
        overLayer = true;
        open.layerComes();
        connection.resumeReading();
        layer.connectionMade(connection);
        Bytes waiting = open.takeKept();
        if (!waiting.isEmpty()) {
            layer.dataReceived(waiting);
        }
        return up;
    }

    /// Whether TLS has been started, by [#startTls]: the handshake may not be over yet.
    protected final boolean isOverLayer() {
        requireLoop("FramingProtocol.isOverLayer");
        return overLayer;
    }

    /// The reactor stops, see [Protocol#closeAsked]: closes the connection unless overridden.
    protected void closeAsked() {
        transport().loseConnection();
    }

    @Override
    public final void connectionMade(Transport transport) {
        gate = new Gate(transport, this::cutKept);
        connected();
    }

    @Override
    public final void dataReceived(Bytes data) {
        heard();
        fed.dataReceived(data);
    }

    private void cut(Bytes data) {
        Gate open = gate();
        boolean throughLayer = overLayer;
        int size = data.size();
        int at = 0;
        while (at < size && !open.closed()) {
            // Bytes that were being cut when the layer came are the layer's.
            if (overLayer && !throughLayer) {
                fed.dataReceived(data.slice(at, size));
                return;
            }
            if (open.paused()) {
                open.keep(data.slice(at, size));
                return;
            }
            if (handedOver != null) {
                handedOver.next().dataReceived(at == 0 ? data : data.slice(at, size));
                return;
            }
            at = consume(data, at);
        }
    }

    @Override
    public final void writableAgain() {
        boolean layerIsTold = overLayer;
        fed.writableAgain();
        // Until it is up a layer tells nobody, but somebody may wait for room since before it came.
        if (layerIsTold && gate().isLayerComing() && !gate().closed()) {
            tellRoom();
        }
    }

    private void tellRoom() {
        if (handedOver == null) {
            roomAgain();
        } else {
            handedOver.next().writableAgain();
        }
    }

    @Override
    public final void closeAsked(Transport transport) {
        fed.closeAsked(gate().connection());
    }

    @Override
    public final void connectionLost(CloseReason reason) {
        if (gate == null) {
            disconnected(reason);
        } else {
            fed.connectionLost(reason);
        }
    }

    private void ended(CloseReason reason) {
        boolean ownDoing =
                gate().closed()
                        || reason instanceof CloseReason.Aborted
                        || reason instanceof CloseReason.Failed;
        gate().connectionLost();
        try {
            if (!ownDoing) {
                tellCutOff();
            }
        } finally {
            var _ = gate().takeKept();
            tellLost(reason);
        }
    }

    private void tellLost(CloseReason reason) {
        try {
            disconnected(reason);
        } finally {
            lost = reason;
            if (handedOver != null) {
                handedOver.next().connectionLost(reason);
            }
        }
    }

    private void cutKept() {
        Gate open = gate();
        if (open.paused()) {
            return;
        }
        try {
            cut(open.takeKept());
        } catch (Throwable thrown) {
            open.failConnection(thrown);
            return;
        }
        if (!open.paused()) {
            open.resumeReading();
        }
    }

    /// Refuses a caller on another thread than the connection's. Before there is one, this belongs
    /// to whoever makes it.
    final void requireLoop(String what) {
        if (gate != null) {
            gate.reactor().requireLoop(what);
        }
    }

    private Gate gate() {
        return requireNonNull(gate, "no connection was made yet");
    }

    /// This protocol as it is fed, by the connection or a layer.
    private class Units implements Protocol {
        @Override
        public void dataReceived(Bytes data) {
            cut(data);
        }

        @Override
        public void writableAgain() {
            tellRoom();
        }

        @Override
        public void closeAsked(Transport transport) {
            if (handedOver == null) {
                FramingProtocol.this.closeAsked();
            } else {
                handedOver.next().closeAsked(handedOver.seen());
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            ended(reason);
        }
    }

    private final class SecuredUnits extends Units {
        private final Deferred<Void> up;

        SecuredUnits(Deferred<Void> up) {
            this.up = up;
        }

        @Override
        public void connectionMade(Transport transport) {
            if (gate().layerUp(transport)) {
                tellRoom();
            }
            up.succeed(null);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            up.failUnlessGivenUp(new IOException("the connection does not go on: " + reason));
            super.connectionLost(reason);
        }
    }
}
