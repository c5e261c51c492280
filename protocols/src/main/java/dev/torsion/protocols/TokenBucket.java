package dev.torsion.protocols;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A rate of one connection's own. It may be overdrawn, which later time makes up for.
final class TokenBucket implements Tokens {
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

    @Override
    public void take(int count) {
        take((long) count);
    }

    /// @param count less than zero to give them back
    void take(long count) {
        fill();
        tokens = Math.min(most, tokens - count);
    }

    /// By how many bytes it is overdrawn; zero if it is not.
    double overdrawn() {
        fill();
        return Math.max(0, -tokens);
    }

    /// The most that may be taken at once: a tenth of a second's bytes, one at least.
    long most() {
        return (long) most;
    }

    @Override
    public long allowed() {
        fill();
        return (long) Math.max(0, tokens);
    }

    /// A fiftieth of a second's bytes, or a KiB.
    @Override
    public long worthACall() {
        return Math.max(LEAST_WORTH_A_CALL, (long) (most / 5));
    }

    @Override
    public Duration until(long count) {
        fill();
        double missing = Math.min((double) count, most) - tokens;
        return missing <= 0
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil(missing / perSecond * SECOND));
    }

    @Override
    public Duration whole(long count) {
        return Duration.ofNanos((long) (count / perSecond * SECOND));
    }

    private void fill() {
        long now = clock.nanoTime();
        tokens = Math.min(most, tokens + (now - filledAt) / SECOND * perSecond);
        filledAt = now;
    }
}
