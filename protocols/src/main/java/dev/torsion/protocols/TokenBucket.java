package dev.torsion.protocols;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How many bytes a rate allows now. It may be overdrawn, which later time makes up for.
final class TokenBucket {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    /// Slow rates do not send single bytes.
    private static final long LEAST_WORTH_A_CALL = 1 << 10;

    private final double perSecond;
    private final double most;
    private final Reactor clock;
    private double tokens;
    private long filledAt;

    /// Full at first: a tenth of a second's bytes, one at least.
    TokenBucket(long perSecond, Reactor clock) {
        this.perSecond = perSecond;
        this.most = Math.max(1, perSecond / 10.0);
        this.clock = clock;
        this.tokens = most;
        this.filledAt = clock.nanoTime();
    }

    /// Takes `count` bytes, allowed or not.
    void take(int count) {
        fill();
        tokens -= count;
    }

    /// How many bytes are allowed now; zero if it is overdrawn.
    long allowed() {
        fill();
        return (long) Math.max(0, tokens);
    }

    /// The least that is worth a call of its own: a fiftieth of a second's bytes, or a KiB.
    long worthACall() {
        return Math.max(LEAST_WORTH_A_CALL, (long) (most / 5));
    }

    /// How long until `count` bytes are allowed, or as many as fit; zero if they are now.
    Duration until(long count) {
        fill();
        double missing = Math.min((double) count, most) - tokens;
        return missing <= 0
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil(missing / perSecond * SECOND));
    }

    /// How long `count` bytes take at the rate.
    Duration whole(long count) {
        return Duration.ofNanos((long) (count / perSecond * SECOND));
    }

    private void fill() {
        long now = clock.nanoTime();
        tokens = Math.min(most, tokens + (now - filledAt) / SECOND * perSecond);
        filledAt = now;
    }
}
