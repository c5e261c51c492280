package dev.torsion.cluster;

import dev.torsion.bus.Event;
import dev.torsion.bus.Interest;
import java.util.List;

/// What the two ends of a link say to each other.
sealed interface Frame {
    int HELLO = 1;
    int WELCOME = 2;
    int LINKED = 3;
    int INTEREST = 4;
    int EVENT = 5;
    int HEARTBEAT = 6;
    int MEMBERS = 7;
    int GOODBYE = 8;
    int RECEIVED = 9;
    int WITHDRAWN = 10;
    int CLEARED = 11;

    /// The first frame, from the end that dialled.
    ///
    /// @param maxFrameBytes the longest frame that this end takes
    record Hello(NodeIdentity node, int maxFrameBytes) implements Frame {}

    /// A first frame in another version of the protocol: no more of it can be read.
    record ForeignHello(int version) implements Frame {}

    /// The answer to a hello.
    record Welcome(NodeIdentity node, int maxFrameBytes) implements Frame {}

    /// The end that dialled, and decides, takes this connection for the link.
    record Linked() implements Frame {}

    /// The sender has so many subscriptions with this interest.
    record InterestTold(Interest interest, int subscriptions) implements Frame {}

    /// An event for the receiver's subscriptions.
    ///
    /// @param nobodyMatters whether the sender wants to hear if nobody is there for it any more
    record EventSent(Event event, boolean plain, List<String> groups, boolean nobodyMatters)
            implements Frame {}

    record Heartbeat() implements Frame {}

    /// Nodes that the sender is linked to. The first comes after the sender's whole interest.
    record MembersTold(List<NodeIdentity> members) implements Frame {}

    /// So many events have come from the receiver of this frame, in its life and the sender's, over
    /// all their links. The first of a link counts what came over the links before it.
    record Received(long events) implements Frame {}

    /// The sender wants no more events, having told that its interest is gone, and asks to be told
    /// when the last one is on its way.
    record Withdrawn() implements Frame {}

    /// The answer to [Withdrawn]: what was sent for the interest that is gone came before this.
    record Cleared() implements Frame {}

    /// The sender's last frame.
    ///
    /// @param from the sender's name
    record Goodbye(Farewell why, String from, String text) implements Frame {}

    /// A kind that this version does not know.
    record Unknown(int type) implements Frame {}
}
