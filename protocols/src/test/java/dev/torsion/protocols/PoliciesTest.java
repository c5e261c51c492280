package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PoliciesTest {
    private static final Address ONE = new Address("192.0.2.1", 1000);
    private static final Address OTHER = new Address("192.0.2.2", 1000);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();

    private final class Told implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            told.add("made");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
        }

        @Override
        public void writableAgain() {
            told.add("again");
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    @Test
    void aConnectionLimitRefusesOneTooManyUntilOneIsLost() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 2, 2);
        MemoryTransport first = accept(limit, ONE);
        accept(limit, OTHER);

        assertThat(limit.buildProtocol(ONE)).isNull();
        assertThat(limit.open()).isEqualTo(2);
        assertThat(limit.refused()).isEqualTo(1);

        first.peerClosed();
        assertThat(limit.open()).isEqualTo(1);
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void aConnectionLimitRefusesOneTooManyFromOneHostWhateverItsPort() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        MemoryTransport first = accept(limit, ONE);

        assertThat(limit.buildProtocol(new Address(ONE.host(), 2000))).isNull();
        assertThat(limit.buildProtocol(OTHER)).isNotNull();

        first.peerReset();
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void aConnectionLimitDoesNotCountWhatTheWrappedFactoryRefuses() {
        List<@Nullable Protocol> answers = new ArrayList<>();
        answers.add(null);
        ConnectionLimit refusing = new ConnectionLimit(_ -> answers.getFirst(), 1, 1);
        assertThat(refusing.buildProtocol(ONE)).isNull();
        ConnectionLimit throwing =
                new ConnectionLimit(
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        1,
                        1);
        assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");

        assertThat(refusing.open()).isZero();
        assertThat(refusing.refused()).isZero();
        assertThat(throwing.open()).isZero();
    }

    @Test
    void anAcceptRateHoldsInAnySecondWhereverItBegins() {
        AcceptRate rate = new AcceptRate(_ -> new Told(), 2, reactor);
        accept(rate, ONE);
        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(100));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();
        assertThat(rate.refused()).isEqualTo(3);
    }

    @Test
    void anIdleTimeoutClosesWhenNothingIsReadOrWritten() {
        IdleTimeout idle = new IdleTimeout(_ -> new Told(), SECOND);
        MemoryTransport transport = accept(idle, ONE);
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(told).containsExactly("made", "lost: closed cleanly");
        assertThat(idle.timedOut()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void anIdleTimeoutStartsAnewWithEveryRead() {
        MemoryTransport transport = accept(new IdleTimeout(_ -> new Told(), SECOND), ONE);
        for (int i = 0; i < 5; i++) {
            reactor.advance(Duration.ofMillis(999));
            transport.receive(Bytes.utf8("x"));
        }
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void anIdleTimeoutStartsAnewWithEveryWrite() {
        List<Transport> seen = new ArrayList<>();
        Protocol writer =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        seen.add(transport);
                    }
                };
        MemoryTransport transport = accept(new IdleTimeout(_ -> writer, SECOND), ONE);
        reactor.advance(Duration.ofMillis(999));
        seen.getFirst().write(Bytes.utf8("x"));
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void anIdleTimeoutLeavesNoTimerBehind() {
        accept(new IdleTimeout(_ -> new Told(), SECOND), ONE).peerClosed();

        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void policiesStandOneInAnother() {
        ProtocolFactory door =
                new ConnectionLimit(
                        new AcceptRate(new IdleTimeout(_ -> new Told(), SECOND), 5, reactor), 2, 2);
        MemoryTransport transport = accept(door, ONE);
        transport.receive(Bytes.utf8("hello"));
        transport.writable(false);
        transport.write(Bytes.utf8("x"));
        transport.writable(true);
        transport.peerClosed();

        assertThat(told).containsExactly("made", "hello", "again", "lost: closed cleanly");
    }

    private MemoryTransport accept(ProtocolFactory factory, Address peer) {
        Protocol protocol = factory.buildProtocol(peer);
        if (protocol == null) {
            throw new AssertionError("refused " + peer);
        }
        return MemoryTransport.connect(reactor, protocol);
    }
}
