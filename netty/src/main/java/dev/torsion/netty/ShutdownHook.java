package dev.torsion.netty;

/// While it stands, the JVM does something before it ends for a signal (SIGINT, SIGTERM) or a
/// `System.exit`. The JVM waits for that, and its exit code is then its own: 130 after SIGINT, 143
/// after SIGTERM.
///
/// ```java
/// try (var _ = new ShutdownHook(this::sayGoodbye)) {
///     serve();
/// }
/// ```
public final class ShutdownHook implements AutoCloseable {
    private final Thread hook;

    /// @param ending runs on a thread of its own, beside other hooks; at once if the JVM is ending
    ///   already, which does not wait for it then
    public ShutdownHook(Runnable ending) {
        hook = new Thread(ending, "shutdown");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException _) {
            hook.start();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is ending, and the hook decides.
        }
    }
}
