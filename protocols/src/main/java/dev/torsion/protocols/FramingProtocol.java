package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
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
            at = consume(data, at);
        }
    }

    @Override
    public final void connectionLost(CloseReason reason) {
        gate().closed = true;
        backlog = Bytes.empty();
        disconnected(reason);
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

    private final class Gate implements Transport {
        private final Transport transport;
        private boolean paused;
        private boolean closed;

        Gate(Transport transport) {
            this.transport = transport;
        }

        @Override
        public Reactor reactor() {
            return transport.reactor();
        }

        @Override
        public Address peer() {
            return transport.peer();
        }

        @Override
        public Address host() {
            return transport.host();
        }

        @Override
        public boolean write(Bytes data) {
            return transport.write(data);
        }

        @Override
        public long pendingBytes() {
            return transport.pendingBytes();
        }

        @Override
        public void loseConnection() {
            transport.loseConnection();
            closed = true;
        }

        @Override
        public void abortConnection() {
            transport.abortConnection();
            closed = true;
        }

        @Override
        public void pauseReading() {
            transport.pauseReading();
            paused = true;
        }

        @Override
        public void resumeReading() {
            if (backlog.isEmpty()) {
                transport.resumeReading();
            } else {
                // Its own turn, as with bytes from the socket; they follow when it is empty.
                transport.reactor().callFromThread(FramingProtocol.this::deliverBacklog);
            }
            paused = false;
        }
    }
}
