package dev.torsion.gateways.nats;

import java.util.concurrent.atomic.LongAdder;

/// What a door counts.
final class Books {
    final LongAdder published = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder written = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder withheld = new LongAdder();
    final LongAdder slowConsumers = new LongAdder();
    final LongAdder staleConnections = new LongAdder();

    NatsStats snapshot(int connections) {
        return new NatsStats(
                connections,
                published.sum(),
                refused.sum(),
                written.sum(),
                dropped.sum(),
                withheld.sum(),
                slowConsumers.sum(),
                staleConnections.sum());
    }
}
