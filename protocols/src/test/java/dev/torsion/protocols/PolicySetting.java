package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the tests of policies share: a clock and connections in memory, and protocols that tell
/// what they hear.
abstract class PolicySetting {
    static final Address.Inet ONE = Address.of("192.0.2.1", 1000);
    static final Address.Inet OTHER = Address.of("192.0.2.2", 1000);
    static final Duration SECOND = Duration.ofSeconds(1);

    final ManualReactor reactor = new ManualReactor();
    final List<String> told = new ArrayList<>();

    class Told implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            told.add("made");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
        }

        @Override
        public void writableAgain() {
            told.add("again");
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    /// Gives its transport away.
    class Pausing extends Told {
        private @Nullable Transport transport;

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }
    }

    final class HalfClosing extends Pausing implements HalfCloseable {
        @Override
        public void readConnectionLost() {
            told.add("end");
        }
    }

    MemoryTransport accept(ProtocolFactory factory, Address peer) {
        return MemoryTransport.connect(
                reactor, requireNonNull(factory.buildProtocol(peer), "refused"));
    }
}
