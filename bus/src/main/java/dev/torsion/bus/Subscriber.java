package dev.torsion.bus;

import org.jspecify.annotations.Nullable;

/// An entry of the routing index: a subscription here, or another node's interest.
sealed interface Subscriber permits LocalSubscription, RemoteSubscriber {
    @Nullable String group();
}
