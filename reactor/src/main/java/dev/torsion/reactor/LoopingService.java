package dev.torsion.reactor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A [LoopingCall] that beats while the service is started.
///
/// ```java
/// new LoopingService(reactor, LoopingCall.of(reactor, Duration.ofMinutes(1), this::sweep))
/// ```
///
/// The first run is at the start. What ends the beat, an exception or a run that fails, is logged;
/// the service then does nothing until it is stopped and started again. Thread-safe.
public final class LoopingService implements Service {
    private static final Logger log = LoggerFactory.getLogger(LoopingService.class);

    private final Reactor reactor;
    private final LoopingCall call;
    private @Nullable CompletableFuture<Void> beating; // of the loop alone; till the last run ends

    /// @param reactor that of `call`
    /// @param call started and stopped by nobody else
    public LoopingService(Reactor reactor, LoopingCall call) {
        this.reactor = reactor;
        this.call = call;
    }

    /// Starts the beat.
    ///
    /// @return completes at once, on the loop; with [IllegalStateException] if it is started;
    ///   cancelling it ends the wait, not the start
    @Override
    public CompletionStage<Void> start() {
        Deferred<Void> outcome = new Deferred<>(reactor);
        Loops.enter(reactor, outcome, () -> begin(outcome));
        return outcome;
    }

    private void begin(Deferred<Void> outcome) {
        if (beating != null) {
            outcome.fail(new IllegalStateException("this looping service is started already"));
            return;
        }
        CompletableFuture<Void> over = new CompletableFuture<>();
        beating = over; // before the first run, which may stop this
        try {
            var _ =
                    call.start(true)
                            .exceptionally(this::broken)
                            .whenComplete((_, _) -> over.complete(null));
            outcome.succeed(null);
        } catch (IllegalStateException startedByAnother) {
            beating = null;
            outcome.fail(startedByAnother);
        }
    }

    private @Nullable Void broken(Throwable failure) {
        Thrown.log(log, "the beat of a looping service is over: its work failed", failure);
        return null;
    }

    /// Ends the beat.
    ///
    /// @return completes when the run that goes on is over; cancelling it ends the wait, not the
    ///   stop
    @Override
    public CompletionStage<Void> stop() {
        Deferred<Void> outcome = new Deferred<>(reactor);
        Loops.enter(reactor, () -> end(outcome), () -> outcome.succeed(null));
        return outcome;
    }

    private void end(Deferred<Void> outcome) {
        CompletionStage<Void> over = beating;
        beating = null;
        call.stop();
        if (over == null) {
            outcome.succeed(null);
        } else {
            Loops.pass(over, outcome);
        }
    }
}
