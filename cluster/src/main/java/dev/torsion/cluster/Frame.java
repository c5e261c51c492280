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

    record EventSent(Event event, boolean plain, List<String> groups) implements Frame {}

    record Heartbeat() implements Frame {}

    /// Nodes that the sender is linked to. The first comes after the sender's whole interest.
    record MembersTold(List<NodeIdentity> members) implements Frame {}

    /// The sender's last frame.
    ///
    /// @param from the sender's name
    record Goodbye(Farewell why, String from, String text) implements Frame {}

    /// A kind that this version does not know.
    record Unknown(int type) implements Frame {}
}
