package dev.torsion.bus;

/// Why an event that was offered was not delivered. Every drop is counted under one of these.
public enum DropReason {
    /// The subscription's queue was full and its policy let this event go.
    QUEUE_FULL("queue-full"),
    /// The subscription was closed while the event waited in its queue.
    CLOSED("closed"),
    /// It was sent here for a subscriber that had left when it came.
    NO_SUBSCRIBER("no-subscriber"),
    /// The link's queue was full.
    LINK_FULL("link-full"),
    /// It was longer than the node it was for takes.
    TOO_LARGE("too-large"),
    /// The link broke, or closed, while the event waited to be sent.
    LINK_DOWN("link-down"),
    /// It was on its way when the link broke, and did not arrive, or is not known to have arrived
    /// because the other node did not live to tell.
    LINK_LOST("link-lost");

    private final String label;

    DropReason(String label) {
        this.label = label;
    }

    /// As it is written in logs and metrics.
    public String label() {
        return label;
    }
}
