package dev.torsion.reactor.testing;

import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// Reactors in memory, for the contract that every reactor keeps.
class InMemory implements ReactorContract.World {
    private final MemoryNetwork network = new MemoryNetwork(1);

    @Override
    public Reactor reactor() {
        return network.reactor("localhost");
    }

    @Override
    public PeerCredentials credentials(Reactor reactor) {
        return ((ManualReactor) reactor).credentials();
    }

    @Override
    public void raise(Reactor reactor, Signal signal) {
        ((ManualReactor) reactor).raise(signal);
    }

    @Override
    public <T> T await(CompletionStage<T> stage) {
        return network.await(stage, Duration.ofMinutes(1));
    }
}
