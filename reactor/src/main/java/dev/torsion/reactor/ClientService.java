package dev.torsion.reactor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that keeps one connection: it connects when started, and again, after a growing delay,
/// whenever an attempt fails or the connection is lost. A [Connector] that throws is an attempt
/// that has failed. Where a [ReconnectDelay] throws, or is negative, the log says so and
/// [ReconnectDelay#standard()] is the delay.
///
/// ```
/// STOPPED ──start──▶ CONNECTING ──▶ PREPARING ──▶ CONNECTED
///    ▲                  ▲    └─ failed ─┤             │ lost
///    │                  └──────────── WAITING ◀───────┘
///    └── lost ── STOPPING ◀──stop── (any)
/// ```
///
/// **Thread:** thread-safe; everything it calls is called on the reactor's loop.
public final class ClientService implements Service {
    private static final Logger log = LoggerFactory.getLogger(ClientService.class);
    private static final int MOST_WAITERS = 10_000;

    private final Reactor reactor;
    private final Connector connector;
    private final ProtocolFactory factory;
    private final ClientOptions options;

    // Told on another thread of an end that the loop does not come to.
    private final Set<Waiter> waiters = Collections.synchronizedSet(new LinkedHashSet<>());
    private volatile boolean reactorEnded;

    // Of the loop alone.
    private @Nullable Link link;
    private @Nullable DelayedCall retry;
    private @Nullable CompletableFuture<Void> stopping;
    private @Nullable Registration ending;
    private boolean started;
    private boolean stoppedOnce;
    private int failures;

    /// A client that is not started yet.
    ///
    /// @param factory makes the protocol of each connection
    public ClientService(
            Reactor reactor, Connector connector, ProtocolFactory factory, ClientOptions options) {
        this.reactor = reactor;
        this.connector = connector;
        this.factory = factory;
        this.options = options;
    }

    /// Somebody who waits for a connection, and for how many more failures.
    private final class Waiter {
        private final Deferred<Protocol> outcome;
        private int failuresLeft;

        private Waiter(int failAfterFailures) {
            failuresLeft = failAfterFailures;
            outcome = new Deferred<>(reactor, () -> waiters.remove(this));
        }

        /// Whether this failure was one too many.
        private boolean givesUp() {
            return failuresLeft > 0 && --failuresLeft == 0;
        }
    }

    // ---- what others may ask ----

    /// Begins to connect; a failure to connect is no failure to start. While the connection of an
    /// earlier start is still closing, it begins when that is over.
    ///
    /// @return completes at once, on the loop; with [IllegalStateException] if it is started;
    ///   cancelling it ends the wait, not the start
    @Override
    public CompletionStage<Void> start() {
        Deferred<Void> outcome = new Deferred<>(reactor);
        Loops.enter(
                reactor,
                outcome,
                () -> {
                    if (started) {
                        outcome.fail(new IllegalStateException("this client is started already"));
                        return;
                    }
                    started = true;
                    failures = 0;
                    if (link == null) {
                        connect();
                    }
                    outcome.succeed(null);
                });
        return outcome;
    }

    /// Closes the connection, gives up an attempt, and fails all who wait with
    /// [CancellationException]. Idempotent.
    ///
    /// @return completes when the connection is lost, if there is one; cancelling it ends the wait,
    ///   not the stop
    @Override
    public CompletionStage<Void> stop() {
        Deferred<Void> outcome = new Deferred<>(reactor);
        Loops.enter(
                reactor,
                () -> {
                    started = false;
                    stoppedOnce = true;
                    if (retry != null) {
                        retry.cancel();
                        retry = null;
                    }
                    if (ending != null) {
                        ending.remove();
                        ending = null;
                    }
                    // Before the waiters are told, who may start it again.
                    CompletionStage<Void> closed = closeLink();
                    release(_ -> true, new CancellationException("the client was stopped"));
                    Loops.pass(closed, outcome);
                },
                () -> outcome.succeed(null));
        return outcome;
    }

