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
    /// @throws IllegalArgumentException if `delay` is negative
    /// @throws IllegalStateException if it has run or was cancelled
    void reset(Duration delay);

    /// Moves the call to `longer` after the moment it is promised for.
    ///
    /// @throws IllegalArgumentException if `longer` is negative
    /// @throws IllegalStateException if it has run or was cancelled
    void delay(Duration longer);

    /// Whether the call is still to come.
    boolean active();
}
