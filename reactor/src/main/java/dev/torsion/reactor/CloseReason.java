package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// Why a connection, or a UDP port, ended.
public sealed interface CloseReason {

    /// Closed cleanly, by either side: what was written before has been sent.
    record Done() implements CloseReason {
        @Override
        public String toString() {
            return "closed cleanly";
        }
    }

    /// Broken from outside: reset by the peer, or an input/output error.
    record Lost(Throwable cause) implements CloseReason {
        @Override
        public String toString() {
            return "connection lost: " + Thrown.text(cause);
        }
    }

    /// [Transport#abortConnection()] was called here, or a close deadline passed.
    record Aborted(@Nullable String why) implements CloseReason {
        @Override
        public String toString() {
            return why == null ? "aborted" : "aborted: " + why;
        }
    }

    /// Closed by the engine because of what this side did: the protocol threw, wrote past the hard
    /// limit, or wrote what could not be read or kept. Or there was no memory to write or read
    /// with: the cause is then an [OutOfMemoryError].
    record Failed(Throwable cause) implements CloseReason {
        @Override
        public String toString() {
            return "failed: " + Thrown.text(cause);
        }
    }
}
