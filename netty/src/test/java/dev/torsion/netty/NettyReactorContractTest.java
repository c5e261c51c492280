package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.ReactorContract;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

final class NettyReactorContractTest extends ReactorContract {
    private static final ReactorOptions OPTIONS =
            ReactorOptions.DEFAULT
                    .withIo(ReactorOptions.Io.NIO)
                    .withCloseDeadline(Duration.ofMillis(500));

    @Override
    protected World world() {
        return new World() {
            @Override
            public Reactor reactor() {
                return NettyReactor.create(OPTIONS);
            }

            @Override
            public <T> T await(CompletionStage<T> stage) {
                return stage.toCompletableFuture().copy().orTimeout(10, SECONDS).join();
            }
        };
    }
}
