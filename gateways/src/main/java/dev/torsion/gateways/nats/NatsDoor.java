package dev.torsion.gateways.nats;

import dev.torsion.bus.EventBus;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// Serves NATS clients on a node's bus: subjects are topics, a queue group is a group, a message is
/// an event. Thread-safe.
///
/// ```java
/// var door = new NatsDoor(bus, NatsOptions.of("edge", "edge-1"));
/// reactors.listen(Endpoint.tcp(4222), door);
/// ```
///
/// It differs from nats-server where a node's bus does, and says so to the client each time:
///
/// - a subject is a [dev.torsion.bus.Topic] and has its bounds; one that is not valid is refused in
///   or out of pedantic mode, because an event cannot be made of it;
/// - a member of a queue group gets its share even if it is its own and it asked for no echo, since
///   nobody else would;
/// - no users, no TLS, no JetStream.
public final class NatsDoor implements ProtocolFactory {
    private final EventBus bus;
    private final NatsOptions options;
    private final Books books = new Books();
    private final AtomicLong lastClientId = new AtomicLong();
    private final SortedMap<Long, ClientConnection> clients = new TreeMap<>(); // guarded by itself
    private boolean leaving; // guarded by clients

    public NatsDoor(EventBus bus, NatsOptions options) {
        this.bus = bus;
        this.options = options;
    }

    @Override
    public Protocol buildProtocol(Address peer) {
        return new ClientConnection(this, lastClientId.incrementAndGet());
    }

    /// The books of this door.
    public NatsStats stats() {
        return books.snapshot(clients().size());
    }

    /// The node is about to leave: clients are told so (INFO with `ldm`), and what they publish
    /// from then on is answered with an error; new ones are turned away. They still get what they
    /// subscribed, until [#drain()]. Idempotent.
    ///
    /// @return completes, on the home reactor of the bus, when the last message that was taken is
    ///   on the bus; cancelling it ends the wait alone
    public CompletionStage<Void> takeNoMore() {
        synchronized (clients) {
            leaving = true;
        }
        return all(ClientConnection::takeNoMore);
    }

    /// The node leaves: as [#takeNoMore()]; then clients get what waits for them, and are
    /// disconnected. Idempotent.
    ///
    /// @return completes, on the home reactor of the bus, when the last client has been handed all
    ///   that waited for it; the connections' reactors then send it off. Cancelling it ends the
    ///   wait alone
    public CompletionStage<Void> drain() {
        synchronized (clients) {
            leaving = true;
        }
        return all(ClientConnection::leave);
    }

    private CompletionStage<Void> all(Function<ClientConnection, CompletionStage<Void>> action) {
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        for (ClientConnection client : clients()) {
            all = all.thenCombine(action.apply(client), (_, _) -> null);
        }
        Deferred<Void> done = new Deferred<>(bus.home());
        var _ = all.thenRun(() -> done.succeed(null));
        return done;
    }

    private List<ClientConnection> clients() {
        synchronized (clients) {
            return List.copyOf(clients.values());
        }
    }

    /// A client came.
    ///
    /// @return why it may not stay, or the empty string
    String join(long id, ClientConnection client) {
        synchronized (clients) {
            if (leaving) {
                return "Server Shutdown";
            }
            if (clients.size() >= options.maxConnections()) {
                return "maximum connections exceeded";
            }
            clients.put(id, client);
            return "";
        }
    }

    void left(long id) {
        synchronized (clients) {
            clients.remove(id);
        }
    }

    EventBus bus() {
        return bus;
    }

    NatsOptions options() {
        return options;
    }

    Books books() {
        return books;
    }
}
