package dev.torsion.protocols;

import java.time.Duration;

/// How many bytes one connection may read, or write, now.
///
/// **Thread:** that connection's loop.
interface Tokens {

    /// Takes `count` bytes, allowed or not.
    void take(int count);

    /// How many bytes are allowed now; zero if it is overdrawn.
    long allowed();

    /// The least that is worth a call of its own.
    long worthACall();

    /// How long until `count` bytes are allowed, or as many as fit; zero if they are now. What
    /// several share is put aside for who asks, in the order of asking.
    Duration until(long count);

    /// How long `count` bytes may take at the rate, if those who wait for it now take their share.
    Duration whole(long count);

    /// What was put aside is not needed any more. Idempotent.
    default void putBack() {}
}
