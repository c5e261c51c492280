package dev.torsion.cluster;

import dev.torsion.bus.DropReason;
import dev.torsion.bus.Drops;
import java.util.Map;

/// The books of the links to one node, one after the other, since it became known. At rest `offered
/// = sent + waiting + the sum of dropped`, exactly, and once all is confirmed `sent` is what the
/// other node has received.
///
/// @param node the other node's name
/// @param offered events that the bus gave to the link
/// @param sent of those, handed to a connection and not known to be lost
/// @param unconfirmed of those sent, the ones that the other node has not said to have: on their
///   way, or in doubt since the link broke
/// @param waiting of those, in the link's queue
/// @param waitingBytes what waits in the queue, in bytes, interest and the like included
/// @param dropped of those, lost here, by reason; reasons that have not happened are absent
/// @param received events that came from the node
/// @param ignoredFrames frames of a kind that this node does not know
/// @param links how many times a link to the node has come up
public record LinkStats(
        String node,
        long offered,
        long sent,
        long unconfirmed,
        long waiting,
        long waitingBytes,
        Map<DropReason, Long> dropped,
        long received,
        long ignoredFrames,
        long links) {
    public LinkStats {
        dropped = Drops.inOrder(dropped);
    }

    /// All drops together.
    public long droppedTotal() {
        return Drops.total(dropped);
    }
}
