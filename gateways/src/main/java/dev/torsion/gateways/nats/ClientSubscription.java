package dev.torsion.gateways.nats;

import dev.torsion.bus.Event;
import dev.torsion.bus.EventHandler;
import dev.torsion.bus.Gap;
import dev.torsion.bus.TopicPattern;

/// One SUB of a client.
final class ClientSubscription implements EventHandler {
    private final ClientConnection client;
    private final String sid;
    private final boolean shared;
    private final boolean takesStatus;
    private int written;
    private int max;

    ClientSubscription(ClientConnection client, String sid, boolean shared, TopicPattern pattern) {
        this.client = client;
        this.sid = sid;
        this.shared = shared;
        String first = pattern.tokens().getFirst();
        this.takesStatus = !first.equals("*") && !first.equals(">");
    }

    String sid() {
        return sid;
    }

    /// Whether it shares its events with a group.
    boolean shared() {
        return shared;
    }

    /// Whether word that nobody answers is for it: an inbox, not somebody who listens to
    /// everything.
    boolean takesStatus() {
        return takesStatus;
    }

    /// Ends it after so many messages in all.
    ///
    /// @return whether there have been so many already
    boolean endAfter(int messages) {
        max = messages;
        return isOver();
    }

    /// One more was written.
    ///
    /// @return whether it was the last
    boolean countWritten() {
        written++;
        return isOver();
    }

    private boolean isOver() {
        return max > 0 && written >= max;
    }

    @Override
    public void handle(Event event) {
        client.deliver(this, event);
    }

    @Override
    public void missed(Gap gap) {
        client.slowConsumer(gap.count() + " events could not wait for their turn");
    }
}
