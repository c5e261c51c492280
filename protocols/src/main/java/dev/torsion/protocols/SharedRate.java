package dev.torsion.protocols;

import dev.torsion.reactor.Reactor;

/// So many bytes per second, each way, for all connections of a server together, or of several: see
/// [RateLimit#sharing].
///
/// Whoever has to wait for it gets the same as the others who do, however much waits at each and
/// whichever loop it is on: a KiB in turn, or a fiftieth of a second's bytes if those are more.
///
/// **Thread:** any.
public final class SharedRate {
    private final TokenBucket reading;
    private final TokenBucket writing;

    /// @param readBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    /// @param writeBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    /// @param clock whose time counts
    public SharedRate(long readBytesPerSecond, long writeBytesPerSecond, Reactor clock) {
        RateLimit.requireRates(readBytesPerSecond, writeBytesPerSecond);
        reading = new TokenBucket(readBytesPerSecond, clock);
        writing = new TokenBucket(writeBytesPerSecond, clock);
    }

    /// For the reads of all connections.
    TokenBucket reading() {
        return reading;
    }

    /// For the writes of all connections.
    TokenBucket writing() {
        return writing;
    }
}
