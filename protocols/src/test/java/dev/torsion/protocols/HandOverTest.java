package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class HandOverTest {
    private final List<String> told = new ArrayList<>();

    /// Answers the peer's end.
    private final class Answering implements HalfCloseable {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void readConnectionLost() {
            told.add("end");
            requireNonNull(transport).write(Bytes.utf8("answer"));
            requireNonNull(transport).loseConnection();
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    private class Handing extends LineProtocol {
        final Answering next = new Answering();

        @Override
        protected void lineReceived(Bytes line) {
            handOver(next, transport());
        }
    }

    private final class HalfClosing extends Handing implements HalfCloseable {
        @Override
        public void readConnectionLost() {
            next.readConnectionLost();
        }
    }

    /// Hands over, and ends its direction.
    ///
    /// @return what it is answered
    private String ended(Handing handing) {
        MemoryTransport transport = MemoryTransport.connect(handing);
        transport.receive(Bytes.utf8("go on\r\n"));
        transport.peerClosed();
        transport.reactor().runUntilIdle();
        return transport.takeWrittenText();
    }

    @Test
    void ofAConnectionThatHalfClosesLetsTheNextAnswerThePeersEnd() {
        assertThat(ended(new HalfClosing())).isEqualTo("answer");
        assertThat(told).containsExactly("end", "lost: closed cleanly");
    }

    @Test
    void ofAConnectionThatDoesNotMakesThePeersEndTheEndWhoeverIsNext() {
        assertThat(ended(new Handing())).isEmpty();
        assertThat(told).containsExactly("lost: closed cleanly");
    }

    @Test
    void ofAConnectionThatIsLostTellsTheNextThatItIs() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Answering(), 1, 1);
        List<Runnable> lookedUp = new ArrayList<>();
        LineProtocol door =
                new LineProtocol() {
                    @Override
                    protected void lineReceived(Bytes line) {
                        transport().pauseReading();
                        lookedUp.add(() ->
                                handOver(
                                        requireNonNull(limit.buildProtocol(transport().peer())),
                                        transport()));
                    }
                };
        MemoryTransport transport = MemoryTransport.connect(door);
        transport.receive(Bytes.utf8("who serves me?\r\n"));
        transport.peerReset();
        transport.reactor().runUntilIdle();
        lookedUp.getFirst().run();

        assertThat(told).singleElement().asString().startsWith("lost: ");
        assertThat(limit.open()).isZero();
    }

    @Test
    void ofAConnectionThatIsLostTellsTheNextThoughItCannotBegin() {
        List<CloseReason> lost = new ArrayList<>();
        Protocol failing =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport made) {
                        throw new IllegalStateException("by the test");
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        lost.add(reason);
                    }
                };
        Late door = new Late();
        MemoryTransport transport = MemoryTransport.connect(door);
        transport.peerClosed();
        transport.reactor().runUntilIdle();

        assertThatThrownBy(() -> door.give(failing)).hasMessage("by the test");
        assertThat(lost).containsExactly(new CloseReason.Done());
    }

    private static final class Late extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {}

        void give(Protocol next) {
            handOver(next, transport());
        }
    }
}
