package dev.torsion.reactor;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What is to be done in a [Phase].
@FunctionalInterface
public interface PhaseAction {

    /// Does it, on the loop. An exception, like a stage that fails, is logged and holds nothing up.
    ///
    /// @return completes when it is done; null if it is already. Abandoned at the shutdown
    ///   deadline, it is cancelled, as far as nobody else waits for it
    @Nullable CompletionStage<?> run() throws Exception;
}
