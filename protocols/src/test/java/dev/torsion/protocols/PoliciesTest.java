package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// All policies, and how they stand one in another; each has a test of its own besides.
final class PoliciesTest extends PolicySetting {
    @Test
    @SuppressWarnings("NullAway") // what callers without it do
    void failTheirConnectionForNoMissingReason() {
        List<Transport> transports = new ArrayList<>();
        Protocol remembering =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport made) {
                        transports.add(made);
                    }
                };
        MemoryTransport below =
                accept(
                        new TrafficLog(
                                new RateLimit(
                                        new IdleTimeout(_ -> remembering, SECOND), 1000, 1000),
                                told::add),
                        ONE);
        for (Transport each = transports.getFirst(); each != null; each = each.beneath()) {
            Transport transport = each;
            assertThatThrownBy(() -> transport.failConnection(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("cause");
        }

        assertThat(below.closeReason()).isNull();
    }

    @Test
    void timeoutsCountNobodyWhoClosesWithoutThem() {
        IdleTimeout idle = new IdleTimeout(_ -> closing(), SECOND);
        TotalTimeout total = new TotalTimeout(_ -> closing(), SECOND);
        for (ProtocolFactory factory : List.of(idle, total)) {
            MemoryTransport transport = accept(factory, ONE);
            transport.writable(false);
            transport.receive(Bytes.utf8("x"));
            reactor.advance(Duration.ofSeconds(5));
            assertThat(transport.closeReason()).isNull();

            reactor.advance(Duration.ofSeconds(5));
            assertThat(transport.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        }
        assertThat(idle.timedOut()).isZero();
        assertThat(total.timedOut()).isZero();
    }

    /// Writes back what comes, and closes.
    private Protocol closing() {
        return new Pausing() {
            @Override
            public void dataReceived(Bytes data) {
                transport().write(data);
                transport().loseConnection();
            }
        };
    }

    private List<UnaryOperator<ProtocolFactory>> policies() {
        return List.of(
                factory -> new IdleTimeout(factory, SECOND),
                factory -> IdleTimeout.ofReading(factory, SECOND),
                factory -> new TotalTimeout(factory, SECOND),
                factory -> new RateLimit(factory, 1000, 1000),
                factory -> RateLimit.sharing(factory, new SharedRate(1000, 1000, reactor)),
                factory -> new TrafficLog(factory, _ -> {}),
                factory -> new ConnectionLimit(factory, 1, 1),
                factory -> new ConnectionGroup<>((_, peer) -> factory.buildProtocol(peer)),
                factory -> new AcceptRate(factory, 1, reactor),
                factory -> new ProxySender(factory, new ProxyHeader.Unknown().version1()),
                factory -> new ProxyProtocol(factory, SECOND),
                factory -> WrappingProtocol.around(factory, PoliciesTest::inCapitals));
    }

    @Test
    void everyPolicyTellsAndChangesTheSocketOptionsOfItsConnection() {
        SocketOptions slow = SocketOptions.DEFAULT.withNoDelay(false);
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            Pausing inner = new Pausing();
            MemoryTransport below = accept(policy.apply(_ -> inner), ONE);
            below.receive(new ProxyHeader.Unknown().version1());
            assertThat(inner.transport().socketOptions()).isEqualTo(SocketOptions.DEFAULT);

            inner.transport().setSocketOptions(slow);
            assertThat(inner.transport().socketOptions()).isEqualTo(slow);
            assertThat(below.socketOptions()).isEqualTo(slow);
        }
    }

    @Test
    void everyPolicyTellsWhoIsAtTheOtherEndOfItsConnection() {
        PeerCredentials who = new PeerCredentials(1001, 100, 4711);
        reactor.credentials(who);
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            Pausing inner = new Pausing();
            Address peer = Address.unix("");
            Protocol outer = requireNonNull(policy.apply(_ -> inner).buildProtocol(peer));
            Address host = Address.unix("/run/app.sock");
            MemoryTransport below = MemoryTransport.connect(reactor, outer, peer, host);
            below.receive(new ProxyHeader.Unknown().version1());
            assertThat(inner.transport().peerCredentials()).isEqualTo(who);
        }
    }

    @Test
    void everyPolicyLeavesAHalfCloseableProtocolHalfCloseable() {
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            told.clear();
            HalfClosing half = new HalfClosing();
            MemoryTransport transport =
                    accept(policy.apply(new IdleTimeout(_ -> half, SECOND)), ONE);
            transport.receive(new ProxyHeader.Unknown().version1());
            transport.peerClosed();
            assertThat(told).endsWith("end");

            half.transport().loseConnection();
            reactor.runUntilIdle();
            assertThat(told).endsWith("end", "lost: closed cleanly");
        }
    }

    private static WrappingProtocol inCapitals(Protocol wrapped) {
        return new Rewriting(wrapped, text -> text.toUpperCase(Locale.ROOT));
    }

    @Test
    void aPolicyOfOnesOwnSeesWhatIsWrittenAndRefusesWhomTheWrappedFactoryRefuses() {
        Pausing inner = new Pausing();
        MemoryTransport transport =
                accept(WrappingProtocol.around(_ -> inner, PoliciesTest::inCapitals), ONE);
        inner.transport().write(Bytes.utf8("hello"));
        assertThat(transport.takeWrittenText()).isEqualTo("HELLO");
        assertThat(inner.transport().beneath()).isSameAs(transport);

        inner.transport().loseConnection();
        reactor.runUntilIdle();
        assertThat(told).endsWith("lost: closed cleanly");
        assertThat(WrappingProtocol.around(_ -> null, PoliciesTest::inCapitals).buildProtocol(ONE))
                .isNull();
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

    @Test
    void timeoutsLeaveARateLimitItsTimeToSendWhatWaits() {
        for (UnaryOperator<ProtocolFactory> timeout :
                List.<UnaryOperator<ProtocolFactory>>of(
                        factory -> new TotalTimeout(factory, SECOND),
                        factory -> new IdleTimeout(factory, SECOND))) {
            told.clear();
            Protocol talker =
                    new Told() {
                        @Override
                        public void connectionMade(Transport transport) {
                            transport.write(Bytes.wrap(new byte[5_000]));
                        }
                    };
            MemoryTransport transport =
                    accept(timeout.apply(new RateLimit(_ -> talker, Long.MAX_VALUE, 1_000)), ONE);
            reactor.advance(Duration.ofSeconds(20));

            assertThat(transport.takeWritten().size()).isEqualTo(5_000);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        }
    }

    /// One that asks somebody first whether it may.
    private static final class NeverMade extends WrappingProtocol {
        NeverMade(Protocol wrapped) {
            super(wrapped);
        }

        @Override
        public void connectionMade(Transport transport) {}
    }

    @Test
    void timeoutsAndAStopCloseWhatAPolicyWithinHasNotPassedOnYet() {
        ProtocolFactory pending = WrappingProtocol.around(_ -> new Told(), NeverMade::new);
        TotalTimeout total = new TotalTimeout(pending, SECOND);
        IdleTimeout idle = new IdleTimeout(pending, SECOND);
        for (ProtocolFactory factory : List.of(total, idle)) {
            MemoryTransport transport = accept(factory, ONE);
            reactor.advance(SECOND);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        }
        assertThat(total.timedOut()).isEqualTo(1);
        assertThat(idle.timedOut()).isEqualTo(1);

        MemoryTransport transport = accept(pending, ONE);
        reactor.stop();
        reactor.runUntilIdle();
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void aPolicyThatHalfClosesHearsOfTheEndWhateverIsBehindIt() {
        final class Watch extends WrappingProtocol implements HalfCloseable {
            Watch(Protocol behind) {
                super(behind);
            }

            @Override
            public void readConnectionLost() {
                told.add("seen");
                passOnReadConnectionLost();
            }
        }
        MemoryTransport half =
                accept(WrappingProtocol.around(_ -> new HalfClosing(), Watch::new), ONE);
        half.peerClosed();
        assertThat(told).endsWith("seen", "end");
        assertThat(half.closeReason()).isNull();

        MemoryTransport whole = accept(WrappingProtocol.around(_ -> new Told(), Watch::new), ONE);
        whole.peerClosed();
        reactor.runUntilIdle();
        assertThat(told).endsWith("seen", "lost: closed cleanly");
        assertThat(whole.closeReason()).isEqualTo(new CloseReason.Done());
    }
}
