package dev.torsion.protocols.tls;

import dev.torsion.reactor.Bytes;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The way in: makes records of what comes from the transport below, and opens them one by one.
///
/// What cannot be opened yet is kept: the beginning of a record, and while the layer is held the
/// rest of one chunk, since the transport below is paused then. Of a stranger less is kept.
final class RecordReader {
    /// TLS's own types of records are these; anything else the engine knows is no TLS.
    private static final int FIRST_TYPE = 20;

    private static final int LAST_TYPE = 23;
    private static final int HEADER = 5;

    /// RFC 5246 and 8446: 16 KiB, and what a cipher may add when nothing is compressed. The engine
    /// would take more, and from then on need more room than there is to answer.
    private static final int LARGEST = (16 << 10) + 320;

    /// The layer whose records these are.
    interface Reading {

        /// Whether there is anybody to read for.
        boolean receiving();

        /// Whether nothing may be opened for now.
        boolean held();

        /// How much may be kept meanwhile.
        int mostKept();

        /// The next record is of this type, as far as one can see from outside.
        void coming(byte type);

        /// A record was opened.
        ///
        /// @param plain what was in it, up to its position; given back after the call
        void opened(SSLEngineResult result, ByteBuffer plain);

        /// The engine does not take what came, and has an alert for the peer.
        void broken(SSLException why);

        /// What comes is longer than anything TLS allows, or may be kept; nothing more is opened.
        void tooLong(String why);
    }

    private final SSLEngine engine;
    private final Reading reading;
    private @Nullable ByteBuffer incoming; // not a whole record yet; its position is its end
    private Bytes backlog = Bytes.empty(); // what came after that

    RecordReader(SSLEngine engine, Reading reading) {
        this.engine = engine;
        this.reading = reading;
    }

    /// Opens what comes, or keeps it.
    ///
    /// @param chunk may be borrowed
    void take(Bytes chunk) {
        int size = chunk.size();
        int at = 0;
        while (at < size && reading.receiving()) {
            if (reading.held()) {
                keep(chunk.slice(at, size));
                return;
            }
            ByteBuffer buffer = incoming == null ? Buffers.take() : incoming;
            int count = Math.min(buffer.remaining(), size - at);
            Buffers.part(chunk, at, count).putInto(buffer);
            at += count;
            incoming = buffer;
            openWhole();
        }
    }

    private void keep(Bytes rest) {
        int bytes = rest.size() + (incoming == null ? 0 : incoming.position());
        if (bytes > reading.mostKept()) {
            reading.tooLong(
                    "%d bytes came behind a hello that is not answered yet; %d may"
                            .formatted(bytes, reading.mostKept()));
        } else {
            backlog = rest.owned();
        }
    }

    /// Opens what was kept while the layer was held.
    void goOn() {
        openWhole();
        Bytes rest = backlog;
        backlog = Bytes.empty();
        take(rest);
    }

    boolean isEmpty() {
        return incoming == null && backlog.isEmpty();
    }

    void drop() {
        if (incoming != null) {
            Buffers.give(incoming);
            incoming = null;
        }
        backlog = Bytes.empty();
    }

    /// Opens the whole records that are there.
    private void openWhole() {
        ByteBuffer buffer = incoming;
        if (buffer == null) {
            return;
        }
        incoming = null; // ours until the end of this call
        buffer.flip();
        try {
            boolean more = true;
            while (more && buffer.hasRemaining() && reading.receiving() && !reading.held()) {
                more = openNext(buffer);
            }
        } finally {
            buffer.compact();
            if (buffer.position() > 0 && reading.receiving()) {
                incoming = buffer;
            } else {
                Buffers.give(buffer);
            }
        }
        if (incoming != null && !incoming.hasRemaining() && !reading.held()) {
            reading.tooLong("what comes is no record of TLS, and has no end");
        }
    }

    /// @return whether there was a whole record
    private boolean openNext(ByteBuffer buffer) {
        byte type = buffer.get(buffer.position());
        if (type >= FIRST_TYPE && type <= LAST_TYPE && announced(buffer) > LARGEST) {
            reading.tooLong(
                    "a record of %d bytes was announced; TLS allows %d"
                            .formatted(announced(buffer), LARGEST));
            return false;
        }
        reading.coming(type);
        ByteBuffer plain = Buffers.take();
        try {
            SSLEngineResult result = engine.unwrap(buffer, plain);
            if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                return false;
            }
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                throw new IllegalStateException(
                        "a record has more than " + Buffers.SIZE + " bytes");
            }
            reading.opened(result, plain);
            return true;
        } catch (SSLException broken) {
            reading.broken(broken);
            return false;
        } finally {
            Buffers.give(plain);
        }
    }

    /// The length in the header of the next record, or 0 if it has not come yet.
    private static int announced(ByteBuffer buffer) {
        return buffer.remaining() < HEADER ? 0 : buffer.getShort(buffer.position() + 3) & 0xffff;
    }
}
