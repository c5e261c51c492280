package dev.torsion.netty;

import dev.torsion.reactor.ThreadWork;
import dev.torsion.reactor.Thrown;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one reactor has open, or under way.
///
/// **Thread:** loop only, except [#programs] and [#threadWork], which say themselves what any
/// thread may call.
final class Opened {
    private static final Logger log = LoggerFactory.getLogger(Opened.class);

    private final Runnable oneLess;
    private final Set<Listener> listeners = new LinkedHashSet<>();
    private final Set<Dial> dials = new LinkedHashSet<>();
    private final Set<Connection> connections = new LinkedHashSet<>();
    private final DatagramPorts datagramPorts;
    private final Programs programs;
    private final ThreadWork threadWork;

    /// @param oneLess is told that something has ended that a stop waits for
    Opened(NettyReactor reactor, Runnable oneLess) {
        this.oneLess = oneLess;
        datagramPorts = new DatagramPorts(reactor, oneLess);
        programs = new Programs(reactor, oneLess);
        threadWork = new ThreadWork(reactor, oneLess);
    }

    DatagramPorts datagramPorts() {
        return datagramPorts;
    }

    Programs programs() {
        return programs;
    }

    ThreadWork threadWork() {
        return threadWork;
    }

    void add(Listener listener) {
        listeners.add(listener);
    }

    void add(Dial dial) {
        dials.add(dial);
    }

    void add(Connection connection) {
        connections.add(connection);
    }

    void remove(Listener listener) {
        listeners.remove(listener);
        oneLess.run();
    }

    void remove(Dial dial) {
        dials.remove(dial);
    }

    void remove(Connection connection) {
        connections.remove(connection);
        oneLess.run();
    }

    int connections() {
        return connections.size();
    }

    /// Whether there is nothing left that a stop waits for.
    boolean isEmpty() {
        return connections.isEmpty()
                && listeners.isEmpty()
                && datagramPorts.isEmpty()
                && programs.isEmpty()
                && threadWork.isEmpty();
    }

    /// The reactor is being stopped: all of it is to end, in its own way.
    void close() {
        for (Listener listener : List.copyOf(listeners)) {
            var _ = listener.close();
        }
        stopDialling();
        List.copyOf(connections).forEach(Connection::askClose);
        programs.stop();
        datagramPorts.stopListening(); // now that all have said goodbye
    }

    private void stopDialling() {
        List.copyOf(dials).forEach(Dial::stopped);
    }

    /// The shutdown deadline has passed.
    void giveUp() {
        if (!connections.isEmpty()) {
            Thrown.warn(
                    log,
                    "open at the shutdown deadline, and aborted: {} connection(s), {}",
                    connections.size(),
                    connections.stream().limit(10).toList());
        }
        programs.logRunning();
        List.copyOf(connections)
                .forEach(late -> late.giveUp("the reactor stopped before everything was sent"));
        programs.abort("the reactor stopped before the program ended");
        threadWork.giveUp();
    }

    /// The loop is dying; it closes its sockets next.
    void abandon() {
        datagramPorts.stopListening();
        stopDialling();
        programs.abort("the loop has died");
    }

    /// Aborts the connections of `port`, and says how many they were.
    int abortAll(Port port, String why) {
        List<Connection> late = connections.stream().filter(one -> one.isServedFor(port)).toList();
        late.forEach(connection -> connection.giveUp(why));
        return late.size();
    }
}
