package dev.torsion.reactor.testing;

import dev.torsion.reactor.Endpoint;

/// The contract on UNIX sockets in memory.
final class ManualUnixContractTest extends ReactorContract {
    @Override
    protected World world() {
        return new InMemory() {
            private int sockets;

            @Override
            public Endpoint endpoint() {
                return Endpoint.unix("/run/" + ++sockets + ".sock");
            }
        };
    }
}
