package dev.torsion.reactor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Services that live together: started one after the other in their order, stopped one after the
/// other in reverse.
///
/// What is asked of a group is done in the order of asking, each when the one before is over;
/// cancelling the stage of an order ends the wait, not the order, but for that of [#stop]. So what
/// a child asks of its group while that starts or stops it comes after this order: it may ask, and
/// must not wait for it.
///
/// A child has the deadline for each of its starts and stops, and the stage of one that takes
/// longer is cancelled: one that does not start in time has failed, and is stopped; one that does
/// not stop in time is named in the log and left behind.
///
/// **Thread:** thread-safe. Children are started and stopped on the reactor's loop. The deadline is
/// a timer of that reactor, so the group is to be stopped before the reactor is, as
/// [#startWithReactor] sees to.
public final class ServiceGroup implements Service {
    private static final Logger log = LoggerFactory.getLogger(ServiceGroup.class);

    private final Reactor reactor;
    private final Duration deadline;

    // Of the loop alone.
    private final List<Service> children = new ArrayList<>();
    private final List<Service> started = new ArrayList<>();
    private boolean running;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    private Runnable giveUpCurrent = () -> {};

    /// No child is waited for until this stop is over.
    private CompletableFuture<Void> hurried = CompletableFuture.completedFuture(null);

    /// An empty group.
    ///
    /// @param deadline how long one child may take to start, and to stop
    public ServiceGroup(Reactor reactor, Duration deadline) {
        Delays.requirePositive("a deadline", deadline);
        this.reactor = reactor;
        this.deadline = deadline;
    }

    /// Puts `child` last, and starts it if the group is running.
    ///
    /// @return completes when that is done, or with what the child failed with; it is not in the
    ///   group then
    public CompletionStage<Void> add(Service child) {
        return inTurn(() -> running ? join(child) : keep(child));
    }

    /// Takes `child` out, and stops it if it was started.
    ///
    /// @return completes when that is done, or with [IllegalArgumentException] if it is not here
    public CompletionStage<Void> remove(Service child) {
        return inTurn(() -> leave(child));
    }

    /// Starts the children in order. If one fails, those before it are stopped again, in reverse.
    ///
    /// @return completes when all are up, or with what the failing child failed with; with
    ///   [IllegalStateException] if the group is running already
    @Override
    public CompletionStage<Void> start() {
        return inTurn(this::startAll);
    }

    /// Stops the children in reverse order. What fails or takes too long is logged, and does not
    /// keep the others from being stopped. Idempotent.
    ///
    /// @return completes when all are stopped, never with an exception. Cancelling it says that
    ///   there is no more time: whoever the group waits for is left behind, and those that were not
    ///   told to stop yet are told at once, in the same order, without waiting for any
    @Override
    public CompletionStage<Void> stop() {
        CompletableFuture<Void> over = new CompletableFuture<>();
        Deferred<Void> outcome = new Deferred<>(reactor, () -> hurry(over));
        Loops.enter(
                reactor,
                () -> inTurn(() -> stopAll().thenRun(() -> over.complete(null)), outcome),
                () -> outcome.succeed(null));
        return outcome;
    }

    private void hurry(CompletableFuture<Void> stop) {
        if (!stop.isDone()) {
            hurried = stop;
            giveUpCurrent.run();
        }
    }

    /// Ties this group to its reactor: started in [Phase#STARTUP], stopped in
    /// [Phase#BEFORE_SHUTDOWN], so that its children may still finish what they do. Those whose
    /// turn has not come at the shutdown deadline, because others hang, are told to stop then, and
    /// are not waited for.
    ///
    /// @return ends as that [#start] does; cancelling it ends the wait alone
    /// @throws IllegalStateException if the reactor has begun to stop
    public CompletionStage<Void> startWithReactor() {
        Deferred<Void> outcome = new Deferred<>(reactor);
        reactor.at(Phase.BEFORE_SHUTDOWN, "stop the services", this::stop);
        reactor.at(
                Phase.STARTUP,
                "start the services",
                () -> {
                    CompletionStage<Void> start = start();
                    Loops.pass(start, outcome);
                    return start;
                });
        return outcome;
    }

