package dev.torsion.protocols.tls;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.ForwardingTransport;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;

/// What the protocol above a [TlsLayer] writes to.
final class Secured extends ForwardingTransport implements TlsTransport {
    private final TlsLayer layer;
    private final TlsSession session;

    Secured(TlsLayer layer, Transport lower, TlsSession session) {
        super(lower);
        this.layer = layer;
        this.session = session;
    }

    @Override
    public TlsSession session() {
        return session;
    }

    @Override
    public boolean peerEnded() {
        reactor().requireLoop("TlsTransport.peerEnded");
        return layer.peerEnded();
    }

    @Override
    public boolean write(Bytes data) {
        reactor().requireLoop("Transport.write");
        return layer.write(data);
    }

    /// In bytes of the transport below, and those that are not encrypted yet.
    @Override
    public long pendingBytes() {
        reactor().requireLoop("Transport.pendingBytes");
        return layer.pendingBytes();
    }

    @Override
    public void loseConnection() {
        reactor().requireLoop("Transport.loseConnection");
        layer.close();
    }

    @Override
    public void loseWriteConnection() {
        reactor().requireLoop("Transport.loseWriteConnection");
        layer.close();
    }

    @Override
    public void abortConnection() {
        reactor().requireLoop("Transport.abortConnection");
        layer.abort();
    }

    @Override
    public void failConnection(Throwable cause) {
        requireNonNull(cause, "cause");
        reactor().requireLoop("Transport.failConnection");
        layer.fail(cause);
    }

    @Override
    public void pauseReading() {
        reactor().requireLoop("Transport.pauseReading");
        layer.pause();
    }

    @Override
    public void resumeReading() {
        reactor().requireLoop("Transport.resumeReading");
        layer.resume();
    }

    @Override
    public String toString() {
        return beneath() + " over TLS";
    }
}
