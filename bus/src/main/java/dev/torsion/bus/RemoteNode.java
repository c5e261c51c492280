package dev.torsion.bus;

import java.util.List;

/// The way to another node's bus, as the bus sees it: the seam that links stand behind.
public interface RemoteNode {

    /// The node's name.
    String name();

    /// Sends an event the node is interested in: once, however many of its subscriptions want it.
    /// Called on the publisher's thread; must not block. Events of one publisher keep their order.
    /// Counts what it drops.
    ///
    /// @param plain whether its subscriptions without a group shall have it
    /// @param groups the groups of which one member there shall have it
    /// @param nobodyMatters whether "nobody is here" from that node would be the answer to the
    ///   event: nobody else got it, or who asks counts such answers
    /// @return whether it was taken
    boolean send(Event event, boolean plain, List<String> groups, boolean nobodyMatters);
}
