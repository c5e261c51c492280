package dev.torsion.cluster;

import dev.torsion.bus.Durations;
import dev.torsion.bus.EventBus;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which connection is the link to which node, and what follows when links come and go.
/// Loop only, but for what says otherwise.
final class Mesh {
    private static final Logger log = LoggerFactory.getLogger(Mesh.class);
    private static final int MAX_HANDSHAKES = 256;
    private static final int MAX_LINKS = 4096;
    private static final int MAX_BOOKS = 2 * MAX_LINKS;
    private static final int MAX_COMPLAINTS = 1000;

    /// How often one linked node, by chance, is told again whom this node is linked to: what a
    /// partition that outlived everyone's memory is healed by.
    private static final Duration GOSSIP = Duration.ofSeconds(5);

    private final ClusterOptions options;
    private final EventBus bus;
    private final Reactor home;
    private final NodeIdentity self;
    private final Membership membership;
    private final Dialer dialer = new Dialer(this);
    private final LinkWarnings warnings;
    private final Set<Link> connections = new LinkedHashSet<>();
    private final Map<String, Link> links = new TreeMap<>();
    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private final ConcurrentNavigableMap<String, Books> books = new ConcurrentSkipListMap<>();
    private final Set<String> complaints = new LinkedHashSet<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private volatile List<Member> members = List.of();

    /// Links that events may still be on their way over, while this node withdraws.
    private final Set<Link> uncleared = new LinkedHashSet<>();

    private final CompletableFuture<Void> cleared = new CompletableFuture<>();

    private boolean withdrawing;
    private boolean stopping;
    private @Nullable DelayedCall gossip;
    private @Nullable DelayedCall stopDeadline;

    /// What becomes of a connection from or to a node.
    sealed interface Verdict {
        record Accept() implements Verdict {}

        record Refuse(Farewell why, String text) implements Verdict {}
    }

    Mesh(ClusterOptions options, EventBus bus, Reactor home, NodeIdentity self) {
        this.options = options;
        this.bus = bus;
        this.home = home;
        this.self = self;
        this.warnings = new LinkWarnings(home);
        this.membership = new Membership(home, options.forgetAfter(), this::forgotten);
    }

    // ---- for the cluster ----

    void start() {
        options.seeds().forEach(dialer::seed);
        gossip = home.callLater(GOSSIP, this::gossip);
    }

    /// Somebody has connected.
    ///
    /// @return the connection's protocol; null to refuse it
    @Nullable Protocol accepted(Address peer) {
        if (withdrawing) {
            return null;
        }
        long handshakes = connections.stream().filter(Link::isShakingHands).count();
        if (handshakes >= MAX_HANDSHAKES) {
            complain(MAX_HANDSHAKES + " connections have not shaken hands yet; more are refused");
            return null;
        }
        return Link.accepted(this, peer);
    }

    /// Who waits for a link to the node of that name.
    private final class Waiter {
        private final String name;
        private final Deferred<Member> linked = new Deferred<>(home, () -> waiters.remove(this));

        private Waiter(String name) {
            this.name = name;
        }
    }

    /// From any thread.
    CompletionStage<Member> whenLinked(String name) {
        Waiter waiter = new Waiter(name);
        if (!home.callFromThread(() -> admit(waiter))) {
            waiter.linked.fail(leaves());
        }
        return waiter.linked;
    }

    private void admit(Waiter waiter) {
        Link link = links.get(waiter.name);
        if (link != null && link.isReady()) {
            waiter.linked.succeed(member(link.identity(), true));
        } else if (withdrawing) {
            waiter.linked.fail(leaves());
        } else if (!waiter.linked.isDone()) {
            waiters.add(waiter);
        }
    }

    private IllegalStateException leaves() {
        return new IllegalStateException(self + " leaves the cluster");
    }

