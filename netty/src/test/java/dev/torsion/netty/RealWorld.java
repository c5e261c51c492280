package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.ReactorContract;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// Reactors on real sockets, for the contract that every reactor keeps.
record RealWorld(ReactorOptions.Io io) implements ReactorContract.World {

    /// Skips the tests, saying why, if sockets cannot be watched this way here.
    static void requireHere(ReactorOptions.Io io) {
        try {
            Sockets.choose(io);
        } catch (IllegalStateException absent) {
            Throwable why = absent.getCause() == null ? absent : absent.getCause();
            abort(absent.getMessage() + ": " + why.getMessage());
        }
    }

    @Override
    public Reactor reactor() {
        return NettyReactor.create(
                ReactorOptions.DEFAULT.withIo(io).withCloseDeadline(Duration.ofMillis(500)));
    }

    @Override
    public <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().copy().orTimeout(10, SECONDS).join();
    }
}
