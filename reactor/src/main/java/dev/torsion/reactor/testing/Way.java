package dev.torsion.reactor.testing;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The network from one host to another, in that direction only: how long it takes, how much goes
/// through, what is lost on it, and whether it is cut.
final class Way {
    /// What a packet takes on the line beside its data: the headers of IP and TCP.
    private static final int HEADER_BYTES = 40;

    /// How long a sender waits before it sends again what was lost, at first; twice as long each
    /// time (RFC 6298 has one second at most; systems begin with 200 ms).
    private static final long RETRANSMISSION_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int MOST_RETRANSMISSIONS = 6;

    private final Host from;
    private final Host to;
    private final RandomGenerator chance;
    private final RandomGenerator lossChance;
    private final RandomGenerator chunkChance;
    private @Nullable Cut cut;
    private @Nullable Latency latency;
    private long bytesPerSecond;
    private int lossPercent;
    private long busyUntil;
    private final Set<Wire> busy = new LinkedHashSet<>();

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

    /// @param chances a stream of chance for each purpose
    Way(Host from, Host to, Function<String, RandomGenerator> chances) {
        this.from = from;
        this.to = to;
        String where = " from " + from.name() + " to " + to.name();
        this.chance = chances.apply("latency" + where);
        this.lossChance = chances.apply("loss" + where);
        this.chunkChance = chances.apply("chunks" + where);
    }

    Host from() {
        return from;
    }

    Host to() {
        return to;
    }

    /// Cuts what arrives into pieces.
    RandomGenerator chunkChance() {
        return chunkChance;
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

    /// How much goes through; zero for any amount.
    void limit(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
        busyUntil = 0;
    }

    /// How many of a hundred packets have to be sent again.
    void lose(int percent) {
        lossPercent = percent;
    }

    /// Whether what is sent now may take longer than it usually would.
    boolean isWorse() {
        return latency != null || bytesPerSecond > 0 || lossPercent > 0;
    }

    /// Something that may take longer is underway on a wire; nothing is any more.
    void begins(Wire wire) {
        busy.add(wire);
    }

    void ends(Wire wire) {
        busy.remove(wire);
    }

    /// It is better than it was.
    void hurry() {
        List.copyOf(busy).forEach(Wire::hurry);
    }

    /// When what is sent now on a connection arrives.
    long arrival(long now, Latency usual, Packet packet) {
        return from == to ? now : arrival(now, usual, packet.dataBytes()) + lostNanos();
    }

    /// When a datagram that is sent now arrives.
    long arrival(long now, Latency usual, int dataBytes) {
        if (from == to) {
            return now;
        }
        long sent = now;
        if (bytesPerSecond > 0) {
            double seconds = (double) (dataBytes + HEADER_BYTES) / bytesPerSecond;
            sent = Math.max(now, busyUntil) + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
            busyUntil = sent;
        }
        return sent + (latency == null ? usual : latency).draw(chance);
    }

    /// Whether a datagram that is sent now is lost.
    boolean loses() {
        return from != to && lossPercent > 0 && lossChance.nextInt(100) < lossPercent;
    }

    /// How many bytes wait because no more goes through.
    long waitingBytes(long now) {
        double seconds = (double) Math.max(0, busyUntil - now) / TimeUnit.SECONDS.toNanos(1);
        return (long) (seconds * bytesPerSecond);
    }

    private long lostNanos() {
        long lost = 0;
        for (int again = 0;
                lossPercent > 0
                        && again < MOST_RETRANSMISSIONS
                        && lossChance.nextInt(100) < lossPercent;
                again++) {
            lost += RETRANSMISSION_NANOS << again;
        }
        return lost;
    }
}
