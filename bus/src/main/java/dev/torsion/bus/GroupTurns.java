package dev.torsion.bus;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Whose turn it is in each group that has members. One count per group, not per topic: a group
/// that sees each topic once still shares the work. Guarded by the bus's lock, the counts aside.
final class GroupTurns {
    private final Map<String, Turns> groups = new HashMap<>(); // only looked up

    void join(@Nullable String group) {
        if (group != null) {
            groups.computeIfAbsent(group, _ -> new Turns()).members++;
        }
    }

    void leave(@Nullable String group) {
        if (group != null) {
            groups.computeIfPresent(group, (_, turns) -> --turns.members == 0 ? null : turns);
        }
    }

    /// The count of a group that has members.
    AtomicInteger of(String group) {
        Turns turns = groups.get(group);
        if (turns == null) {
            throw new AssertionError("group " + group + " is routed to and has no members");
        }
        return turns.next;
    }

    private static final class Turns {
        final AtomicInteger next = new AtomicInteger();
        int members;
    }
}
