package dev.torsion.fuzz;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A protocol that cuts a stream. It promises: the same units and answers whether the bytes come in
/// one piece or one by one; no exception; memory for what has come, never for what is announced.
///
/// @param protocol makes one, which adds what it reads to the list
public record StreamDecoder(Function<List<String>, Protocol> protocol, List<byte[]> seeds)
        implements Decoder {
    /// What came of it.
    private record Outcome(List<String> read, String written, boolean closing) {}

    @Override
    public void feed(byte[] input) throws Exception {
        Allocation.isBounded(input.length, () -> run(input, input.length));
        Outcome whole = run(input, input.length);
        Outcome singles = run(input, 1);
        if (!whole.equals(singles)) {
            throw new AssertionError("in one piece: " + whole + "; one by one: " + singles);
        }
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
        for (Throwable thrown : transport.reactor().failures()) {
            throw new AssertionError("a call of the decoder threw", thrown);
        }
        return new Outcome(List.copyOf(read), transport.takeWrittenText(), closing);
    }
}
