package dev.torsion.reactor;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that keeps one connection: it connects when started, and again, after a growing delay,
/// whenever an attempt fails or the connection is lost. A [Connector] that throws is an attempt
/// that has failed. Where a [ReconnectDelay] throws, or is negative, the log says so and
/// [ReconnectDelay#standard()] is the delay.
///
/// ```
/// NEW ──start──▶ CONNECTING ──▶ MADE ──▶ PREPARING ──▶ CONNECTED
///                 ▲     │ failed  └─ failed ─┴──▶ FAILED   │
///                 │     ▼                           │ lost │ lost
///                 └── WAITING ◀─────────────────────┴──────┘
///
/// any ──stop──▶ STOPPING ──lost──▶ STOPPED ──start──▶ CONNECTING
/// ```
///
/// A connection that is lost while MADE or PREPARING leads to WAITING too. STOPPING, if it is
/// started again, leads to CONNECTING; where there is no connection a stop leads to STOPPED at
/// once.
///
/// **Thread:** thread-safe; everything it calls is called on the reactor's loop.
public final class ClientService implements Service {
    private static final Logger log = LoggerFactory.getLogger(ClientService.class);
    private static final int SHOWN = 500; // characters of a failure, which may quote the server

    private final Reactor reactor;
    private final Connector connector;
    private final ProtocolFactory factory;
    private final ClientOptions options;
    private final Waiters waiters;

    // Of the loop alone.
    private State state = new State.New();
    private int failures; // since the last connection, or the last stop

    /// A new one is there before anybody is called who may stop this client, or start it again.
    private sealed interface State {

        /// Neither started nor stopped yet: who asks for a connection waits.
        record New() implements State {}

        /// Who asks for a connection is told so.
        record Stopped() implements State {}

        record Connecting(Attempt attempt) implements State {}

        record Waiting(DelayedCall retry) implements State {}

        /// There is a connection, which will be [lost][#lost].
        sealed interface Open extends State {
            Live live();
        }

        /// Its protocol is being told of it, and may yet fail the attempt.
        record Made(Live live, Attempt attempt) implements Open {}

        record Preparing(Live live, DelayedCall deadline, CompletableFuture<?> work)
                implements Open {}

        record Connected(Live live) implements Open {}

        /// It is of no use, and will be lost next.
        record Failed(Live live, Throwable why) implements Open {}

        /// @param closed completes when it is lost
        /// @param startAgain whether it was started again meanwhile
        record Stopping(Live live, CompletableFuture<Void> closed, boolean startAgain)
                implements Open {}
    }

    private record Live(Protocol protocol, Transport transport) {}

