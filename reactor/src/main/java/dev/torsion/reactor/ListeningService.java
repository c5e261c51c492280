package dev.torsion.reactor;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A port that is open while the service is started.
///
/// ```java
/// new ListeningService(reactor, () -> reactor.listen(endpoint, factory))
/// ```
///
/// Stopping closes the port alone; connections live on. Thread-safe.
public final class ListeningService implements Service {
    private final Reactor reactor;
    private final Supplier<ListeningPort> opening;
    private final AtomicReference<@Nullable ListeningPort> port = new AtomicReference<>();

    /// @param reactor on whose loop the stages of this service complete
    /// @param opening opens the port, at every start; it may throw [CannotListenException]
    public ListeningService(Reactor reactor, Supplier<ListeningPort> opening) {
        this.reactor = reactor;
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
    ///
    /// @return completes with what `opening` threw if it did; with [IllegalStateException] if the
    ///   port is open already
    @Override
    public CompletionStage<Void> start() {
        if (port.get() != null) {
            return openAlready();
        }
        ListeningPort opened;
        try {
            opened = opening.get();
        } catch (RuntimeException failed) {
            return Deferred.failed(reactor, failed);
        }
        if (port.compareAndSet(null, opened)) {
            return Deferred.succeeded(reactor, null);
        }
        var _ = opened.stopListening();
        return openAlready();
    }

    private CompletionStage<Void> openAlready() {
        return Deferred.failed(reactor, new IllegalStateException("this port is open already"));
    }

    /// Closes the port.
    ///
    /// @return completes when it is closed; cancelling it ends the wait, not the stop
    @Override
    public CompletionStage<Void> stop() {
        ListeningPort open = port.getAndSet(null);
        return open == null
                ? Deferred.succeeded(reactor, null)
                : Deferred.of(reactor, open.stopListening());
    }
}
