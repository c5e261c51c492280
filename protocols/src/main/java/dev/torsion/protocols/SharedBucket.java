package dev.torsion.protocols;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A [TokenBucket] for many, on any loops. Who has to wait takes his bytes at once and overdraws
/// it, and his time comes when time has made up for that; who asks after him waits longer. So it
/// goes round, a call's worth for each, and nobody starves.
///
/// **Thread:** any; each [Share] is of one loop.
final class SharedBucket {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private final Reactor clock;
    private final TokenBucket bucket; // guarded by this
    private int waiting; // shares that have something reserved; guarded by this

    SharedBucket(long perSecond, Reactor clock) {
        this.perSecond = perSecond;
        this.clock = clock;
        this.bucket = new TokenBucket(perSecond, clock);
    }

    /// For one more connection.
    Tokens share() {
        return new Share();
    }

    /// @return how long until they may be used
    private synchronized long reserve(long count) {
        waiting++;
        bucket.take(count);
        return (long) Math.ceil(bucket.overdrawn() / perSecond * SECOND);
    }

    private synchronized void take(long count) {
        bucket.take(count);
    }

    private synchronized long allowed() {
        return bucket.allowed();
    }

    /// @param unused bytes of what was reserved
    private synchronized void waitsNoMore(long unused) {
        waiting--;
        bucket.take(-unused);
    }

    private synchronized int waiting() {
        return waiting;
    }

    private final class Share implements Tokens {
        private long reserved;
        private long readyAt; // while anything is reserved

        private long nanosLeft() {
            return reserved == 0 ? 0 : Math.max(0, readyAt - clock.nanoTime());
        }

        @Override
        public void take(int count) {
            long ofReserved = Math.min(count, reserved);
            reserved -= ofReserved;
            if (ofReserved > 0 && reserved == 0) {
                waitsNoMore(0);
            }
            if (count > ofReserved) {
                SharedBucket.this.take(count - ofReserved);
            }
        }

        @Override
        public long allowed() {
            return nanosLeft() > 0 ? 0 : reserved + SharedBucket.this.allowed();
        }

        @Override
        public long worthACall() {
            return bucket.worthACall();
        }

        @Override
        public Duration until(long count) {
            if (reserved == 0 && count > 0) {
                reserved = Math.min(count, bucket.most());
                readyAt = clock.nanoTime() + reserve(reserved);
            }
            return Duration.ofNanos(nanosLeft());
        }

        @Override
        public Duration whole(long count) {
            int others = reserved == 0 ? waiting() : waiting() - 1;
            return bucket.whole(count).multipliedBy(others + 1L);
        }

        @Override
        public void putBack() {
            if (reserved > 0) {
                waitsNoMore(reserved);
                reserved = 0;
            }
        }
    }
}
