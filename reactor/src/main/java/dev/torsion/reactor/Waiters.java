package dev.torsion.reactor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Those who wait for the connection of a [ClientService].
///
/// **Thread:** loop only, but [#newWaiter] and the end of the reactor, which comes on another
/// thread if the loop has died or hangs.
final class Waiters {
    private static final int MOST = 10_000;

    private final Reactor reactor;
    private final Set<Waiter> waiting = Collections.synchronizedSet(new LinkedHashSet<>());
    private volatile boolean reactorEnded;
    private @Nullable Registration ending;

    Waiters(Reactor reactor) {
        this.reactor = reactor;
    }

    final class Waiter {
        private final Deferred<Protocol> outcome;
        private int failuresLeft;

        private Waiter(int failAfterFailures) {
            failuresLeft = failAfterFailures;
            outcome = new Deferred<>(reactor, () -> waiting.remove(this));
        }

        Deferred<Protocol> outcome() {
            return outcome;
        }

        /// Whether this failure was one too many.
        private boolean givesUp() {
            return failuresLeft > 0 && --failuresLeft == 0;
        }
    }

    /// Somebody who is not among them yet.
    ///
    /// @param failAfterFailures is told of the failure of so many attempts; of none if 0
    Waiter newWaiter(int failAfterFailures) {
        return new Waiter(failAfterFailures);
    }

    /// Lets `waiter` wait, unless too many do.
    void add(Waiter waiter) {
        if (waiting.size() == MOST) {
            waiter.outcome.fail(
                    new IllegalStateException(MOST + " wait for this connection already"));
            return;
        }
        waiting.add(waiter);
        if (ending == null) {
            LastAction action = this::reactorEnds; // by this type called even without a loop
            try {
                ending = reactor.at(Phase.AFTER_SHUTDOWN, "telling who waits", action);
            } catch (IllegalStateException endsJustNow) {
                reactorEnded = true;
            }
        }
        if (reactorEnded) {
            var _ = reactorEnds();
        }
    }

    private @Nullable CompletionStage<?> reactorEnds() {
        reactorEnded = true;
        fail(_ -> true, new IllegalStateException("the reactor has ended"));
        return null;
    }

    void succeed(Protocol protocol) {
        take(_ -> true).forEach(waiter -> waiter.outcome.succeed(protocol));
    }

    void attemptFailed(Throwable failure) {
        fail(Waiter::givesUp, failure);
    }

    void failAll(Throwable failure) {
        if (ending != null) {
            ending.remove();
            ending = null;
        }
        fail(_ -> true, failure);
    }

    private void fail(Predicate<Waiter> whom, Throwable failure) {
        take(whom).forEach(waiter -> waiter.outcome.failUnlessGivenUp(failure));
    }

    /// All are taken before the first is told, who may come back.
    private List<Waiter> take(Predicate<Waiter> whom) {
        List<Waiter> taken = new ArrayList<>();
        waiting.removeIf(waiter -> whom.test(waiter) && taken.add(waiter));
        return taken;
    }
}
