package dev.torsion.reactor;

import java.util.concurrent.CompletionStage;

/// A port that accepts connections until told to stop. Thread-safe.
public interface ListeningPort {

    /// Where it listens, with the real port where 0 was asked for.
    Address address();

    /// Stops accepting; connections already accepted live on. Idempotent.
    ///
    /// @return completes when the socket is closed
    CompletionStage<Void> stopListening();
}