    /// Says that nothing more is wanted here.
    ///
    /// @return completes when nothing is on its way here any more, or after half of the stop
    ///   deadline
    CompletionStage<Void> withdraw() {
        if (withdrawing) {
            return cleared;
        }
        withdrawing = true;
        dialer.stop();
        List.copyOf(waiters).forEach(waiter -> waiter.linked.failUnlessGivenUp(leaves()));
        waiters.clear();
        bus.withdrawInterest();
        connections.stream().filter(Link::awaitCleared).forEach(uncleared::add);
        DelayedCall patience =
                home.callLater(options.stopDeadline().dividedBy(2), this::notCleared);
        var _ = cleared.whenComplete((_, _) -> patience.cancel());
        List.copyOf(connections).stream().filter(Link::isShakingHands).forEach(Link::leave);
        completeWithdrawal();
        return cleared;
    }

    /// No event is on its way over this link any more.
    void cleared(Link link) {
        uncleared.remove(link);
        completeWithdrawal();
    }

    private void completeWithdrawal() {
        if (withdrawing && uncleared.isEmpty()) {
            cleared.complete(null);
        }
    }

    private void notCleared() {
        log.warn(
                "{}: no answer within {} to the word that nothing more is wanted; what still comes"
                        + " may find nobody",
                uncleared,
                Durations.text(options.stopDeadline().dividedBy(2)));
        uncleared.clear();
        cleared.complete(null);
    }

    CompletionStage<Void> stop() {
        if (stopDeadline == null) {
            stopDeadline = home.callLater(options.stopDeadline(), this::abortRest);
            withdraw().thenRun(this::leave);
        }
        return stopped;
    }

    private void leave() {
        stopping = true;
        membership.stop();
        if (gossip != null) {
            gossip.cancel();
        }
        List.copyOf(connections).forEach(Link::leave);
        completeStop();
    }

    private void abortRest() {
        for (Link link : List.copyOf(connections)) {
            log.warn(
                    "{}: broken off, it did not end within {}",
                    link,
                    Durations.text(options.stopDeadline()));
            link.abort();
        }
    }

    private void completeStop() {
        if (stopping && stopDeadline != null && connections.isEmpty()) {
            stopDeadline.cancel();
            books.values().forEach(Books::giveUp);
            stopped.complete(null);
        }
    }

    /// The other nodes known; from any thread.
    List<Member> members() {
        return members;
    }

    /// The books of each link; from any thread.
    List<LinkStats> stats() {
        return books.values().stream().map(Books::snapshot).toList();
    }

    /// From any thread.
    long mostWaitingBytes() {
        long most = 0;
        for (Books each : books.values()) {
            most = Math.max(most, each.waitingBytes());
        }
        return most;
    }

    // ---- for the links ----

    ClusterOptions options() {
        return options;
    }

    EventBus bus() {
        return bus;
    }

    Reactor home() {
        return home;
    }

    NodeIdentity self() {
        return self;
    }

    LinkWarnings warnings() {
        return warnings;
    }

    /// Whether it is this node, of the two, that decides which connection is their link.
    boolean decidesWith(NodeIdentity other) {
        return self.name().compareTo(other.name()) < 0;
    }

    boolean isLinked(String name, long atLeast) {
        Link link = links.get(name);
        return link != null && link.identity().incarnation() >= atLeast;
    }

    /// What to do with a connection to `node`. A later life of a node that is linked takes its
    /// place; of two connections to the same life the node that decides keeps the first.
    Verdict judge(NodeIdentity node) {
        if (node.name().equals(self.name())) {
            return judgeNamesake(node);
        }
        Link link = links.get(node.name());
        if (link == null) {
            return links.size() < MAX_LINKS
                    ? new Verdict.Accept()
                    : new Verdict.Refuse(
                            Farewell.OVERLOADED, self.name() + " has all the links it may have");
        }
        NodeIdentity linked = link.identity();
        if (node.incarnation() < linked.incarnation()) {
            complain(linked + " is newer than " + node + " and keeps the name: rename one");
            return new Verdict.Refuse(
                    Farewell.REPLACED, linked + " is newer and has the name of " + node);
        }
        if (node.incarnation() > linked.incarnation()) {
            log.info("{} takes the place of {}", node, linked);
            link.end(Farewell.REPLACED, node + " is newer and has the name of " + linked);
            return new Verdict.Accept();
        }
        if (decidesWith(node)) {
            link.probe();
            return new Verdict.Refuse(
                    Farewell.DUPLICATE, self.name() + " and " + node.name() + " are linked");
        }
        return new Verdict.Accept();
    }

