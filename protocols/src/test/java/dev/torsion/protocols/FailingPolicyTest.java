package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A policy that fails before those within it hear of the connection.
final class FailingPolicyTest {
    private static final Address PEER = Address.of("192.0.2.1", 1000);
    private static final Duration SECOND = Duration.ofSeconds(1);

    static Stream<UnaryOperator<ProtocolFactory>> policies() {
        return Stream.of(
                factory -> new IdleTimeout(factory, SECOND),
                factory -> new TotalTimeout(factory, SECOND),
                factory -> new RateLimit(factory, 1000, 1000),
                factory ->
                        RateLimit.sharing(factory, new SharedRate(1000, 1000, new ManualReactor())),
                factory -> new TrafficLog(factory, _ -> {}),
                factory -> new ConnectionLimit(factory, 1, 1),
                factory -> new ConnectionGroup<>((_, peer) -> factory.buildProtocol(peer)),
                factory -> new AcceptRate(factory, 1, new ManualReactor()),
                factory -> new ProxySender(factory, new ProxyHeader.Unknown().version1()));
    }

    private static final class Failing extends WrappingProtocol {
        Failing(Protocol wrapped) {
            super(wrapped);
        }

        @Override
        public void connectionMade(Transport transport) {
            throw new IllegalStateException("as asked");
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void leavesNoPlaceTakenWithinAnother(UnaryOperator<ProtocolFactory> policy) {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Protocol() {}, 1, 1);
        ProtocolFactory door = WrappingProtocol.around(policy.apply(limit), Failing::new);
        MemoryTransport transport =
                MemoryTransport.connect(requireNonNull(door.buildProtocol(PEER)));
        transport.reactor().runUntilIdle();

        assertThat(transport.closeReason()).isInstanceOf(CloseReason.Failed.class);
        assertThat(limit.open()).isZero();
        assertThat(transport.reactor().pendingTimers()).isZero();
    }

    @Test
    void tellsOfNoEndWithoutABeginningWhenALineCannotBeWritten() {
        List<String> told = new ArrayList<>();
        Protocol telling =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        told.add("made");
                    }

                    @Override
                    public void connectionLost(CloseReason reason) {
                        told.add("lost: " + reason);
                    }
                };
        ProtocolFactory door =
                new TrafficLog(
                        _ -> telling,
                        line -> {
                            if (line.endsWith("made")) {
                                throw new IllegalStateException("the disk is full");
                            }
                        });
        MemoryTransport.connect(requireNonNull(door.buildProtocol(PEER))).reactor().runUntilIdle();

        assertThat(told).hasSize(2).first().isEqualTo("made");
        assertThat(told).last().asString().contains("the disk is full");
    }
}
