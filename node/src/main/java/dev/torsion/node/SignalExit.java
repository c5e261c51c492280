package dev.torsion.node;

import java.util.function.IntSupplier;

/// While it stands, Ctrl-C and SIGTERM end the JVM with an exit code of the command's own, where
/// the JVM's would be the signal's.
final class SignalExit implements AutoCloseable {
    private final Thread hook;

    /// @param ending runs when the signal comes; its result is the exit code
    SignalExit(IntSupplier ending) {
        hook = new Thread(() -> Runtime.getRuntime().halt(ending.getAsInt()), "signal");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The signal has come, and the hook decides.
        }
    }
}
