package dev.torsion.reactor;

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

    /// Stops accepting; connections already accepted live on. Idempotent.
    ///
    /// @return completes when the socket is closed
    CompletionStage<Void> stopListening();
}