    /// The connection, now or once there is one that is prepared. Before the first start it waits;
    /// after a stop, until the next start, it fails at once with [CancellationException]. At most
    /// 10,000 may wait; one more fails at once with [IllegalStateException].
    ///
    /// @param failAfterFailures the stage fails when that many attempts have failed since this was
    ///   called, with the last one's failure; 0 for never
    /// @return completes with the protocol that the factory made, or with [IllegalStateException]
    ///   when the reactor ends; cancelling it ends the wait
    public CompletionStage<Protocol> whenConnected(int failAfterFailures) {
        if (failAfterFailures < 0) {
            throw new IllegalArgumentException(
                    "a number of failures is 0 or more, not " + failAfterFailures);
        }
        Waiter waiter = new Waiter(failAfterFailures);
        Loops.enter(reactor, waiter.outcome, () -> admit(waiter));
        return waiter.outcome;
    }

    /// The connection, however many attempts fail before there is one: as [#whenConnected(int)],
    /// with 0.
    public CompletionStage<Protocol> whenConnected() {
        return whenConnected(0);
    }

    /// As [#whenConnected()], for who knows what its factory makes.
    ///
    /// @param type of the protocols
    /// @return fails with [ClassCastException] if the factory made another one
    public <P extends Protocol> CompletionStage<P> whenConnected(Class<P> type) {
        return whenConnected(0).thenApply(type::cast);
    }

    private void admit(Waiter waiter) {
        Protocol ready = link == null ? null : link.usable();
        if (ready != null && started) {
            waiter.outcome.succeed(ready);
        } else if (!started && stoppedOnce) {
            waiter.outcome.fail(new CancellationException("the client was stopped"));
        } else if (waiters.size() == MOST_WAITERS) {
            waiter.outcome.fail(
                    new IllegalStateException(MOST_WAITERS + " wait for this connection already"));
        } else {
            waiters.add(waiter);
            tellAtTheEnd();
        }
    }

    /// Nothing happens any more when the loop has ended: who waits then is told.
    private void tellAtTheEnd() {
        if (ending == null) {
            LastAction action = this::tellOfTheEnd; // by its type done even without a loop
            try {
                ending = reactor.at(Phase.AFTER_SHUTDOWN, "telling who waits", action);
            } catch (IllegalStateException endsJustNow) {
                reactorEnded = true;
            }
        }
        if (reactorEnded) {
            tellOfTheEnd();
        }
    }

    private @Nullable CompletionStage<?> tellOfTheEnd() {
        reactorEnded = true;
        release(_ -> true, new IllegalStateException("the reactor has ended"));
        return null;
    }

    // ---- attempts ----

    private void connect() {
        retry = null;
        Link next = new Link();
        link = next;
        next.connect();
    }

    private void connected(Link made, Protocol protocol) {
        if (made == link && started) {
            failures = 0;
            take(_ -> true).forEach(waiter -> waiter.outcome.succeed(protocol));
        }
    }

    /// There is no connection any more.
    ///
    /// @param failure why the attempt failed, or null if it had not
    private void disconnected(Link gone, @Nullable Throwable failure) {
        if (gone != link) {
            return;
        }
        link = null;
        CompletableFuture<Void> stopped = stopping;
        if (stopped != null) {
            stopping = null;
            if (started) {
                connect(); // before those who wait for the stop are told, who may start it too
            }
            stopped.complete(null);
            return;
        }
        if (failure != null) {
            failures++;
            log.info("attempt {} to connect failed: {}", failures, failure.toString());
            release(Waiter::givesUp, failure);
        }
        if (started && link == null && retry == null) {
            retry = reactor.callLater(delay(), this::connect);
        }
    }

    private Duration delay() {
        try {
            Duration delay = options.delay().after(failures, reactor.random());
            Delays.requireNotNegative("a delay", delay);
            return delay;
        } catch (Throwable thrown) {
            Thrown.log(log, "no delay before the next connect; the standard one is taken", thrown);
            return ReconnectDelay.standard().after(failures, reactor.random());
        }
    }

    private void release(Predicate<Waiter> whom, Throwable failure) {
        take(whom).forEach(waiter -> waiter.outcome.fail(failure));
    }

