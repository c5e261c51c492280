package dev.torsion.protocols.tls;

import dev.torsion.reactor.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// The buffers of one loop's engines. A connection holds one only while it works, or while half a
/// record of its is there, so that idle connections cost none.
final class Buffers {
    /// Room for any record (RFC 8446, section 5.2: 16 KiB and 256 bytes, and its header; TLS 1.2
    /// allows 1 KiB more).
    static final int SIZE = 18 << 10;

    private static final int MOST_KEPT = 8;

    /// A loop is a thread, and all of a connection is on it.
    private static final ThreadLocal<Buffers> OF_LOOP = ThreadLocal.withInitial(Buffers::new);

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    private Buffers() {}

    static ByteBuffer take() {
        ByteBuffer kept = OF_LOOP.get().free.poll();
        return kept == null ? ByteBuffer.allocate(SIZE) : kept.clear();
    }

    static Bytes part(Bytes whole, int from, int count) {
        return count == whole.size() ? whole : whole.slice(from, from + count);
    }

    static void give(ByteBuffer buffer) {
        ArrayDeque<ByteBuffer> free = OF_LOOP.get().free;
        if (free.size() < MOST_KEPT) {
            free.push(buffer);
        }
    }
}
