package dev.torsion.sim;

import dev.torsion.reactor.testing.ManualReactor;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A machine with one process on it: its lives, one after the other.
///
/// ```
/// UP ──kill, losePower, leave──▶ DOWN ──start──▶ UP, in a greater incarnation
/// ```
final class Machine {
    private static final int FAILURES_TOLD = 3;

    private final Simulation sim;
    private final String name;
    private final Consumer<ManualReactor> boot;
    private final Function<ManualReactor, CompletionStage<Void>> goodbye;
    private final Runnable ending;
    private long incarnation;
    private boolean paused;
    private boolean leaving;
    private @Nullable ManualReactor reactor;

    /// @param boot starts what runs there, at the start of each life
    /// @param goodbye begins to end it in good order; completes when its process may end
    /// @param ending is told just before a life ends, whichever way
    Machine(
            Simulation sim,
            String name,
            Consumer<ManualReactor> boot,
            Function<ManualReactor, CompletionStage<Void>> goodbye,
            Runnable ending) {
        this.sim = sim;
        this.name = name;
        this.boot = boot;
        this.goodbye = goodbye;
        this.ending = ending;
    }

    String name() {
        return name;
    }

    long incarnation() {
        return incarnation;
    }

    boolean isUp() {
        return reactor != null;
    }

    boolean isPaused() {
        return paused;
    }

    /// Whether it has been told to end and has not yet.
    boolean isLeaving() {
        return leaving;
    }

    ManualReactor reactor() {
        if (reactor == null) {
            throw new IllegalStateException(name + " is down");
        }
        return reactor;
    }

    void start() {
        incarnation++;
        ManualReactor fresh = sim.memory().reactor(name);
        reactor = fresh;
        sim.history().lived(name, incarnation, true);
        boot.accept(fresh);
        sim.vigil().began(name);
    }

    void kill() {
        sim.memory().kill(end());
    }

    void losePower() {
        sim.memory().losePower(end());
    }

    /// Ends it in good order, if it lives long enough for that.
    void leave() {
        ManualReactor leaving = reactor();
        sim.vigil().leaves(name);
        this.leaving = true;
        goodbye.apply(leaving)
                .whenComplete((_, _) -> {
                    if (reactor == leaving) {
                        kill();
                        sim.vigil().left(name, incarnation);
                    }
                });
    }

    private ManualReactor end() {
        ManualReactor ended = reactor();
        ending.run();
        tellFailures();
        sim.history().lived(name, incarnation, false);
        reactor = null;
        paused = false;
        leaving = false;
        return ended;
    }

    void pause() {
        paused = true;
        sim.memory().pause(reactor());
    }

    void resume() {
        paused = false;
        sim.memory().resume(reactor());
    }

    /// What was thrown where nobody catches is a broken claim of every run.
    void tellFailures() {
        List<Throwable> failures = reactor == null ? List.of() : reactor.failures();
        if (!failures.isEmpty()) {
            int told = Math.min(FAILURES_TOLD, failures.size());
            BrokenClaimError error =
                    new BrokenClaimError(
                            "no call on a loop throws", name + ": " + failures.subList(0, told));
            error.initCause(failures.getFirst());
            sim.broken(error);
        }
    }
}
