package dev.torsion.bus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Where the events of one topic go, worked out once and kept until somebody's interest changes.
///
/// @param everyone the subscriptions here that get each event
/// @param nodes the nodes where somebody gets each event
/// @param groups the groups, of each of which one member gets it
record Route(List<LocalSubscription> everyone, List<RemoteNode> nodes, List<Group> groups) {

    static Route of(List<Subscriber> subscribers, GroupTurns turns) {
        List<LocalSubscription> everyone = new ArrayList<>();
        Set<RemoteNode> nodes = new LinkedHashSet<>();
        Map<String, List<Subscriber>> groups = new LinkedHashMap<>();
        for (Subscriber subscriber : subscribers) {
            String group = subscriber.group();
            if (group != null) {
                groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(subscriber);
            } else {
                switch (subscriber) {
                    case LocalSubscription local -> everyone.add(local);
                    case RemoteSubscriber remote -> nodes.add(remote.node());
                }
            }
        }
        List<Group> members = new ArrayList<>();
        groups.forEach((name, list) -> members.add(new Group(name, list, turns.of(name))));
        return new Route(List.copyOf(everyone), List.copyOf(nodes), List.copyOf(members));
    }

    @Nullable Group group(String name) {
        for (Group group : groups) {
            if (group.name().equals(name)) {
                return group;
            }
        }
        return null;
    }

    /// Competing consumers. Members take turns; a node counts as often as it has members.
    static final class Group {
        private final String name;
        private final List<Subscriber> members;
        private final List<LocalSubscription> here;
        private final long totalWeight;
        private final AtomicInteger turn;

        Group(String name, List<Subscriber> members, AtomicInteger turn) {
            this.name = name;
            this.turn = turn;
            this.members = List.copyOf(members);
            List<LocalSubscription> local = new ArrayList<>();
            long weight = 0;
            for (Subscriber member : members) {
                if (member instanceof LocalSubscription subscription) {
                    local.add(subscription);
                }
                weight += weight(member);
            }
            this.here = List.copyOf(local);
            this.totalWeight = weight;
        }

        String name() {
            return name;
        }

        /// Whose turn it is. A member here that is full is passed over for one here that is not.
        Subscriber next() {
            long left = Math.floorMod((long) turn.getAndIncrement(), totalWeight);
            for (Subscriber member : members) {
                left -= weight(member);
                if (left < 0) {
                    return member instanceof LocalSubscription local ? roomy(local) : member;
                }
            }
            throw new AssertionError("a turn beyond the weight of group " + name);
        }

        /// Whose turn it is among the members here; null if there are none.
        @Nullable LocalSubscription nextHere() {
            if (here.isEmpty()) {
                return null;
            }
            return roomy(here.get(Math.floorMod(turn.getAndIncrement(), here.size())));
        }

        private LocalSubscription roomy(LocalSubscription chosen) {
            if (chosen.hasRoom()) {
                return chosen;
            }
            for (LocalSubscription other : here) {
                if (other.hasRoom()) {
                    return other;
                }
            }
            return chosen;
        }

        private static int weight(Subscriber member) {
            return switch (member) {
                case LocalSubscription _ -> 1;
                case RemoteSubscriber remote -> remote.weight();
            };
        }
    }
}
