package dev.torsion.reactor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A port that is open while the service is started.
///
/// ```java
/// new ListeningService(() -> reactor.listen(endpoint, factory))
/// ```
///
/// Stopping closes the port alone; connections live on. Thread-safe.
public final class ListeningService implements Service {
    private final Supplier<ListeningPort> opening;
    private final AtomicReference<@Nullable ListeningPort> port = new AtomicReference<>();

    /// @param opening opens the port, at every start; it may throw [CannotListenException]
    public ListeningService(Supplier<ListeningPort> opening) {
        this.opening = opening;
    }

    /// Where it listens.
    ///
    /// @throws IllegalStateException if it is not started
    public Address address() {
        ListeningPort open = port.get();
        if (open == null) {
            throw new IllegalStateException("this port is not open");
        }
        return open.address();
    }

    /// Opens the port; it is open, or the stage has failed, when this returns.
    @Override
    public CompletionStage<Void> start() {
        try {
            ListeningPort opened = opening.get();
            if (port.compareAndSet(null, opened)) {
                return CompletableFuture.completedFuture(null);
            }
            return opened.stopListening()
                    .thenCompose(_ ->
                            CompletableFuture.failedFuture(
                                    new IllegalStateException("this port is open already")));
        } catch (RuntimeException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Override
    public CompletionStage<Void> stop() {
        ListeningPort open = port.getAndSet(null);
        return open == null ? CompletableFuture.completedFuture(null) : open.stopListening();
    }
}
