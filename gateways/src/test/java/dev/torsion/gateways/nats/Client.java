package dev.torsion.gateways.nats;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.testing.MemoryTransport;

/// A client of a door in memory: what it says arrives one byte at a time.
final class Client {
    private final MemoryTransport transport;

    Client(MemoryTransport transport) {
        this.transport = transport;
    }

    MemoryTransport transport() {
        return transport;
    }

    /// Says these lines.
    ///
    /// @return what it is answered
    String says(String... lines) {
        for (String line : lines) {
            transport.receiveOneByOne(Bytes.utf8(line + "\r\n"));
        }
        return hears();
    }

    /// What came since the last time, CR left out.
    String hears() {
        transport.reactor().runUntilIdle();
        return transport.takeWrittenText().replace("\r", "");
    }
}