    private List<Waiter> take(Predicate<Waiter> whom) {
        List<Waiter> taken = new ArrayList<>();
        waiters.removeIf(waiter -> whom.test(waiter) && taken.add(waiter));
        return taken;
    }

    private CompletionStage<Void> closeLink() {
        CompletableFuture<Void> stopped = stopping;
        Link closing = link;
        if (stopped == null) {
            stopped = new CompletableFuture<>();
            if (closing == null || closing.isAttempt()) {
                link = null;
                stopped.complete(null);
            } else {
                stopping = stopped;
            }
            if (closing != null) {
                closing.giveUp();
            }
        }
        return stopped;
    }

    /// One attempt, and the connection it comes to.
    private final class Link implements ProtocolFactory, WatchedProtocol.Watcher {
        private @Nullable CompletableFuture<Protocol> attempt;
        private @Nullable Protocol protocol;
        private @Nullable Transport transport;
        private @Nullable DelayedCall deadline;
        private @Nullable CompletableFuture<?> preparing;
        private @Nullable Throwable failure;
        private boolean ready;

        void connect() {
            CompletableFuture<Protocol> outcome;
            try {
                outcome = connector.connect(this, timeout()).toCompletableFuture();
            } catch (Throwable thrown) {
                outcome = Deferred.failed(reactor, thrown);
            }
            attempt = outcome;
            var _ =
                    outcome.whenComplete((_, failed) -> {
                        if (transport == null) {
                            disconnected(this, failed);
                        } else if (failed == null) {
                            prepare();
                        } else {
                            failure = Deferred.cause(failed); // of a connection that is lost next
                        }
                    });
        }

        private Duration timeout() {
            Duration wanted = options.connectTimeout();
            return wanted == null ? connector.timeout() : wanted;
        }

        @Override
        public @Nullable Protocol buildProtocol(Address peer) {
            Protocol built = factory.buildProtocol(peer);
            protocol = built;
            return built == null ? null : WatchedProtocol.of(built, this);
        }

        @Override
        public void made(Transport made) {
            transport = made;
            if (link != this) {
                made.abortConnection();
            }
        }

        private void prepare() {
            Protocol made = protocol;
            if (made == null || link != this || stopping != null) {
                return;
            }
            deadline =
                    reactor.callLater(
                            options.preparationTimeout(),
                            () ->
                                    prepared(
                                            made,
                                            new IOException(
                                                    "not prepared within "
                                                            + options.preparationTimeout())));
            CompletableFuture<?> work;
            try {
                work = Deferred.of(reactor, options.preparation().prepare(made));
            } catch (Throwable thrown) {
                work = Deferred.failed(reactor, thrown);
            }
            preparing = work;
            var _ = work.whenComplete((_, failed) -> prepared(made, failed));
        }

        private void prepared(Protocol made, @Nullable Throwable failed) {
            if (deadline == null) {
                return;
            }
            endPreparation();
            if (failed == null) {
                ready = true;
                connected(this, made);
            } else {
                failure = Deferred.cause(failed);
                transport().abortConnection();
            }
        }

        @Override
        public void lost(CloseReason reason) {
            endPreparation();
            Throwable why = failure;
            if (why == null && !ready) {
                why = new IOException("the connection was lost before it was prepared: " + reason);
            }
            disconnected(this, why);
        }

        /// What may be used, if anything.
        @Nullable Protocol usable() {
            return ready ? protocol : null;
        }

        /// Whether there is no connection yet that can be lost.
        boolean isAttempt() {
            return transport == null;
        }

        void giveUp() {
            endPreparation();
            ready = false;
            if (transport != null) {
                transport.loseConnection();
            } else if (attempt != null) {
                attempt.cancel(false);
            }
        }

        private void endPreparation() {
            if (deadline != null) {
                deadline.cancel();
                deadline = null;
            }
            if (preparing != null) {
                preparing.cancel(false);
                preparing = null;
            }
        }

        private Transport transport() {
            if (transport == null) {
                throw new IllegalStateException("no connection was made");
            }
            return transport;
        }
    }
}
