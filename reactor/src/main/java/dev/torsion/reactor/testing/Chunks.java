package dev.torsion.reactor.testing;

import java.util.random.RandomGenerator;

/// How the bytes of a connection are cut into calls of `dataReceived`. TCP promises nothing about
/// it, so a protocol must do the same with all of them.
public enum Chunks {
    /// As they were sent.
    WHOLE {
        @Override
        int next(RandomGenerator chance, int available) {
            return available;
        }
    },
    /// One byte at a time.
    SINGLE_BYTES {
        @Override
        int next(RandomGenerator chance, int available) {
            return 1;
        }
    },
    /// Pieces of random size, from the seed.
    RANDOM {
        @Override
        int next(RandomGenerator chance, int available) {
            return 1 + chance.nextInt(available);
        }
    };

    /// How many of `available` bytes (at least 1) come next.
    abstract int next(RandomGenerator chance, int available);
}
