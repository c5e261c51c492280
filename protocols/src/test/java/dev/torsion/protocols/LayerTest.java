package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A layer of one's own under a protocol that cuts units.
final class LayerTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();

    /// Changes nothing, and comes up when the peer has said something.
    private final class Plain extends WrappingProtocol {
        private @Nullable Transport below;
        private boolean up;

        Plain(Protocol above) {
            super(above);
        }

        @Override
        public void connectionMade(Transport transport) {
            below = transport;
        }

        @Override
        public void dataReceived(Bytes data) {
            if (up) {
                super.dataReceived(data);
            } else if (below != null) {
                up = true;
                super.connectionMade(new ForwardingTransport(below) {});
            }
        }

        @Override
        public void writableAgain() {
            told.add("layer");
            if (up) {
                super.writableAgain();
            }
        }
    }

    /// Goes on over the layer at `LAYER`, writes at any other line.
    private final class Lines extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            switch (line.utf8()) {
                case "LAYER" -> {
                    var _ = startTls(Plain::new);
                }
                case "BYE" -> {
                    var _ = startTls(Plain::new);
                    transport().loseConnection();
                }
                case "NEXT" -> handOver(new Next(), transport());
                default -> told.add("room: " + sendLine(line));
            }
        }

        @Override
        protected void roomAgain() {
            told.add("lines");
        }
    }

    private final class Next implements Protocol {
        @Override
        public void writableAgain() {
            told.add("next");
        }
    }

    private MemoryTransport narrow(String... received) {
        MemoryTransport transport = MemoryTransport.connect(reactor, new Lines());
        transport.writable(false);
        for (String each : received) {
            transport.receive(Bytes.utf8(each + "\r\n"));
        }
        return transport;
    }

    @Test
    void isToldThatThereIsRoomBelowAndTellsWhoIsAbove() {
        narrow("LAYER", "up", "hello").writable(true);
        assertThat(told).containsExactly("room: false", "layer", "lines");
    }

    @Test
    void tellsWhomTheConnectionWasHandedOnTo() {
        narrow("LAYER", "up", "hello", "NEXT").writable(true);
        assertThat(told).containsExactly("room: false", "layer", "next");
    }

    /// Who was told so in plain text, and waits since then.
    @Test
    void thatIsNotUpKeepsNobodyWaitingForRoom() {
        narrow("hello", "LAYER").writable(true);
        assertThat(told).containsExactly("room: false", "layer", "lines");
    }

    @Test
    void thatIsNotUpTellsNobodyWhoHasClosedOfRoom() {
        narrow("hello", "BYE").writable(true);
        assertThat(told).containsExactly("room: false", "layer");
    }
}
