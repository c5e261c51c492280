package dev.torsion.sim;

import dev.torsion.cluster.ClusterOptions;
import dev.torsion.cluster.Member;
import java.time.Duration;

/// Looks at the nodes again and again while the world runs, and claims of them what they promise
/// about time: that a way which carries nothing is noticed, that nodes which can reach each other
/// are linked soon, and what [Goodbyes], [Dials] and [Queues] claim.
///
/// Everything is judged by what is broken and since when ([Ways]); where something else may still
/// be at work (a slow way empties late), nothing is claimed.
final class Vigil {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    /// How soon a new life is linked to those it is told to dial, where nothing is in its way.
    private static final long LINKED_AT_ONCE = Duration.ofMillis(500).toNanos();

    /// How many times something goes to and fro until a link stands, and a little more.
    private static final int HANDSHAKE = 8;

    private final Simulation sim;
    private final Ways ways;
    private final Goodbyes goodbyes;
    private final Dials dials;
    private final Queues queues;
    private long latency;

    Vigil(Simulation sim, Breakage breakage) {
        this.sim = sim;
        ways = new Ways(sim, breakage);
        goodbyes = new Goodbyes(sim, ways);
        dials = new Dials(sim);
        queues = new Queues(sim);
    }

    void start() {
        sim.memory().callLater(INTERVAL, this::tick);
    }

    private void tick() {
        ways.look();
        claim();
        start();
    }

    // ---- what is told ----

    /// A fault has begun or ended.
    void changed(Fault fault, boolean begins) {
        ways.look();
        boolean passing =
                begins && (fault instanceof Fault.Reset || fault instanceof Fault.HalfOpen);
        if (passing && fault instanceof Fault.OfPlace it) {
            ways.disturbed(it.place());
        }
    }

    /// A node began a life.
    void began(String name) {
        ways.look();
        SimulatedNode node = sim.nodeCalled(name);
        if (node == null) {
            return;
        }
        for (SimulatedNode other : sim.allNodes()) {
            if (other != node && node.life().options().seeds().contains(other.address())) {
                ways.dialled(name, other);
            }
        }
    }

    /// Everything takes longer on this network.
    void latency(Duration most) {
        latency = most.toNanos();
    }

    /// A node is about to say goodbye.
    void leaves(String name) {
        SimulatedNode node = sim.nodeCalled(name);
        if (node != null) {
            ways.look();
        }
        goodbyes.begins(name, node);
    }

    /// A life of a node ended after it has said goodbye, and had all the time it needed.
    void left(String name, long incarnation) {
        ways.look();
        goodbyes.said(name, incarnation);
    }

    /// A node has been given an event: its queues are as full as they get.
    void published(SimulatedNode node) {
        queues.claim(node);
    }

    // ---- what is claimed ----

    private void claim() {
        long now = sim.memory().nanoTime();
        ways.forEach((from, to, way) -> {
            requireSilenceNoticed(from, to, way, now);
            requireLinked(from, to, way, now);
        });
        goodbyes.claim();
        sim.allNodes().forEach(queues::claim);
        dials.claim();
    }

    private void requireSilenceNoticed(
            SimulatedNode from, SimulatedNode to, Ways.Way way, long now) {
        long since = way.silentSince();
        if (since < 0) {
            return;
        }
        ClusterOptions options = to.life().options();
        Duration limit = options.silenceLimit().plus(options.heartbeat().multipliedBy(2));
        Member member = to.member(from.name());
        if (now - since > limit.toNanos() && member != null && member.linked()) {
            broken(
                    "silence is noticed",
                    to
                            + " is still linked to "
                            + from
                            + ", from whom nothing has come since "
                            + Duration.ofNanos(since));
        }
    }

    private void requireLinked(SimulatedNode from, SimulatedNode to, Ways.Way way, long now) {
        long since = way.togetherSince();
        if (since < 0 || now - since < timeToLink(from, to, way)) {
            return;
        }
        Member member = to.member(from.name());
        if (member == null || !member.linked() || member.incarnation() != from.incarnation()) {
            broken(
                    "nodes that can reach each other are linked in time",
                    to
                            + " is not linked to incarnation "
                            + from.incarnation()
                            + " of "
                            + from
                            + ", with nothing between them since "
                            + Duration.ofNanos(since)
                            + ": "
                            + member);
        }
    }

    /// A connection may be half open at one end, until that hears nothing for too long; the other
    /// may have to wait before it dials again; and what it dials may need its time. Nodes that none
    /// is told to dial hear of each other by chance.
    private long timeToLink(SimulatedNode from, SimulatedNode to, Ways.Way way) {
        if (way.dialledAtOnce()) {
            return LINKED_AT_ONCE + HANDSHAKE * latency;
        }
        ClusterOptions options = to.life().options();
        Duration time =
                options.silenceLimit()
                        .plus(options.heartbeat().multipliedBy(2))
                        .plus(options.longestBackOff())
                        .plus(options.handshakeDeadline());
        return time.toNanos() * (sim.isSeed(from) || sim.isSeed(to) ? 1 : 3);
    }

    private void broken(String claim, String how) {
        sim.broken(new BrokenClaimError(claim, how));
    }
}
