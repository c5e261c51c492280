package dev.torsion.bus;

import org.jspecify.annotations.Nullable;

/// One interest of another node.
///
/// @param weight how many subscriptions there share it: the node's share of a group's events
record RemoteSubscriber(RemoteNode node, Interest interest, int weight) implements Subscriber {
    @Override
    public @Nullable String group() {
        return interest.group();
    }
}
