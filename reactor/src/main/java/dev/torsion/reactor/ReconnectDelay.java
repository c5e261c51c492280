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

    /// 1.5 to the power of `failures` seconds, at most a minute, and up to a second of chance on
    /// top, so that the clients of a server that comes back do not all come at once. (Twisted's.)
    static ReconnectDelay standard() {
        return (failures, chance) -> {
            double seconds = Math.min(Math.pow(1.5, failures), 60) + chance.nextDouble();
            return Duration.ofNanos((long) (seconds * 1e9));
        };
    }
}
