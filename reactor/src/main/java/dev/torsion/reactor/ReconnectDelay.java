package dev.torsion.reactor;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a [ClientService] waits before it connects again.
@FunctionalInterface
public interface ReconnectDelay {

    /// Asked on the loop, before every attempt but the first.
    ///
    /// @param failures attempts that have failed since the last connection; 0 if it was lost just
    ///   now
    /// @param chance the reactor's
    /// @return zero or more; if it is less, or this throws, [#standard()] is asked instead
    Duration after(int failures, RandomGenerator chance);

    /// A second at first, half as much more after each failure, at most a minute, and up to a
    /// second of chance on top. (Twisted's.)
    static ReconnectDelay standard() {
        return growing(Duration.ofSeconds(1), 1.5, Duration.ofMinutes(1), Duration.ofSeconds(1));
    }

    /// `first` when there was no failure, `factor` times as much after each, at most `most`; and a
    /// part of `jitter` by chance on top, so that the clients of a server that comes back do not
    /// all come at once.
    ///
    /// @throws IllegalArgumentException if a duration is negative, or `factor` is less than 1
    static ReconnectDelay growing(Duration first, double factor, Duration most, Duration jitter) {
        Delays.requireNotNegative("a first delay", first);
        Delays.requireNotNegative("the longest delay", most);
        Delays.requireNotNegative("jitter", jitter);
        if (!(factor >= 1)) {
            throw new IllegalArgumentException(
                    "a delay grows by a factor of 1 or more, not " + factor);
        }
        return (failures, chance) -> {
            double grown = Math.min(nanos(first) * Math.pow(factor, failures), nanos(most));
            return Duration.ofNanos((long) (grown + nanos(jitter) * chance.nextDouble()));
        };
    }

    private static double nanos(Duration duration) {
        return duration.getSeconds() * 1e9 + duration.getNano();
    }
}
