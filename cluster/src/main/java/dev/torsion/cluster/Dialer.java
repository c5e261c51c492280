package dev.torsion.cluster;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Protocol;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Dials seeds and members until there is a link to each, with pauses that grow. Loop only.
final class Dialer {
    private static final Logger log = LoggerFactory.getLogger(Dialer.class);
    private static final int MAX_DOUBLINGS = 30;

    private final Mesh mesh;
    private final Map<Address.Inet, Target> targets = new LinkedHashMap<>();
    private boolean stopped;

    Dialer(Mesh mesh) {
        this.mesh = mesh;
    }

    void seed(Address.Inet address) {
        Target target = targets.computeIfAbsent(address, Target::new);
        target.seed = true;
        target.consider();
    }

    /// A node that has no link is said to be at its address.
    void member(NodeIdentity node) {
        Target target = at(node);
        if (mesh.decidesWith(node)) {
            target.consider();
        } else {
            target.later(); // the node that decides dials first: one connection instead of two
        }
    }

    /// A node is linked; where to dial it is known for the time when it is not.
    ///
    /// @param dialled what was dialled for the link, if this node did
    void linked(NodeIdentity node, @Nullable Target dialled) {
        at(node);
        if (dialled != null) {
            dialled.linked();
        }
    }

    private Target at(NodeIdentity node) {
        targets.values()
                .removeIf(old -> old.isOf(node.name()) && !old.seed && !old.isFor(node.address()));
        Target target = targets.computeIfAbsent(node.address(), Target::new);
        target.name = node.name();
        target.incarnation = node.incarnation();
        return target;
    }

    /// The link to a node is gone.
    void lost(String name) {
        targets.values().stream().filter(target -> target.isOf(name)).forEach(Target::later);
    }

    /// A node is no longer looked for; its seeds are, for whoever is there next.
    void forget(String name) {
        for (Target target : List.copyOf(targets.values())) {
            if (target.isOf(name)) {
                target.name = null;
                target.incarnation = 0;
                if (target.seed) {
                    target.later();
                } else {
                    target.cancel();
                    targets.remove(target.address, target);
                }
            }
        }
    }

    void stop() {
        stopped = true;
        targets.values().forEach(Target::cancel);
    }

    /// An address worth dialling, and what came of it.
    final class Target {
        private final Address.Inet address;
        private boolean seed;
        private @Nullable String name;
        private long incarnation;
        private boolean self;
        private boolean dialling;
        private boolean complained;
        private int failures;
        private long linkedAtNanos;
        private boolean linked;
        private @Nullable DelayedCall retry;

        Target(Address.Inet address) {
            this.address = address;
        }

        Address.Inet address() {
            return address;
        }

        private boolean isOf(String node) {
            return node.equals(name);
        }

        private boolean isFor(Address.Inet there) {
            return address.equals(there);
        }

        /// This node answered.
        void isSelf() {
            self = true;
        }

        /// The node of that name answered.
        void isAt(String answered) {
            if (!answered.equals(name)) {
                name = answered;
                incarnation = 0;
            }
        }

        /// A connection has become a link.
        void linked() {
            linked = true;
            complained = false;
            linkedAtNanos = mesh.home().nanoTime();
        }

        /// The connection is gone.
        void over() {
            long stood = mesh.home().nanoTime() - linkedAtNanos;
            boolean proved = linked && stood >= mesh.options().silenceLimit().toNanos();
            failures = proved ? 0 : failures + 1;
            linked = false;
            dialling = false;
            later();
        }

        /// Says once, until a link stands again, why there is none.
        void complain(String why) {
            if (seed && !complained) {
                log.warn("no link to {} yet: {}; trying on", address, why);
            } else {
                log.debug("no link to {}: {}", address, why);
            }
            complained = true;
        }

        private void consider() {
            if (wanted() && retry == null) {
                dial();
            }
        }

        private boolean wanted() {
            return !stopped
                    && !self
                    && targets.get(address) == this
                    && !dialling
                    && (name == null || !mesh.isLinked(name, incarnation));
        }

        private void dial() {
            dialling = true;
            mesh.home()
                    .connect(address, _ -> connected(), mesh.options().handshakeDeadline())
                    .whenComplete((_, failure) -> {
                        if (failure != null && !stopped) {
                            complain(String.valueOf(failure.getMessage()));
                            over();
                        }
                    });
        }

        private @Nullable Protocol connected() {
            return stopped ? null : mesh.dialled(this);
        }

        private void later() {
            if (wanted() && retry == null) {
                retry = mesh.home().callLater(pause(), this::again);
            }
        }

        private void again() {
            retry = null;
            consider();
        }

        /// Doubles with each failure; half of it is left to chance, so that nodes that lost each
        /// other at one moment do not all come back at one moment.
        private Duration pause() {
            Duration shortest = mesh.options().shortestBackOff();
            Duration longest = mesh.options().longestBackOff();
            double grown = shortest.toNanos() * (double) (1L << Math.min(failures, MAX_DOUBLINGS));
            double nanos = Math.min(grown, (double) longest.toNanos());
            return Duration.ofNanos((long) (nanos * (0.5 + mesh.home().random().nextDouble() / 2)));
        }

        private void cancel() {
            if (retry != null) {
                retry.cancel();
                retry = null;
            }
        }
    }
}
