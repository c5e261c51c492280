package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open port of a [Host], and the connections it has accepted.
final class Port implements ListeningPort {
    private static final Logger log = LoggerFactory.getLogger(Port.class);

    private final Host host;
    private final ManualReactor reactor;
    private final Address bound;
    private final SocketOptions options;
    private final ProtocolFactory factory;
    private final Set<Connection> accepted = new LinkedHashSet<>();
    private final Deferred<Integer> drained;
    private boolean draining;
    private int aborted;

    /// @param options of the connections that it accepts, if they are TCP
    Port(
            Host host,
            ManualReactor reactor,
            Address bound,
            SocketOptions options,
            ProtocolFactory factory) {
        this.host = host;
        this.reactor = reactor;
        this.bound = bound;
        this.options = options;
        this.factory = factory;
        drained = new Deferred<>(reactor);
    }

    ManualReactor reactor() {
        return reactor;
    }

    Address bound() {
        return bound;
    }

    SocketOptions options() {
        return options;
    }

    ProtocolFactory factory() {
        return factory;
    }

    void accepted(Connection connection) {
        accepted.add(connection);
        connection.whenClosed(() -> closed(connection));
    }

    private void closed(Connection connection) {
        accepted.remove(connection);
        endIfDrained();
    }

    @Override
    public Address address() {
        return bound;
    }

    @Override
    public int connections() {
        return accepted.size();
    }

    @Override
    public CompletionStage<Void> stopListening() {
        Deferred<Void> closed = new Deferred<>(reactor);
        if (reactor.isOver()) {
            closed.succeed(null);
        } else {
            reactor.onTimeline(() -> {
                host.stopListening(this);
                closed.succeed(null);
            });
        }
        return closed;
    }

    @Override
    public CompletionStage<Integer> drain(Duration deadline) {
        Delays.requireNotNegative("a deadline", deadline);
        if (reactor.isOver()) {
            drained.succeed(aborted);
        } else {
            reactor.callFromThread(() -> beginDrain(deadline));
        }
        return drained.copy();
    }

    private void beginDrain(Duration deadline) {
        host.stopListening(this);
        draining = true;
        reactor.after(deadline, this::abort);
        endIfDrained();
    }

    private void abort() {
        if (!accepted.isEmpty()) {
            log.warn("{}: the drain is over, {} connection(s) are aborted", bound, accepted.size());
            aborted += accepted.size();
            List.copyOf(accepted).forEach(late -> late.abort("the drain of its port is over"));
        }
    }

    private void endIfDrained() {
        if (draining && accepted.isEmpty()) {
            drained.succeed(aborted);
        }
    }
}
