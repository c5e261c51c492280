package dev.torsion.reactor.testing;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// Two reactors, `here` and `there`, for a test of what every one promises. Both are stopped after
/// it.
abstract class TwoReactors {
    static final Duration PATIENCE = Duration.ofMinutes(1);

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    ReactorContract.World world;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    Reactor here;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    Reactor there;

    /// A new world, for one test.
    abstract ReactorContract.World world();

    @BeforeEach
    void start() {
        world = world();
        here = world.reactor();
        there = world.reactor();
    }

    @AfterEach
    void stop() {
        world.await(here.stop());
        world.await(there.stop());
    }

    /// For what happens at the close deadline.
    void haveHaste() {
        world.await(here.stop());
        world.await(there.stop());
        here = world.hastyReactor();
        there = world.hastyReactor();
    }

    <T> T onLoop(Reactor reactor, Callable<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        reactor.callFromThread(() -> complete(outcome, work));
        return world.await(outcome);
    }

    static <T> void complete(CompletableFuture<T> outcome, Callable<T> work) {
        try {
            outcome.complete(work.call());
        } catch (Throwable thrown) {
            outcome.completeExceptionally(thrown);
        }
    }

    void onLoop(Reactor reactor, Runnable work) {
        onLoop(
                reactor,
                () -> {
                    work.run();
                    return true;
                });
    }

    /// Gives what must not happen the time to happen. A test that needs this may miss a fault, but
    /// never sees one where there is none.
    void letTimePass() {
        letTimePass(Duration.ofMillis(50));
    }

    private void letTimePass(Duration time) {
        CompletableFuture<Void> later = new CompletableFuture<>();
        onLoop(there, () -> there.callLater(time, () -> later.complete(null)));
        world.await(later);
    }

    /// Runs on a thread that is no loop's.
    static void onAnotherThread(Runnable work) {
        FutureTask<Boolean> task = new FutureTask<>(work, true);
        Thread thread = new Thread(task, "another");
        thread.start();
        try {
            task.get();
        } catch (Exception failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    /// What `work` gives on a thread that is no loop's, while the loops go on.
    <T> T elsewhere(Callable<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("another").start(() -> complete(outcome, work));
        while (!outcome.isDone()) {
            letTimePass(Duration.ofMillis(1));
        }
        return world.await(outcome);
    }
}
