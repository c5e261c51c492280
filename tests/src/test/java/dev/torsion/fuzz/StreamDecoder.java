package dev.torsion.fuzz;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.MemoryTransport;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A protocol that cuts a stream. It promises: the same units and answers whether the bytes come in
/// one piece or one by one; no exception; memory for what has come, never for what is announced.
///
/// @param protocol makes one, which adds what it reads to the list
public record StreamDecoder(Function<List<String>, Protocol> protocol, List<byte[]> seeds)
        implements Decoder {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Far below what the decoders' limits allow to be announced.
    private static final long ALLOWED_AT_ALL = 2 << 20;

    private static final long ALLOWED_PER_BYTE = 4 << 10;

    /// What came of it.
    private record Outcome(List<String> read, String written, boolean closing) {}

    @Override
    public void feed(byte[] input) {
        long allowed = ALLOWED_AT_ALL + ALLOWED_PER_BYTE * input.length;
        long allocated = allocated(input);
        if (allocated > allowed) {
            // The first time it may have been classes that were loaded.
            allocated = allocated(input);
        }
        if (allocated > allowed) {
            throw new AssertionError(allocated + " bytes allocated for " + input.length);
        }
        Outcome whole = run(input, input.length);
        Outcome singles = run(input, 1);
        if (!whole.equals(singles)) {
            throw new AssertionError("in one piece: " + whole + "; one by one: " + singles);
        }
    }

    private long allocated(byte[] input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        var _ = run(input, input.length);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private Outcome run(byte[] input, int pieceSize) {
        List<String> read = new ArrayList<>();
        MemoryTransport transport = MemoryTransport.connect(protocol.apply(read));
        for (int at = 0; at < input.length; at += pieceSize) {
            transport.receive(Bytes.wrap(input, at, pieceSize));
        }
        boolean closing = transport.isClosing();
        transport.reactor().runUntilIdle();
        if (transport.closeReason() instanceof CloseReason.Failed(Throwable cause)) {
            throw new AssertionError("the decoder threw", cause);
        }
        return new Outcome(List.copyOf(read), transport.takeWrittenText(), closing);
    }
}
