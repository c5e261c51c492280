package dev.torsion.reactor.testing;

import java.util.random.RandomGenerator;

/// How the bytes of a connection are cut into calls of `dataReceived`. TCP promises nothing about
/// it, so a protocol must do the same with all of them.
public enum Chunks {
    /// As they were sent: what is written in one turn comes in one piece, and alone.
    WHOLE {
        @Override
        int next(RandomGenerator chance, int first, int all) {
            return first;
        }
    },
    /// One byte at a time.
    SINGLE_BYTES {
        @Override
        int next(RandomGenerator chance, int first, int all) {
            return 1;
        }
    },
    /// Pieces of random size, from the seed: a part of what was sent, or, where more than that
    /// waits to be read, the end of one thing and the beginning of another.
    RANDOM {
        @Override
        int next(RandomGenerator chance, int first, int all) {
            return 1 + chance.nextInt(all);
        }
    };

    /// How many bytes come next.
    ///
    /// @param first how many are left of what was sent first; at least 1
    /// @param all how many wait, those included
    abstract int next(RandomGenerator chance, int first, int all);
}