    private CompletionStage<Void> inTurn(Supplier<CompletionStage<Void>> step) {
        Deferred<Void> outcome = new Deferred<>(reactor);
        Loops.enter(reactor, outcome, () -> inTurn(step, outcome));
        return outcome;
    }

    private void inTurn(Supplier<CompletionStage<Void>> step, Deferred<Void> outcome) {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Boolean> before = last.handle((_, _) -> true);
        last = before.runAfterBoth(asked, () -> {}).thenCompose(_ -> step.get());
        Loops.pass(last, outcome);
        asked.complete(null); // now that it is the last: the step may ask for another one
    }

    private CompletionStage<Void> keep(Service child) {
        children.add(child);
        return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<Void> join(Service child) {
        return start(child).thenRun(() -> children.add(child));
    }

    private CompletionStage<Void> leave(Service child) {
        if (!children.remove(child)) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("this group has no such child: " + child));
        }
        return started.contains(child) ? stop(child) : CompletableFuture.completedFuture(null);
    }

    private CompletionStage<Void> startAll() {
        if (running) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("this group is running already"));
        }
        running = true;
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (Service child : List.copyOf(children)) {
            all = all.thenCompose(_ -> start(child));
        }
        CompletionStage<Void> outcome = all;
        return all.handle((_, failure) -> failure == null ? outcome : undo(outcome))
                .thenCompose(done -> done);
    }

    private CompletionStage<Void> undo(CompletionStage<Void> failed) {
        return stopAll().thenCompose(_ -> failed);
    }

    private CompletionStage<Void> stopAll() {
        running = false;
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (Service child : List.copyOf(started).reversed()) {
            all = all.thenCompose(_ -> stop(child));
        }
        return all;
    }

    private CompletionStage<Void> start(Service child) {
        return inTime(child::start)
                .thenCompose(inTime -> {
                    if (!inTime) {
                        // It may come up all the same.
                        CompletionStage<Void> failed = late("start", child);
                        return stop(child).thenCompose(_ -> failed);
                    }
                    started.add(child);
                    return CompletableFuture.completedFuture(null);
                });
    }

    private CompletionStage<Void> stop(Service child) {
        return inTime(child::stop)
                .<Void>thenCompose(inTime ->
                        inTime ? CompletableFuture.completedFuture(null) : late("stop", child))
                .handle((_, failure) -> {
                    started.remove(child);
                    if (failure != null) {
                        Thrown.log(log, child + " did not stop and is left behind", failure);
                    }
                    return null;
                });
    }

    private CompletionStage<Void> late(String what, Service child) {
        String why =
                hurried.isDone()
                        ? "took longer than " + deadline
                        : "was given up with the stop of its group";
        return CompletableFuture.failedFuture(
                new TimeoutException("the %s of %s %s".formatted(what, child, why)));
    }

    /// Whether what `call` gives completes before the deadline, and is not given up before; on the
    /// loop, or with its failure.
    private CompletableFuture<Boolean> inTime(Supplier<CompletionStage<Void>> call) {
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        CompletableFuture<Void> stage;
        try {
            stage = Deferred.of(reactor, call.get());
        } catch (Throwable thrown) {
            return CompletableFuture.failedFuture(thrown);
        }
        DelayedCall late = reactor.callLater(deadline, () -> giveUp(stage, outcome));
        giveUpCurrent =
                () -> {
                    late.cancel();
                    giveUp(stage, outcome);
                };
        var _ = stage.whenComplete((_, failure) -> settle(outcome, late, failure));
        if (!hurried.isDone()) {
            giveUpCurrent.run();
        }
        return outcome;
    }

    /// A group that is given up tells its children to stop before the next child here is told.
    private static void giveUp(CompletableFuture<Void> stage, CompletableFuture<Boolean> outcome) {
        stage.cancel(false);
        outcome.complete(false);
    }

    private static void settle(
            CompletableFuture<Boolean> outcome, DelayedCall late, @Nullable Throwable failure) {
        boolean inTime = late.cancel();
        if (failure == null) {
            outcome.complete(true);
        } else if (inTime || !(failure instanceof CancellationException)) {
            outcome.completeExceptionally(failure);
        }
    }
}
