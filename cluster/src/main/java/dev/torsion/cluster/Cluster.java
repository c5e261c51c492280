package dev.torsion.cluster;

import static java.util.Objects.requireNonNullElse;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.EventBus;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Reactor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A node's part in a cluster: it accepts and makes links to other nodes, and joins their buses to
/// this node's. Thread-safe.
///
/// A node finds all the others from any one of them. Between two nodes there is one link; one that
/// breaks comes back by itself. An event goes to the nodes that want it, once to each, in the order
/// published; what a link cannot take is dropped and counted ([LinkStats]).
public final class Cluster {
    private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

    private final Reactor home;
    private final String host;
    private final ListeningPort port;
    private final Mesh mesh;

    private Cluster(Reactor home, String host, ListeningPort port, Mesh mesh) {
        this.home = home;
        this.host = host;
        this.port = port;
        this.mesh = mesh;
    }

    /// Joins the bus to a cluster: the link port is open when this returns, seeds are dialled.
    ///
    /// @param bus whose name and incarnation are the node's; no other node may have that name
    /// @param home the loop on which all links live
    /// @throws dev.torsion.reactor.CannotListenException if the endpoint cannot be bound
    /// @throws IllegalArgumentException if the endpoint is every interface and no advertised
    ///   address says which of them other nodes can reach
    public static Cluster start(ClusterOptions options, EventBus bus, Reactor home) {
        Address.@Nullable Inet advertised = options.advertised();
        if (advertised == null && WILDCARDS.contains(options.endpoint().address().host())) {
            throw new IllegalArgumentException(
                    options.endpoint()
                            + " is every interface: say at which address other nodes reach this"
                            + " one (advertised)");
        }
        Door door = new Door();
        ListeningPort port =
                home.listen(
                        options.endpoint(),
                        peer -> door.mesh == null ? null : door.mesh.accepted(peer));
        BusOptions who = bus.options();
        Address.Inet reached = requireNonNullElse(advertised, options.endpoint().address());
        if (reached.port() == 0) {
            reached = Address.of(reached.host(), port.port());
        }
        NodeIdentity self = new NodeIdentity(who.node(), who.incarnation(), reached);
        Mesh mesh = new Mesh(options, bus, home, self);
        home.callFromThread(() -> {
            door.mesh = mesh;
            mesh.start();
        });
        return new Cluster(home, options.endpoint().address().host(), port, mesh);
    }

    /// Refuses who comes before the mesh is ready; they dial again. Loop only.
    private static final class Door {
        @Nullable Mesh mesh;
    }

    /// Where links are accepted.
    public Address.Inet address() {
        return Address.of(host, port.port());
    }

    /// The other nodes known now, by name, linked or not.
    public List<Member> members() {
        return mesh.members();
    }

    /// The books of the links, by the other node's name.
    public List<LinkStats> links() {
        return mesh.stats();
    }

    /// The most bytes that wait for any one node: the largest `waitingBytes` of [#links()], for
    /// whoever asks often.
    public long mostWaitingBytes() {
        return mesh.mostWaitingBytes();
    }

    /// Waits for a link to the node of that name. What is published after it completes reaches the
    /// subscriptions that the node had by then.
    ///
    /// @return completes, on the home reactor, when there is one, at once if there is; or with
    ///   [IllegalStateException] when this node stops first; cancelling it ends the wait
    public CompletionStage<Member> whenLinked(String name) {
        return mesh.whenLinked(name);
    }

    /// Begins to leave the cluster: the port closes, the other nodes hear that nothing more is
    /// wanted here ([EventBus#withdrawInterest]) and send what they have on its way. What is
    /// published here still reaches them. Idempotent.
    ///
    /// @return completes, on the home reactor, when no more events come but answers to requests
    ///   made here; after half of the stop deadline at the latest; or with [IllegalStateException]
    ///   if that reactor has ended. Cancelling it ends the wait alone
    public CompletionStage<Void> withdraw() {
        return leaving(mesh::withdraw);
    }

    /// Leaves the cluster: withdraws ([#withdraw]) if that has not been done, sends every node what
    /// waits for it and a goodbye, then closes; what has not ended by the deadline is broken off.
    /// Call it before the home reactor is stopped. Idempotent.
    ///
    /// @return completes, on the home reactor, when the port and every link are closed; or with
    ///   [IllegalStateException] if that reactor has ended. Cancelling it ends the wait alone
    public CompletionStage<Void> stop() {
        return leaving(mesh::stop);
    }

    private CompletionStage<Void> leaving(Supplier<CompletionStage<Void>> how) {
        Deferred<Void> over = new Deferred<>(home);
        CompletionStage<Void> deaf = port.stopListening();
        boolean asked =
                home.callFromThread(() ->
                        how.get()
                                .thenCombine(deaf, (_, _) -> true)
                                .whenComplete((_, _) -> over.succeed(null)));
        if (!asked) {
            over.fail(new IllegalStateException("the home reactor of the links has ended"));
        }
        return over;
    }
}
