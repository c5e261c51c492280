package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Closes connections on which nothing is received and nothing written for some time, or, made by
/// [#ofReading], nothing received, whatever is written: a chat or a broadcast, where everybody is
/// written to.
///
/// What counts is what reaches the protocol, so one that pauses its reading receives nothing. The
/// end is a [Transport#loseConnection] of what the protocol was given, so that what is buffered
/// still gets its chance, within the close deadline; and before that what a policy between holds
/// back, for as long as a [RateLimit] takes, be it behind TLS or a [ProxyProtocol]. A read or a
/// write that counts costs a look at the clock, no timer.
///
/// **Thread:** as [ProtocolFactory]; [#timedOut()] is thread-safe.
public final class IdleTimeout implements ProtocolFactory {
    private final ProtocolFactory wrapped;
    private final Duration timeout;
    private final boolean ofWriting;
    private final AtomicLong timedOut = new AtomicLong();

    /// What is received counts, and what is written.
    ///
    /// @param timeout more than zero
    public IdleTimeout(ProtocolFactory wrapped, Duration timeout) {
        this(wrapped, timeout, true);
    }

    private IdleTimeout(ProtocolFactory wrapped, Duration timeout, boolean ofWriting) {
        this.wrapped = wrapped;
        this.timeout = Delays.requirePositive("an idle timeout", timeout);
        this.ofWriting = ofWriting;
    }

    /// One for which what is received counts alone.
    ///
    /// @param timeout more than zero
    public static IdleTimeout ofReading(ProtocolFactory wrapped, Duration timeout) {
        return new IdleTimeout(wrapped, timeout, false);
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        Protocol protocol = wrapped.buildProtocol(peer);
        return protocol == null ? null : new Watched(protocol).faced();
    }

    /// How many connections were closed for being idle; one that its protocol had closed, and that
    /// a [RateLimit] within still held, is counted too.
    public long timedOut() {
        return timedOut.get();
    }

    private final class Watched extends WrappingProtocol {
        private @Nullable Watch watch;

        Watched(Protocol wrapped) {
            super(wrapped);
        }

        @Override
        public void connectionMade(Transport transport) {
            watch = new Watch(transport);
            super.connectionMade(watch);
        }

        @Override
        public void dataReceived(Bytes data) {
            if (watch != null) {
                watch.active();
            }
            super.dataReceived(data);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            if (watch != null) {
                watch.alarm.cancel();
            }
            super.connectionLost(reason);
        }
    }

    private final class Watch extends ClosingTransport {
        private long lastActive;
        private DelayedCall alarm;

        Watch(Transport transport) {
            super(transport);
            lastActive = reactor().nanoTime();
            alarm = reactor().callLater(timeout, this::look);
        }

        void active() {
            lastActive = reactor().nanoTime();
        }

        @Override
        public boolean write(Bytes data) {
            if (ofWriting) {
                active();
            }
            return super.write(data);
        }

        private void look() {
            Duration left = timeout.minusNanos(reactor().nanoTime() - lastActive);
            if (left.isPositive()) {
                alarm = reactor().callLater(left, this::look);
            } else if (!isClosing()) {
                timedOut.incrementAndGet();
                closeFromAbove();
            }
        }
    }
}
