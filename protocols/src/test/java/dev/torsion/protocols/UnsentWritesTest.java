package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnsentWritesTest {
    private final ManualReactor reactor = new ManualReactor();
    private final UnsentWrites unsent = new UnsentWrites(reactor.writeMarks());
    private final List<Integer> sizes = new ArrayList<>();
    private final MemoryTransport transport = MemoryTransport.connect(reactor, new Protocol() {});

    private boolean send() {
        return unsent.sendThrough(
                new ForwardingTransport(transport) {
                    @Override
                    public boolean write(Bytes data) {
                        sizes.add(data.size());
                        return super.write(data);
                    }
                });
    }

    @Test
    void joinsSmallWritesAndKeepsTheOrderOfAll() {
        StringBuilder written = new StringBuilder();
        for (int i = 0; i < 30_000; i++) {
            String next = i % 3000 == 0 ? "large".repeat(500) : String.valueOf(i % 10);
            written.append(next);
            unsent.add(Bytes.utf8(next));
        }
        assertThat(unsent.bytes()).isEqualTo(written.length());

        send();
        assertThat(sizes).hasSize(20);
        assertThat(transport.takeWrittenText()).isEqualTo(written.toString());
        assertThat(unsent.bytes()).isZero();
    }

    @Test
    void dropsAllOfThem() {
        unsent.add(Bytes.utf8("small"));
        unsent.add(Bytes.wrap(new byte[5000]));
        unsent.add(Bytes.utf8("small"));
        unsent.drop();

        assertThat(unsent.bytes()).isZero();
        assertThat(send()).isFalse();
        assertThat(sizes).isEmpty();
    }
}
