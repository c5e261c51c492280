package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// A protocol that cuts the stream into units and handles them one by one.
///
/// A chunk may hold many units, so pausing and closing must work between two of them: after
/// `transport().pauseReading()` no unit is handed out until reading is resumed, and after the
/// connection is lost, closed or aborted none at all, whatever the chunk still holds. For this the
/// [#transport()] is watched; its contract is that of the connection's own.
public abstract class FramingProtocol implements Protocol {
    private @Nullable Gate gate;
    private @Nullable Protocol successor;
    private Bytes backlog = Bytes.empty();

    /// Handles bytes of `chunk` from `from` on: hands out at most one unit, or keeps what is not a
    /// whole one.
    ///
    /// @param chunk borrowed for the time of this call
    /// @param from less than the chunk's size
    /// @return where the rest begins; more than `from`
    protected abstract int consume(Bytes chunk, int from);

    /// The connection can be used. Called once, before anything else.
    protected void connected() {}

    /// The connection is gone. The last call this object gets.
    protected void disconnected(CloseReason reason) {}

    /// The connection.
    ///
    /// @throws NullPointerException before [#connected()]
    protected final Transport transport() {
        return gate();
    }

    /// Hands the connection over for good: `next` gets its `connectionMade` within this call, then
    /// every byte that was not consumed yet, the rest of the chunk in hand first, and whatever else
    /// happens. This object gets no call any more but [#disconnected], just before `next` gets its
    /// `connectionLost`.
    ///
    /// @param seen what `next` is given: [#transport()], or a view of it
    /// @throws IllegalStateException if it was handed over before
    protected final void handOver(Protocol next, Transport seen) {
        if (successor != null) {
            throw new IllegalStateException("this connection was handed over before");
        }
        successor = next;
        next.connectionMade(seen);
    }

    @Override
    public final void connectionMade(Transport transport) {
        gate = new Gate(transport);
        connected();
    }

    @Override
    public final void dataReceived(Bytes data) {
        Gate open = gate();
        int size = data.size();
        int at = 0;
        while (at < size && !open.closed) {
            if (open.paused) {
                backlog = data.slice(at, size).owned();
                return;
            }
            if (successor != null) {
                successor.dataReceived(at == 0 ? data : data.slice(at, size));
                return;
            }
            at = consume(data, at);
        }
    }

    @Override
    public void writableAgain() {
        if (successor != null) {
            successor.writableAgain();
        }
    }

    @Override
    public final void connectionLost(CloseReason reason) {
        gate().closed = true;
        backlog = Bytes.empty();
        try {
            disconnected(reason);
        } finally {
            if (successor != null) {
                successor.connectionLost(reason);
            }
        }
    }

    private void deliverBacklog() {
        if (gate().paused) {
            return;
        }
        Bytes waiting = backlog;
        backlog = Bytes.empty();
        try {
            dataReceived(waiting);
        } catch (Throwable thrown) {
            gate().abortConnection();
            throw thrown;
        }
        if (!gate().paused) {
            gate().resumeReading();
        }
    }

    private Gate gate() {
        return requireNonNull(gate, "no connection was made yet");
    }

    private final class Gate extends ForwardingTransport {
        private boolean paused;
        private boolean closed;

        Gate(Transport transport) {
            super(transport);
        }

        @Override
        public void loseConnection() {
            super.loseConnection();
            closed = true;
        }

        @Override
        public void abortConnection() {
            super.abortConnection();
            closed = true;
        }

        @Override
        public void pauseReading() {
            super.pauseReading();
            paused = true;
        }

        @Override
        public void resumeReading() {
            if (backlog.isEmpty()) {
                super.resumeReading();
            } else {
                // Its own turn, as with bytes from the socket; they follow when it is empty.
                reactor().callFromThread(FramingProtocol.this::deliverBacklog);
            }
            paused = false;
        }
    }
}
