package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// [Transport]: "a call from another thread throws", of the views of one too, before it changes
/// anything.
final class OffTheLoopTest {
    private final List<Transport> seen = new ArrayList<>();

    private class Keeping implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            seen.add(transport);
        }

        @Override
        public void dataReceived(Bytes data) {}

        @Override
        public void connectionLost(CloseReason reason) {}
    }

    private MemoryTransport made(Protocol protocol) {
        return MemoryTransport.connect(protocol);
    }

    private MemoryTransport accepted(ProtocolFactory factory) throws Exception {
        return made(requireNonNull(factory.buildProtocol(Address.of("127.0.0.1", 1))));
    }

    private static void refused(ThrowingCallable call) {
        Throwable thrown =
                CompletableFuture.supplyAsync(() -> catching(call), Thread::startVirtualThread)
                        .join();
        assertThatThrownBy(
                        () -> {
                            throw thrown;
                        })
                .isInstanceOf(IllegalStateException.class);
    }

    private static Throwable catching(ThrowingCallable call) {
        try {
            call.call();
            return new AssertionError("it was not refused");
        } catch (Throwable thrown) {
            return thrown;
        }
    }

    private void refusesAll(MemoryTransport below) {
        Transport transport = seen.getLast();
        long pending = transport.pendingBytes();
        refused(() -> transport.write(Bytes.utf8("x")));
        refused(transport::pendingBytes);
        refused(transport::loseConnection);
        refused(transport::loseWriteConnection);
        refused(transport::abortConnection);
        refused(() -> transport.failConnection(new IOException("no loop's")));
        refused(transport::pauseReading);
        refused(transport::resumeReading);
        assertThat(transport.pendingBytes()).isEqualTo(pending);
        below.reactor().runUntilIdle();
        assertThat(below.isClosing()).isFalse();
        assertThat(below.isPaused()).isFalse();
        assertThat(transport.write(Bytes.utf8("y"))).isTrue();
    }

    @Test
    void aConnectionInMemoryRefusesCalls() {
        refusesAll(made(new Keeping()));
    }

    @Test
    void aRateLimitRefusesCallsEvenWithSomethingQueued() throws Exception {
        MemoryTransport below = accepted(new RateLimit(_ -> new Keeping(), 1000, 1000));
        seen.getLast().write(Bytes.utf8("x".repeat(5000)));
        refused(() -> seen.getLast().write(Bytes.utf8("x")));
        refused(seen.getLast()::loseConnection);
        refused(seen.getLast()::loseWriteConnection);
        refused(seen.getLast()::pendingBytes);
        assertThat(seen.getLast().pendingBytes()).isPositive();
        assertThat(below.isClosing()).isFalse();
    }

    @Test
    void policiesThatWrapRefuseCalls() throws Exception {
        refusesAll(accepted(new IdleTimeout(_ -> new Keeping(), Duration.ofHours(1))));
        refusesAll(accepted(new RateLimit(_ -> new Keeping(), 1000, 1000)));
        refusesAll(accepted(new TrafficLog(_ -> new Keeping(), _ -> {})));
    }

    @Test
    void aFramingProtocolRefusesCallsWhileItsLayerComesUp() {
        Starting framing = new Starting();
        MemoryTransport below = made(framing);
        refusesAll(below);
        framing.start();
        refusesAll(below);
        assertThat(below.takeWritten().isEmpty()).isFalse(); // from before the layer alone
    }

    private final class Starting extends FramingProtocol {
        @Override
        protected void connected() {
            seen.add(transport());
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            return chunk.size();
        }

        @Override
        protected int unfinishedBytes() {
            return 0;
        }

        void start() {
            var _ =
                    startTls(_ ->
                            new Keeping() {
                                @Override
                                public void connectionMade(Transport transport) {} // never comes up
                            });
        }
    }
}
