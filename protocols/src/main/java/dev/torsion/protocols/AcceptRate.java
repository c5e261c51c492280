package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Refuses connections that come too fast: in any second, wherever it begins, no more than a number
/// of them get in. Refused ones do not count, whoever refuses them: this, or the factory behind it.
///
/// Shared by the loops of a group, the limit is over all of them. **Thread:** any.
public final class AcceptRate implements ProtocolFactory {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST = 1_000_000;

    private final ProtocolFactory wrapped;
    private final Reactor clock;

    /// When the last ones came in; the oldest is at [#oldest].
    private final long[] times;

    private final AtomicLong refused = new AtomicLong();
    private int filled;
    private int oldest;
    private int entering; // of whom the factory behind has not said yet whether they get in

    /// @param perSecond 1 to 1,000,000; each costs 8 bytes
    /// @param clock whose time counts
    public AcceptRate(ProtocolFactory wrapped, int perSecond, Reactor clock) {
        if (perSecond < 1 || perSecond > MOST) {
            throw new IllegalArgumentException(
                    "a rate is 1 to " + MOST + " per second, not " + perSecond);
        }
        this.wrapped = wrapped;
        this.clock = clock;
        this.times = new long[perSecond];
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        if (!enter()) {
            refused.incrementAndGet();
            return null;
        }
        Protocol protocol = null;
        try {
            protocol = wrapped.buildProtocol(peer);
        } finally {
            entered(protocol != null);
        }
        return protocol;
    }

    /// How many connections were refused.
    public long refused() {
        return refused.get();
    }

    /// Takes a place for one who may get in, if there is any.
    private synchronized boolean enter() {
        int toFree = filled + entering - times.length; // places before the one for this
        boolean room =
                toFree < 0
                        || (toFree < filled
                                && clock.nanoTime() - times[(oldest + toFree) % times.length]
                                        >= SECOND);
        if (room) {
            entering++;
        }
        return room;
    }

    private synchronized void entered(boolean in) {
        entering--;
        if (!in) {
            return;
        }
        if (filled < times.length) {
            times[filled++] = clock.nanoTime();
        } else {
            times[oldest] = clock.nanoTime();
            oldest = (oldest + 1) % times.length;
        }
    }
}
