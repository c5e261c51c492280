package dev.torsion.node;

import dev.torsion.netty.ShutdownHook;
import java.util.function.IntSupplier;

/// Ends the JVM at Ctrl-C and SIGTERM with an exit code of the command's own, where the JVM's would
/// be the signal's.
final class SignalExit {
    private SignalExit() {}

    /// @param ending runs when the signal comes; its result is the exit code
    static ShutdownHook with(IntSupplier ending) {
        return new ShutdownHook(() -> Runtime.getRuntime().halt(ending.getAsInt()));
    }
}
