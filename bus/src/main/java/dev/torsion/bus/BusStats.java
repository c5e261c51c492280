package dev.torsion.bus;

import java.util.Map;

/// The bus's books at one moment. At rest `offered = delivered + waiting + the sum of dropped`,
/// exactly.
///
/// @param published events published here
/// @param unheard of those, events that no subscription here and no linked node took
/// @param offered events offered to subscriptions here, once per subscription (published here or
///   come over links)
/// @param delivered of those, handed to a handler
/// @param failed of those, events whose handler threw
/// @param waiting events in the queues of subscriptions, those that drain included
/// @param dropped events lost, by reason; reasons that have not happened are absent
public record BusStats(
        long published,
        long unheard,
        long offered,
        long delivered,
        long failed,
        long waiting,
        Map<DropReason, Long> dropped) {
    public BusStats {
        dropped = Drops.inOrder(dropped);
    }

    /// All drops together.
    public long droppedTotal() {
        return Drops.total(dropped);
    }
}