    private Verdict judgeNamesake(NodeIdentity node) {
        if (node.incarnation() == self.incarnation()) {
            return new Verdict.Refuse(Farewell.SELF, "both ends are " + self);
        }
        complain(node + " has the name of this node, " + self + ": rename one");
        return new Verdict.Refuse(Farewell.NAME_TAKEN, self + " has the name of " + node);
    }

    /// Another node keeps its links for a namesake of this one.
    void nameRefused(Frame.Goodbye goodbye) {
        complain(goodbye.from() + " gives this node no link: " + goodbye.text() + ": rename one");
    }

    @Nullable Protocol dialled(Dialer.Target target) {
        return Link.dialled(this, target);
    }

    void opened(Link link) {
        connections.add(link);
        if (withdrawing) {
            link.leave();
        }
    }

    Books books(NodeIdentity node) {
        if (books.size() >= MAX_BOOKS) {
            books.keySet().removeIf(name -> !links.containsKey(name));
        }
        Books found = books.computeIfAbsent(node.name(), Books::new);
        found.life(node.incarnation());
        return found;
    }

    /// A connection has become the link to `node`.
    void linked(Link link, NodeIdentity node) {
        Link before = links.put(node.name(), link);
        if (before != null) {
            before.end(Farewell.DUPLICATE, "another connection took its place");
        }
        membership.linked(node);
        dialer.linked(node, link.target());
        link.tell(linkedNodes(link));
        links.values().stream()
                .filter(other -> other != link)
                .forEach(other -> other.tell(List.of(node)));
        refresh();
    }

    /// The other end of `link` says whom it is linked to.
    ///
    /// @param first whether the link can be used only now
    void membersTold(Link link, List<NodeIdentity> told, boolean first) {
        if (first) {
            NodeIdentity node = link.identity();
            log.info("linked to {} at {}", node.name(), node.address());
            refresh();
            List<Waiter> content =
                    waiters.stream().filter(waiter -> waiter.name.equals(node.name())).toList();
            content.forEach(waiters::remove);
            content.forEach(waiter -> waiter.linked.succeed(member(node, true)));
        }
        for (NodeIdentity node : told) {
            if (!node.name().equals(self.name()) && membership.told(node)) {
                dialer.member(node);
                refresh();
            }
        }
    }

    /// The link to `node` stands no more, though its connection may have things to do still.
    void ended(Link link, NodeIdentity node) {
        if (links.remove(node.name(), link)) {
            log.info("no longer linked to {} at {}", node.name(), node.address());
            membership.lost(node);
            dialer.lost(node.name());
            refresh();
            cleared(link);
        }
    }

    /// `node` said goodbye.
    void departed(NodeIdentity node) {
        membership.departed(node);
    }

    void closed(Link link) {
        connections.remove(link);
        Dialer.Target target = link.target();
        if (target != null) {
            target.over();
        }
        completeStop();
    }

    // ---- members ----

    private void forgotten(NodeIdentity node) {
        log.info("{} is forgotten", node);
        dialer.forget(node.name());
        refresh();
    }

    private void gossip() {
        List<Link> all = List.copyOf(links.values());
        if (!all.isEmpty()) {
            Link chosen = all.get(home.random().nextInt(all.size()));
            chosen.tell(linkedNodes(chosen));
        }
        gossip = home.callLater(GOSSIP, this::gossip);
    }

    private List<NodeIdentity> linkedNodes(Link but) {
        List<NodeIdentity> nodes = new ArrayList<>();
        for (Link link : links.values()) {
            if (link != but) {
                nodes.add(link.identity());
            }
        }
        return nodes;
    }

    private void refresh() {
        members = membership.all().stream().map(node -> member(node, isReady(node))).toList();
    }

    private boolean isReady(NodeIdentity node) {
        Link link = links.get(node.name());
        return link != null && link.isReady() && link.identity().equals(node);
    }

    private static Member member(NodeIdentity node, boolean linked) {
        return new Member(node.name(), node.incarnation(), node.address(), linked);
    }

    /// Says something that somebody has to put right, once.
    private void complain(String text) {
        if (complaints.size() >= MAX_COMPLAINTS) {
            complaints.clear();
        }
        if (complaints.add(text)) {
            log.error("{}: {}", self.name(), text);
        }
    }
}
