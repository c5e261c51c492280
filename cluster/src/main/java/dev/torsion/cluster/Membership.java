package dev.torsion.cluster;

import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other nodes that are known, linked or not. One without a link is forgotten after a time; one
/// that said goodbye is forgotten at once, and for a time nobody's word brings that life of it
/// back.
final class Membership {
    private static final Logger log = LoggerFactory.getLogger(Membership.class);
    private static final int MAX_MEMBERS = 4096;

    private final Reactor home;
    private final Duration forgetAfter;
    private final Consumer<NodeIdentity> forgotten;
    private final Map<String, Known> members = new TreeMap<>();
    private final SequencedMap<String, Known> departed = new LinkedHashMap<>(); // latest last
    private boolean stopped;
    private boolean saidFull;

    private static final class Known {
        final NodeIdentity node;
        @Nullable DelayedCall forgetting;

        Known(NodeIdentity node) {
            this.node = node;
        }

        void keep() {
            if (forgetting != null) {
                forgetting.cancel();
                forgetting = null;
            }
        }
    }

    /// @param forgotten is told of each node whose time is over
    Membership(Reactor home, Duration forgetAfter, Consumer<NodeIdentity> forgotten) {
        this.home = home;
        this.forgetAfter = forgetAfter;
        this.forgotten = forgotten;
    }

    List<NodeIdentity> all() {
        List<NodeIdentity> all = new ArrayList<>();
        members.values().forEach(known -> all.add(known.node));
        return all;
    }

    @Nullable NodeIdentity find(String name) {
        Known known = members.get(name);
        return known == null ? null : known.node;
    }

    /// Somebody says that it is linked to `node`.
    ///
    /// @return whether that is news: a node, or a later life of one, that was not known
    boolean told(NodeIdentity node) {
        if (!isLater(node, members.get(node.name())) || !isLater(node, departed.get(node.name()))) {
            return false;
        }
        if (members.size() >= MAX_MEMBERS && !members.containsKey(node.name())) {
            if (!saidFull) {
                saidFull = true;
                log.warn("{} is ignored: {} nodes are known, as many as may be", node, MAX_MEMBERS);
            }
            return false;
        }
        know(node);
        lost(node);
        return true;
    }

    /// The link to `node` is up.
    void linked(NodeIdentity node) {
        know(node);
    }

    /// The link to `node` is gone.
    void lost(NodeIdentity node) {
        Known known = members.get(node.name());
        if (known != null && known.node.equals(node)) {
            if (members.size() > MAX_MEMBERS) {
                forget(node);
            } else {
                later(known, () -> forget(node));
            }
        }
    }

    private void forget(NodeIdentity node) {
        members.remove(node.name());
        forgotten.accept(node);
    }

    /// `node` said goodbye.
    void departed(NodeIdentity node) {
        Known known = members.get(node.name());
        if (known == null || known.node.incarnation() > node.incarnation()) {
            return;
        }
        members.remove(node.name());
        Known before = departed.remove(node.name());
        departed.putLast(node.name(), known);
        if (before != null) {
            before.keep();
        }
        if (departed.size() > MAX_MEMBERS) {
            departed.pollFirstEntry().getValue().keep();
        }
        later(known, () -> departed.remove(node.name()));
        forgotten.accept(node);
    }

    /// Nothing is forgotten any more.
    void stop() {
        stopped = true;
        members.values().forEach(Known::keep);
        departed.values().forEach(Known::keep);
    }

    private void later(Known known, Runnable action) {
        known.keep();
        if (!stopped) {
            known.forgetting = home.callLater(forgetAfter, action);
        }
    }

    private void know(NodeIdentity node) {
        Known before = members.put(node.name(), new Known(node));
        if (before != null) {
            before.keep();
        }
    }

    private static boolean isLater(NodeIdentity node, @Nullable Known known) {
        return known == null || node.incarnation() > known.node.incarnation();
    }
}
