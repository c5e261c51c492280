package dev.torsion.reactor.testing;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

final class ManualReactorContractTest extends ReactorContract {
    @Override
    protected World world() {
        MemoryNetwork network = new MemoryNetwork(1);
        return new World() {
            @Override
            public Reactor reactor() {
                return network.reactor("localhost");
            }

            @Override
            public <T> T await(CompletionStage<T> stage) {
                return network.await(stage, Duration.ofMinutes(1));
            }
        };
    }
}