    /// A client that is not started yet.
    ///
    /// @param factory makes the protocol of each connection
    public ClientService(
            Reactor reactor, Connector connector, ProtocolFactory factory, ClientOptions options) {
        this.reactor = reactor;
        this.connector = connector;
        this.factory = factory;
        this.options = options;
        waiters = new Waiters(reactor);
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
                    if (begin()) {
                        outcome.succeed(null);
                    } else {
                        outcome.fail(new IllegalStateException("this client is started already"));
                    }
                });
        return outcome;
    }

    /// Whether it was not started before.
    private boolean begin() {
        return switch (state) {
            case State.New _, State.Stopped _ -> {
                connect();
                yield true;
            }
            case State.Stopping(Live live, CompletableFuture<Void> closed, boolean startAgain)
                    when !startAgain -> {
                state = new State.Stopping(live, closed, true);
                yield true;
            }
            case State.Connecting _, State.Waiting _, State.Open _ -> false;
        };
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
                    CompletableFuture<Void> closed = end();
                    waiters.failAll(wasStopped());
                    Loops.pass(closed, outcome);
                },
                () -> outcome.succeed(null));
        return outcome;
    }

    private CompletableFuture<Void> end() {
        failures = 0;
        switch (state) {
            case State.Stopping(Live live, CompletableFuture<Void> closed, _) -> {
                state = new State.Stopping(live, closed, false);
                return closed;
            }
            case State.Open open -> {
                var closed = new CompletableFuture<Void>();
                state = new State.Stopping(open.live(), closed, false);
                if (open instanceof State.Preparing preparing) {
                    giveUp(preparing);
                }
                open.live().transport().loseConnection();
                return closed;
            }
            case State.Connecting(Attempt attempt) -> {
                state = new State.Stopped();
                attempt.giveUp();
            }
            case State.Waiting(DelayedCall retry) -> {
                state = new State.Stopped();
                retry.cancel();
            }
            case State.New _, State.Stopped _ -> state = new State.Stopped();
        }
        return CompletableFuture.completedFuture(null);
    }

    private static CancellationException wasStopped() {
        return new CancellationException("the client was stopped");
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
        Waiters.Waiter waiter = waiters.newWaiter(failAfterFailures);
        Deferred<Protocol> outcome = waiter.outcome();
        Loops.enter(
                reactor,
                outcome,
                () -> {
                    switch (state) {
                        case State.Connected(Live live) -> outcome.succeed(live.protocol());
                        case State.Stopped _ -> outcome.fail(wasStopped());
                        case State.Stopping stopping when !stopping.startAgain() ->
                                outcome.fail(wasStopped());
                        case State.New _, State.Connecting _, State.Waiting _, State.Open _ ->
                                waiters.add(waiter);
                    }
                });
        return outcome;
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

    // ---- an attempt ----

    private void connect() {
        Attempt attempt = new Attempt();
        state = new State.Connecting(attempt);
        attempt.begin();
    }

    private final class Attempt implements ProtocolFactory {
        private final CompletableFuture<Void> givenUp = new CompletableFuture<>();

        void begin() {
            CompletableFuture<Protocol> outcome = outcome();
            var _ = outcome.whenComplete((_, failed) -> over(this, failed));
            var _ = givenUp.thenRun(() -> outcome.cancel(false)); // even if it was within connect()
        }

        private CompletableFuture<Protocol> outcome() {
            try {
                Duration wanted = options.connectTimeout();
                return connector
                        .connect(this, wanted == null ? connector.timeout() : wanted)
                        .toCompletableFuture();
            } catch (Throwable thrown) {
                return Deferred.failed(reactor, thrown);
            }
        }

        @Override
        public @Nullable Protocol buildProtocol(Address peer) {
            Protocol built = factory.buildProtocol(peer);
            return built == null
                    ? null
                    : WatchedProtocol.of(built, made -> made(this, new Live(built, made)));
        }

        void giveUp() {
            givenUp.complete(null);
        }
    }

    /// An attempt that was given up may come to a connection all the same.
    ///
    /// @return is told that it is lost
    private Consumer<CloseReason> made(Attempt attempt, Live live) {
        if (state instanceof State.Connecting(Attempt going) && going == attempt) {
            state = new State.Made(live, attempt);
        } else {
            live.transport().abortConnection();
        }
        return reason -> lost(live, reason);
    }

    /// The connector is done with an attempt, which may have been given up.
    private void over(Attempt attempt, @Nullable Throwable failed) {
        if (state instanceof State.Connecting(Attempt going) && going == attempt) {
            tryAgain(failed);
        } else if (state instanceof State.Made(Live live, Attempt going) && going == attempt) {
            if (failed == null) {
                prepare(live);
            } else {
                fail(live, Deferred.cause(failed));
            }
        }
    }

    // ---- a connection ----

    private void prepare(Live live) {
        CompletableFuture<?> work;
        try {
            work = Deferred.of(reactor, options.preparation().prepare(live.protocol()));
        } catch (Throwable thrown) {
            work = Deferred.failed(reactor, thrown);
        }
        if (!(state instanceof State.Made(Live made, _) && made.equals(live))) {
            var _ = work.handle((_, _) -> true); // it has ended the connection itself
            work.cancel(false);
            return;
        }
        Duration limit = options.preparationTimeout();
        DelayedCall deadline = reactor.callLater(limit, () -> notPrepared(live, limit));
        state = new State.Preparing(live, deadline, work);
        var _ = work.whenComplete((_, failed) -> prepared(live, failed));
    }

    private void prepared(Live live, @Nullable Throwable failed) {
        if (!(state instanceof State.Preparing preparing && preparing.live().equals(live))) {
            return;
        }
        preparing.deadline().cancel();
        if (failed == null) {
            state = new State.Connected(live);
            failures = 0;
            waiters.succeed(live.protocol());
        } else {
            fail(live, Deferred.cause(failed));
        }
    }

    private void notPrepared(Live live, Duration limit) {
        if (state instanceof State.Preparing preparing && preparing.live().equals(live)) {
            fail(live, new IOException("not prepared within " + limit));
            giveUp(preparing);
        }
    }

    private void fail(Live live, Throwable why) {
        state = new State.Failed(live, why);
        live.transport().abortConnection();
    }

    private static void giveUp(State.Preparing preparing) {
        preparing.deadline().cancel();
        preparing.work().cancel(false);
    }

    private void lost(Live live, CloseReason reason) {
        if (!(state instanceof State.Open open && open.live().equals(live))) {
            return; // it was not wanted any more when it was made
        }
        switch (open) {
            case State.Made _ -> tryAgain(unprepared(reason));
            case State.Preparing preparing -> {
                tryAgain(unprepared(reason));
                giveUp(preparing);
            }
            case State.Connected _ -> tryAgain(null);
            case State.Failed(_, Throwable why) -> tryAgain(why);
            case State.Stopping(_, CompletableFuture<Void> closed, boolean startAgain) -> {
                if (startAgain) {
                    connect(); // before those who wait for the stop are told, who may start it too
                } else {
                    state = new State.Stopped();
                }
                closed.complete(null);
            }
        }
    }

    private static IOException unprepared(CloseReason reason) {
        return new IOException("the connection was lost before it was prepared: " + reason);
    }

    // ---- between two ----

    /// @param failure why the attempt failed, or null if it had not
    private void tryAgain(@Nullable Throwable failure) {
        DelayedCall retry = reactor.callLater(Duration.ZERO, this::connect);
        state = new State.Waiting(retry);
        if (failure != null) {
            failures++;
        }
        Duration delay = delay();
        if (retry.active()) { // it may have stopped this client
            retry.reset(delay);
        }
        if (failure != null) {
            try {
                Throwable cause = Deferred.cause(failure);
                String why = PeerText.shown(Thrown.text(failure), SHOWN);
                if (cause instanceof UnsupportedOperationException) {
                    log.error("attempt {} to connect failed, as all will: {}", failures, why);
                } else {
                    log.info(
                            "attempt {} to connect failed: {}; the next in {} ms",
                            failures,
                            why,
                            TimeUnit.MILLISECONDS.convert(delay));
                }
            } finally {
                waiters.attemptFailed(failure);
            }
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
}
