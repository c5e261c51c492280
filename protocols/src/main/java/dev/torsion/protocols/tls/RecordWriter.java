package dev.torsion.protocols.tls;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The way out: gathers what is written, so that a turn's writes leave in as few records as hold
/// them, and hands the records to the transport below.
final class RecordWriter {
    /// RFC 8446, section 5.1.
    private static final int LARGEST_PLAIN = 16 << 10;

    /// What an engine may have to say of its own at once: new keys, a few alerts.
    private static final int MOST_OWN = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final Transport lower;
    private @Nullable ByteBuffer gathered;
    private boolean full;

    /// The engine neither takes what is to be sent nor says why.
    static final class StuckException extends SSLException {
        private static final long serialVersionUID = 1;

        StuckException(SSLEngineResult result) {
            super(
                    "the TLS engine does not go on: %s, %s"
                            .formatted(result.getStatus(), result.getHandshakeStatus()));
        }
    }

    RecordWriter(SSLEngine engine, Transport lower) {
        this.engine = engine;
        this.lower = lower;
    }

    /// Gathers `data`; makes records of what fills one.
    ///
    /// @param data may be borrowed
    void add(Bytes data) throws SSLException {
        int size = data.size();
        int at = 0;
        while (at < size) {
            ByteBuffer buffer = gathered == null ? Buffers.take() : gathered;
            gathered = buffer;
            int count = Math.min(LARGEST_PLAIN - buffer.position(), size - at);
            Buffers.part(data, at, count).putInto(buffer);
            at += count;
            if (buffer.position() == LARGEST_PLAIN) {
                flush();
            }
        }
    }

    /// Bytes that wait for [#flush].
    int gathered() {
        return gathered == null ? 0 : gathered.position();
    }

    /// Whether the transport below was above its high mark when it was last given a record.
    boolean full() {
        return full;
    }

    /// Makes a record of what was gathered. The engine may put its own before it: new keys, when
    /// the old ones have encrypted as much as they may.
    ///
    /// @throws StuckException if it is not taken; it is lost then
    void flush() throws SSLException {
        ByteBuffer plain = gathered;
        if (plain == null) {
            return;
        }
        gathered = null;
        plain.flip();
        try {
            int own = 0;
            while (plain.hasRemaining()) {
                SSLEngineResult result = wrap(plain);
                own = result.bytesConsumed() == 0 ? own + 1 : 0;
                if (result.bytesProduced() == 0 || own > MOST_OWN) {
                    throw new StuckException(result);
                }
            }
        } finally {
            Buffers.give(plain);
        }
    }

    /// Sends what the engine itself has to say.
    ///
    /// @return whether it may have more
    boolean sendOwn() throws SSLException {
        return wrap(NOTHING).getStatus() == Status.OK;
    }

    /// Sends what the engine has to say at its end: close_notify, or an alert.
    void sendEnd() throws SSLException {
        engine.closeOutbound();
        for (int i = 0; i < MOST_OWN && !engine.isOutboundDone(); i++) {
            if (wrap(NOTHING).bytesProduced() == 0) {
                return;
            }
        }
    }

    void drop() {
        if (gathered != null) {
            Buffers.give(gathered);
            gathered = null;
        }
    }

    /// Makes a record, and hands it down.
    private SSLEngineResult wrap(ByteBuffer plain) throws SSLException {
        ByteBuffer record = Buffers.take();
        try {
            SSLEngineResult result = engine.wrap(plain, record);
            if (record.position() > 0) {
                BorrowedBytes lent = BorrowedBytes.filled(record);
                try {
                    full = !lower.write(lent);
                } finally {
                    lent.end();
                }
            }
            return result;
        } finally {
            Buffers.give(record);
        }
    }
}
