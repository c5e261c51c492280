package dev.torsion.reactor;

import java.time.Duration;
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
/// Stopping closes the port alone, and connections live on, unless they are to be
/// [drained][#draining]. Thread-safe.
public final class ListeningService implements Service {
    private final Reactor reactor;
    private final Supplier<ListeningPort> opening;
    private final @Nullable Duration drain;
    private final AtomicReference<@Nullable ListeningPort> port = new AtomicReference<>();

    /// @param reactor on whose loop the stages of this service complete
    /// @param opening opens the port, at every start; it may throw [CannotListenException]
    public ListeningService(Reactor reactor, Supplier<ListeningPort> opening) {
        this(reactor, opening, null);
    }

    private ListeningService(
            Reactor reactor, Supplier<ListeningPort> opening, @Nullable Duration drain) {
        this.reactor = reactor;
        this.opening = opening;
        this.drain = drain;
    }

    /// One whose stop waits for the connections it has accepted to end, and aborts those that are
    /// still there after `deadline`: [ListeningPort#drain].
    ///
    /// @throws IllegalArgumentException if `deadline` is negative
    public static ListeningService draining(
            Reactor reactor, Duration deadline, Supplier<ListeningPort> opening) {
        Delays.requireNotNegative("a deadline", deadline);
        return new ListeningService(reactor, opening, deadline);
    }

    /// Where it listens.
    ///
    /// @throws IllegalStateException if it is not started
    public Address address() {
        return port().address();
    }

    /// What it has opened.
    ///
    /// @throws IllegalStateException if it is not started
    public ListeningPort port() {
        ListeningPort open = port.get();
        if (open == null) {
            throw new IllegalStateException("this port is not open");
        }
        return open;
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
    /// @return completes when it is closed and drained; cancelling it ends the wait, not the stop
    @Override
    public CompletionStage<Void> stop() {
        ListeningPort open = port.getAndSet(null);
        if (open == null) {
            return Deferred.succeeded(reactor, null);
        }
        return Deferred.of(reactor, drain == null ? open.stopListening() : drained(open, drain));
    }

    private static CompletionStage<Void> drained(ListeningPort port, Duration deadline) {
        return port.drain(deadline).thenAccept(_ -> {});
    }
}
