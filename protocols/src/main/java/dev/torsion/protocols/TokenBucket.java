package dev.torsion.protocols;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// So many bytes per second, for one connection or for many, on any loops. A tenth of a second's
/// bytes, one at least, may be taken at once; what is taken beyond that overdraws it, which later
/// time makes up for.
///
/// Each connection has a [Share]. Who has to wait reserves his bytes, as if he had taken them, and
/// his turn comes when time has made up for that; who asks after him waits longer. So it goes
/// round, a call's worth for each, and nobody starves.
///
/// **Thread:** any; each share is of one loop.
final class TokenBucket {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    /// Slow rates do not send single bytes.
    private static final long LEAST_WORTH_A_CALL = 1 << 10;

    private final double perSecond;
    private final double most;
    private final Reactor clock;
    private double tokens; // guarded by this, as what follows
    private long filledAt;
    private int waiting; // shares that have something reserved

    /// Full at first.
    TokenBucket(long perSecond, Reactor clock) {
        this.perSecond = perSecond;
        this.most = Math.max(1, perSecond / 10.0);
        this.clock = clock;
        this.tokens = most;
        this.filledAt = clock.nanoTime();
    }

    /// For one more connection.
    Share share() {
        return new Share();
    }

    /// @param count less than zero to give them back
    private synchronized void draw(long count) {
        long now = clock.nanoTime();
        tokens = Math.min(most, tokens + (now - filledAt) / SECOND * perSecond);
        filledAt = now;
        tokens = Math.min(most, tokens - count);
    }

    /// How many bytes one connection may read, or write, now.
    final class Share {
        private long reserved;
        private long readyAt; // while anything is reserved

        private Share() {}

        /// Takes `count` bytes, allowed or not.
        void take(long count) {
            synchronized (TokenBucket.this) {
                long ofReserved = Math.min(count, reserved);
                reserve(-ofReserved);
                draw(count - ofReserved);
            }
        }

        private void reserve(long more) {
            waiting -= reserved > 0 ? 1 : 0;
            reserved += more;
            waiting += reserved > 0 ? 1 : 0;
        }

        /// How many bytes are allowed now; zero if it is not its turn.
        long allowed() {
            synchronized (TokenBucket.this) {
                draw(0);
                return nanosLeft() > 0 ? 0 : reserved + (long) Math.max(0, tokens);
            }
        }

        private long nanosLeft() {
            return reserved == 0 ? 0 : Math.max(0, readyAt - clock.nanoTime());
        }

        /// The least that is worth a call of its own: a fiftieth of a second's bytes, or a KiB.
        long worthACall() {
            return Math.max(LEAST_WORTH_A_CALL, (long) (most / 5));
        }

        /// How long until `count` bytes are allowed, or as many as fit; zero if they are now. They
        /// are reserved until they are [taken][#take] or [put back][#putBack]. Who reserved less
        /// before takes his turn with that, unless nobody else waits.
        Duration until(long count) {
            synchronized (TokenBucket.this) {
                long more = Math.min(count, (long) most) - reserved;
                if (more > 0 && (reserved == 0 || waiting == 1)) {
                    reserve(more);
                    draw(more);
                    double overdrawn = Math.max(0, -tokens);
                    readyAt = clock.nanoTime() + (long) Math.ceil(overdrawn / perSecond * SECOND);
                }
                return Duration.ofNanos(nanosLeft());
            }
        }

        /// How long `count` bytes may take at the rate, if those who wait for it now take their
        /// share.
        Duration whole(long count) {
            synchronized (TokenBucket.this) {
                int others = reserved > 0 ? waiting - 1 : waiting;
                return Duration.ofNanos((long) (count / perSecond * SECOND))
                        .multipliedBy(others + 1L);
            }
        }

        /// What was reserved is not needed any more. Idempotent.
        void putBack() {
            synchronized (TokenBucket.this) {
                draw(-reserved);
                reserve(-reserved);
            }
        }
    }
}
