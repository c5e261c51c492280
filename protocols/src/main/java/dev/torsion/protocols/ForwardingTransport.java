package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// Another transport seen through this one, which passes on all it is asked for: for policies of
/// one's own, which override what differs; see [WrappingProtocol]. The last that was made over
/// another is where an [IdleTimeout] or a [TotalTimeout] around it closes the connection.
///
/// **Thread:** as [Transport].
public abstract class ForwardingTransport implements Transport {
    private final Transport transport;
    private @Nullable ForwardingTransport above; // the last that was made over this one

    /// @param transport the one [#beneath()]
    protected ForwardingTransport(Transport transport) {
        this.transport = transport;
        comeOver(transport);
    }

    /// Whoever closes `lower` for the protocol behind them all does so from here.
    final void comeOver(Transport lower) {
        if (lower instanceof ForwardingTransport forwarding) {
            forwarding.above = this;
        }
    }

    /// Closes the connection as the protocol behind all policies and layers would, so that each of
    /// them sends what it holds back. One that gave nobody a transport yet holds nothing.
    final void closeFromAbove() {
        if (above == null) {
            closeHere();
        } else {
            above.closeFromAbove();
        }
    }

    /// Closes it, as nothing is above.
    void closeHere() {
        loseConnection();
    }

    @Override
    public Reactor reactor() {
        return beneath().reactor();
    }

    @Override
    public Address peer() {
        return beneath().peer();
    }

    @Override
    public Address host() {
        return beneath().host();
    }

    @Override
    public boolean write(Bytes data) {
        return beneath().write(data);
    }

    @Override
    public long pendingBytes() {
        return beneath().pendingBytes();
    }

    @Override
    public void loseConnection() {
        beneath().loseConnection();
    }

    @Override
    public void loseWriteConnection() {
        beneath().loseWriteConnection();
    }

    @Override
    public void abortConnection() {
        beneath().abortConnection();
    }

    @Override
    public void failConnection(Throwable cause) {
        requireNonNull(cause, "cause");
        beneath().failConnection(cause);
    }

    @Override
    public void pauseReading() {
        beneath().pauseReading();
    }

    @Override
    public void resumeReading() {
        beneath().resumeReading();
    }

    @Override
    public Transport beneath() {
        return transport;
    }
}
