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
    private final SharedBucket reading;
    private final SharedBucket writing;

    /// @param readBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    /// @param writeBytesPerSecond more than zero; [Long#MAX_VALUE] for no limit
    /// @param clock whose time counts
    public SharedRate(long readBytesPerSecond, long writeBytesPerSecond, Reactor clock) {
        RateLimit.requireRates(readBytesPerSecond, writeBytesPerSecond);
        reading = new SharedBucket(readBytesPerSecond, clock);
        writing = new SharedBucket(writeBytesPerSecond, clock);
    }

    /// For the reads of one more connection.
    Tokens reading() {
        return reading.share();
    }

    /// For the writes of one more connection.
    Tokens writing() {
        return writing.share();
    }
}
