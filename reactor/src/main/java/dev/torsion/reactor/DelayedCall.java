package dev.torsion.reactor;

import java.time.Duration;

/// A call that [Reactor#callLater] has promised. Loop only.
public interface DelayedCall {

    /// Takes the promise back.
    ///
    /// @return whether it was still to come
    boolean cancel();

    /// Moves the call to `delay` from now.
    ///
    /// @throws IllegalStateException if it has run or was cancelled
    void reset(Duration delay);

    /// Whether the call is still to come.
    boolean active();
}
