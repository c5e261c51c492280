package dev.torsion.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What one connection receives, in order: bytes while reading is not paused, then the peer's end.
///
/// What the socket had been read of before a pause took hold is kept here, and comes first when
/// reading goes on.
final class Incoming {
    enum End {
        /// The peer may send more.
        AWAITED,
        /// The peer has ended its direction; something received may still be held.
        SEEN,
        /// All that was received, and its end, has been told.
        TOLD
    }

    private final DuplexChannel channel;
    private final Connection connection;
    private @Nullable ArrayDeque<ByteBuf> held; // null instead of empty
    private boolean paused;
    private End end = End.AWAITED;
    private @Nullable Throwable lateLoss; // after its end, and before that could be told

    Incoming(DuplexChannel channel, Connection connection) {
        this.channel = channel;
        this.connection = connection;
    }

    /// Takes over `buffer`.
    void add(ByteBuf buffer) {
        if (!buffer.isReadable()) {
            buffer.release();
        } else if (paused || held != null) {
            hold(buffer);
        } else {
            connection.deliver(buffer);
        }
    }

    private void hold(ByteBuf buffer) {
        if (held == null) {
            held = new ArrayDeque<>(2);
        }
        held.add(ReadBuffers.toKeep(buffer, channel.alloc()));
    }

    void pause() {
        paused = true;
        channel.config().setAutoRead(false);
    }

    /// Ends a pause. True if [#goOn()] must be called, from a turn of its own.
    boolean resume() {
        if (!paused) {
            return false;
        }
        paused = false;
        if (held != null || end != End.AWAITED) {
            return true;
        }
        channel.config().setAutoRead(true);
        return false;
    }

    /// Delivers what is held, until a pause or the connection's end; then the socket is read again.
    void goOn() {
        ByteBuf next;
        while (mayDeliver() && (next = nextHeld()) != null) {
            connection.deliver(next);
        }
        if (!mayDeliver()) {
            return;
        }
        if (end == End.AWAITED) {
            channel.config().setAutoRead(true);
        } else {
            tellEnd();
        }
    }

    private boolean mayDeliver() {
        return !paused && connection.open();
    }

    private @Nullable ByteBuf nextHeld() {
        ByteBuf next = held == null ? null : held.poll();
        if (next == null) {
            held = null;
        }
        return next;
    }

    /// The peer has ended its direction.
    void end() {
        if (end == End.AWAITED) {
            end = End.SEEN;
        }
        if (!paused && held == null) {
            tellEnd();
        }
    }

    private void tellEnd() {
        if (end == End.SEEN) {
            end = End.TOLD;
            connection.readEnded();
            if (lateLoss != null && connection.open()) {
                connection.lost(lateLoss);
            }
        }
    }

    /// The peer is lost after its end. What it had sent before is delivered all the same.
    void lost(Throwable cause) {
        if (held == null) {
            connection.lost(cause);
        } else {
            lateLoss = cause;
        }
    }

    /// Whether the peer has ended its direction.
    boolean ended() {
        return end != End.AWAITED;
    }

    /// Whether it has, and all it sent has been delivered.
    boolean endTold() {
        return end == End.TOLD;
    }

    /// Nothing more will be delivered; the socket is read, so that its end can be seen.
    void discard() {
        drop();
        if (end == End.AWAITED) {
            channel.config().setAutoRead(true);
        }
    }

    void drop() {
        if (held != null) {
            held.forEach(ByteBuf::release);
            held = null;
        }
    }
}
