package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The connection as a [FramingProtocol] sees it: knows whether reading is paused and whether this
/// side has ended it, keeps what is not cut yet when reading is paused, and what is written while a
/// layer comes up.
final class Gate extends ForwardingTransport {
    private final Runnable cutKept;
    private Bytes kept = Bytes.empty();
    private boolean paused; // by the protocol that has the connection
    private boolean held; // by the one that cuts
    private boolean closed;
    private boolean writeEnded; // alone, or by a policy that closes from above
    private @Nullable UnsentWrites unsent; // while a layer comes up
    private @Nullable Transport upper; // the layer's, once it is up

    /// @param cutKept takes what is kept, and reads on; gets a turn of its own
    Gate(Transport connection, Runnable cutKept) {
        super(connection);
        this.cutKept = cutKept;
    }

    @Override
    public Transport beneath() {
        return upper == null ? connection() : upper;
    }

    /// What is beneath all layers.
    Transport connection() {
        return super.beneath();
    }

    /// Whether no unit is to be handed out for now.
    boolean paused() {
        return paused || held;
    }

    /// Whether the protocol wants to hear the peer.
    boolean listening() {
        return !paused && !closed;
    }

    /// Whether no unit is to be handed out any more.
    boolean closed() {
        return closed;
    }

    /// Whether what is written from now on is ignored.
    boolean writeEnded() {
        return closed || writeEnded;
    }

    void connectionLost() {
        closed = true;
    }

    // ---- what waits to be cut ----

    /// Keeps what was not cut.
    ///
    /// @param rest may be borrowed
    void keep(Bytes rest) {
        kept = rest.owned();
    }

    int keptBytes() {
        return kept.size();
    }

    Bytes takeKept() {
        Bytes taken = kept;
        kept = Bytes.empty();
        return taken;
    }

    // ---- a layer ----

    /// From now on writes wait for a layer.
    void layerComes() {
        unsent = new UnsentWrites(reactor().writeMarks());
        held = false;
    }

    boolean isLayerComing() {
        return unsent != null;
    }

    /// Goes on through `transport`, with what has been asked of this one meanwhile.
    ///
    /// @return whether who was told that there is no room to write has it again
    boolean layerUp(Transport transport) {
        UnsentWrites written = requireNonNull(unsent, "no layer was to come up");
        unsent = null;
        upper = transport;
        comeOver(transport);
        if (paused()) {
            transport.pauseReading();
        }
        boolean roomAgain = written.sendThrough(transport);
        if (closed) {
            transport.loseConnection();
        }
        return roomAgain && !closed;
    }

    // ---- for the protocol ----

    @Override
    public boolean write(Bytes data) {
        reactor().requireLoop("Transport.write");
        if (unsent == null) {
            return super.write(data);
        }
        if (closed) {
            return false;
        }
        boolean room = unsent.add(data);
        if (unsent.pastHardLimit()) {
            failConnection(
                    new IOException(
                            "wrote past the hard limit of %d bytes before the layer was up"
                                    .formatted(reactor().writeMarks().hard())));
        }
        return room;
    }

    @Override
    public long pendingBytes() {
        reactor().requireLoop("Transport.pendingBytes");
        return super.pendingBytes() + (unsent == null ? 0 : unsent.bytes());
    }

    @Override
    public void loseConnection() {
        reactor().requireLoop("Transport.loseConnection");
        if (unsent == null) {
            super.loseConnection();
        }
        closed = true;
    }

    /// It is not the protocol's doing: a unit that it cuts off is told.
    @Override
    void closeHere() {
        beneath().loseConnection();
        writeEnded = true;
    }

    /// While a layer comes up, what is written still has to go through it, and it may have no half:
    /// it is the end as a whole then, as over TLS.
    @Override
    public void loseWriteConnection() {
        reactor().requireLoop("Transport.loseWriteConnection");
        if (unsent == null) {
            super.loseWriteConnection();
            writeEnded = true;
        } else {
            loseConnection();
        }
    }

    @Override
    public void abortConnection() {
        super.abortConnection();
        dropped();
    }

    @Override
    public void failConnection(Throwable cause) {
        super.failConnection(cause);
        dropped();
    }

    private void dropped() {
        if (unsent != null) {
            unsent.drop();
        }
        closed = true;
    }

    @Override
    public void pauseReading() {
        reactor().requireLoop("Transport.pauseReading");
        stopReading();
        paused = true;
    }

    @Override
    public void resumeReading() {
        reactor().requireLoop("Transport.resumeReading");
        paused = false;
        readOn();
    }

    // ---- for the one that cuts ----

    /// Pauses too, whatever the protocol does.
    void holdReading() {
        stopReading();
        held = true;
    }

    /// The end of that.
    void releaseReading() {
        if (held) {
            held = false;
            readOn();
        }
    }

    private void stopReading() {
        if (unsent == null) {
            super.pauseReading();
        }
    }

    private void readOn() {
        if (paused()) {
            return;
        }
        if (!kept.isEmpty()) {
            // Its own turn, as with bytes from the socket; they follow when it is empty.
            reactor().callFromThread(cutKept);
        } else if (unsent == null) {
            super.resumeReading();
        }
    }
}
