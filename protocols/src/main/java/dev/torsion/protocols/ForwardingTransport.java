package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;

/// Another transport seen through this one; what differs is overridden.
class ForwardingTransport implements Transport {
    private final Transport transport;

    ForwardingTransport(Transport transport) {
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
    }

    @Override
    public void loseWriteConnection() {
        transport.loseWriteConnection();
    }

    @Override
    public void abortConnection() {
        transport.abortConnection();
    }

    @Override
    public void pauseReading() {
        transport.pauseReading();
    }

    @Override
    public void resumeReading() {
        transport.resumeReading();
    }
}
