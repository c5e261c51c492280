package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A port that accepts connections until told to stop. Thread-safe.
public interface ListeningPort {

    /// Where it listens, with the real port where 0 was asked for.
    Address address();

    /// The number of the TCP port.
    ///
    /// @throws IllegalStateException if it listens elsewhere, on a UNIX socket for one
    default int port() {
        return switch (address()) {
            case Address.Inet inet -> inet.port();
            case Address.Unix unix ->
                    throw new IllegalStateException(unix + " has no port: it is no TCP address");
        };
    }

    /// How many of the connections it has accepted are open now; on all loops of a group. One that
    /// this side has closed counts until its socket is closed, which may be a moment after its
    /// protocol was told.
    int connections();

    /// Stops accepting; connections already accepted live on. Idempotent.
    ///
    /// @return completes when the socket is closed; cancelling it ends the wait, not the closing.
    ///   Fails, which does not end the closing either, if a loop of a group hangs and listens on
    CompletionStage<Void> stopListening();

    /// Stops accepting, and waits for the connections it has accepted to end, as their protocols
    /// and peers have it. Those that are still there at `deadline` are aborted.
    ///
    /// The connections are told nothing: this is for those that soon end of themselves, a request
    /// and its answer. Of those that stay, as in a chat, a drain waits for its whole deadline and
    /// then breaks them; they need none, for a reactor that stops asks each protocol to close
    /// ([Protocol#closeAsked]).
    ///
    /// ```java
    /// reactor.at(Phase.BEFORE_SHUTDOWN, "drain", () -> port.drain(Duration.ofSeconds(5)));
    /// ```
    ///
    /// @return completes when they have ended, with how many were aborted. Not counted are those of
    ///   a loop that hangs, which are aborted when it goes on, and those that no protocol has been
    ///   told of yet, which are dropped
    /// @throws IllegalArgumentException if `deadline` is negative
    CompletionStage<Integer> drain(Duration deadline);
}
