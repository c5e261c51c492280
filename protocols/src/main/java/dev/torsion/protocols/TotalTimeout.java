package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Closes connections that last too long, however busy they are: a peer that sends a byte now and
/// then is not idle, and still may not hold its place for ever.
///
/// The end is a [Transport#loseConnection] of what the protocol was given, so that what is buffered
/// still gets its chance, within the close deadline; and before that what a policy between holds
/// back, for as long as a [RateLimit] takes, be it behind TLS or a [ProxyProtocol].
///
/// **Thread:** as [ProtocolFactory]; [#timedOut()] is thread-safe.
public final class TotalTimeout implements ProtocolFactory {
    private final ProtocolFactory wrapped;
    private final Duration timeout;
    private final AtomicLong timedOut = new AtomicLong();

    /// @param timeout from `connectionMade` on; more than zero
    public TotalTimeout(ProtocolFactory wrapped, Duration timeout) {
        this.wrapped = wrapped;
        this.timeout = Delays.requirePositive("a total timeout", timeout);
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        Protocol protocol = wrapped.buildProtocol(peer);
        return protocol == null ? null : new Limited(protocol).faced();
    }

    /// How many connections were closed for lasting too long; one that its protocol had closed, and
    /// that a [RateLimit] within still held, is counted too.
    public long timedOut() {
        return timedOut.get();
    }

    private final class Limited extends WrappingProtocol {
        private @Nullable DelayedCall alarm;

        Limited(Protocol wrapped) {
            super(wrapped);
        }

        @Override
        public void connectionMade(Transport transport) {
            ClosingTransport given = new ClosingTransport(transport);
            alarm = transport.reactor().callLater(timeout, () -> end(given));
            super.connectionMade(given);
        }

        private void end(ClosingTransport transport) {
            if (!transport.isClosing()) {
                timedOut.incrementAndGet();
                transport.closeFromAbove();
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            if (alarm != null) {
                alarm.cancel();
            }
            super.connectionLost(reason);
        }
    }
}
