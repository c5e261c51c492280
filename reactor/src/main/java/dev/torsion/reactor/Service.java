package dev.torsion.reactor;

import java.util.concurrent.CompletionStage;

/// Something that is started and stopped: a port, a client, a group of others ([ServiceGroup]).
///
/// **Thread:** both methods are thread-safe, and neither blocks.
public interface Service {

    /// Starts it.
    ///
    /// @return completes when it does its work, or with what keeps it from that; it is stopped then
    CompletionStage<Void> start();

    /// Stops it and gives back all it holds. Idempotent; a stopped service may be started again.
    ///
    /// @return completes when that is done
    CompletionStage<Void> stop();
}
