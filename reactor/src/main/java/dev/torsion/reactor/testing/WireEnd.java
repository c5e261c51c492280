package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;

/// Joins a [Connection] to the two [Wire]s of its way, with a window that bounds what is underway.
final class WireEnd implements Outlet {
    private static final int WINDOW = 64 << 10;

    private final Wire outward;
    private final boolean resets;
    private int unread;
    private int kept; // of what came in, and is not read yet
    private int unannounced;

    /// @param resets whether the network knows a reset; else the peer sees an end like any other,
    ///   unless something that it sent is not read yet
    WireEnd(Wire outward, boolean resets) {
        this.outward = outward;
        this.resets = resets;
    }

    /// From now on, what arrives goes to `connection`.
    void join(Wire inward, Connection connection) {
        inward.deliverTo(connection.reactor(), packet -> receive(packet, connection));
    }

    private void receive(Packet packet, Connection connection) {
        switch (packet) {
            case Packet.Data data -> {
                kept += data.bytes().size();
                connection.arrived(data.bytes());
            }
            case Packet.Read read -> {
                unread -= read.count();
                connection.flush();
            }
            case Packet.Finish _ -> connection.peerFinished();
            case Packet.Reset _ -> connection.broken("connection reset by peer");
            case Packet.Open _, Packet.Accepted _, Packet.Refused _ ->
                    throw new IllegalStateException(packet + " on an open connection");
        }
    }

    @Override
    public int room() {
        return WINDOW - unread;
    }

    @Override
    public void send(Bytes bytes) {
        unread += bytes.size();
        outward.send(new Packet.Data(bytes));
    }

    @Override
    public void finish() {
        outward.send(new Packet.Finish());
    }

    @Override
    public void reset() {
        outward.send(resets || kept > 0 ? new Packet.Reset() : new Packet.Finish());
    }

    @Override
    public void consumed(int count) {
        kept -= count;
        unannounced += count;
        if (unannounced >= WINDOW / 2) {
            outward.send(new Packet.Read(unannounced));
            unannounced = 0;
        }
    }
}
