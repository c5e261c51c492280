package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// The ways in which the same bytes can arrive: whole, one at a time, and split at every point.
final class Feeding {
    private Feeding() {}

    static <P extends Protocol> void inEveryWay(
            Bytes input, Supplier<P> make, BiConsumer<P, MemoryTransport> check) {
        for (List<Bytes> pieces : everyWay(input)) {
            P protocol = make.get();
            MemoryTransport transport = MemoryTransport.connect(protocol);
            for (Bytes piece : pieces) {
                transport.receive(piece);
                transport.reactor().runUntilIdle();
            }
            check.accept(protocol, transport);
        }
    }

    private static List<List<Bytes>> everyWay(Bytes input) {
        List<List<Bytes>> ways = new ArrayList<>();
        List<Bytes> singles = new ArrayList<>();
        for (int i = 0; i < input.size(); i++) {
            singles.add(input.slice(i, i + 1));
            ways.add(List.of(input.slice(0, i), input.slice(i, input.size())));
        }
        ways.add(singles);
        return ways;
    }
}
