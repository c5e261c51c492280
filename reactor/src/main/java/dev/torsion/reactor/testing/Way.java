package dev.torsion.reactor.testing;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The network from one host to another, in that direction only: how long it takes, and whether it
/// is cut.
final class Way {
    private final Host from;
    private final Host to;
    private final RandomGenerator chance;
    private @Nullable Cut cut;
    private @Nullable Latency latency;

    /// A time underway between two bounds.
    record Latency(long leastNanos, long mostNanos) {
        static final Latency NONE = new Latency(0, 0);

        static Latency between(Duration least, Duration most) {
            if (least.isNegative() || most.compareTo(least) < 0) {
                throw new IllegalArgumentException(
                        "a latency is from zero or more to no less: " + least + " to " + most);
            }
            return new Latency(least.toNanos(), most.toNanos());
        }

        long draw(RandomGenerator chance) {
            return leastNanos == mostNanos
                    ? leastNanos
                    : chance.nextLong(leastNanos, mostNanos + 1);
        }
    }

    Way(Host from, Host to, RandomGenerator chance) {
        this.from = from;
        this.to = to;
        this.chance = chance;
    }

    Host from() {
        return from;
    }

    Host to() {
        return to;
    }

    @Nullable Cut cut() {
        return cut;
    }

    void cut(@Nullable Cut how) {
        cut = how;
    }

    /// Its own latency; null for the network's.
    void latency(@Nullable Latency own) {
        latency = own;
    }

    /// How long what is sent now is underway.
    long nanosUnderway(Latency usual) {
        if (from == to) {
            return 0;
        }
        return (latency == null ? usual : latency).draw(chance);
    }
}
