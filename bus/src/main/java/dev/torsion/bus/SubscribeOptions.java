package dev.torsion.bus;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// How to subscribe.
///
/// @param group the group whose members, over the whole cluster, share the events between them;
///   null for each event
/// @param capacity how many events may wait for the handler, 1 to 1,048,576 (1,024 by default)
/// @param overflow what happens when more do
/// @param lane where the handler runs: it must run what it is given one at a time and in order, and
///   not within the call (`reactor::callFromThread` does); null for one of the bus's reactors
public record SubscribeOptions(
        @Nullable String group, int capacity, Overflow overflow, @Nullable Executor lane) {
    private static final int MAX_CAPACITY = 1 << 20;
    private static final int MAX_GROUP_LENGTH = 128;

    public SubscribeOptions {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "a subscription's capacity is 1 to " + MAX_CAPACITY + ", not " + capacity);
        }
        if (group != null) {
            if (group.length() > MAX_GROUP_LENGTH) {
                throw new IllegalArgumentException(
                        "a group's name has at most " + MAX_GROUP_LENGTH + " characters");
            }
            Tokens.check("group name", group, false);
        }
    }

    /// No group, 1,024 waiting events, the oldest dropped first, on one of the bus's reactors.
    public static SubscribeOptions defaults() {
        return new SubscribeOptions(null, 1024, Overflow.DROP_OLDEST, null);
    }

    public SubscribeOptions withGroup(@Nullable String newGroup) {
        return new SubscribeOptions(newGroup, capacity, overflow, lane);
    }

    public SubscribeOptions withCapacity(int newCapacity) {
        return new SubscribeOptions(group, newCapacity, overflow, lane);
    }

    public SubscribeOptions withOverflow(Overflow newOverflow) {
        return new SubscribeOptions(group, capacity, newOverflow, lane);
    }

    public SubscribeOptions withLane(Executor newLane) {
        return new SubscribeOptions(group, capacity, overflow, newLane);
    }
}
