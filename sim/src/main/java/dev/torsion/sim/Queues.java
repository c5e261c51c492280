package dev.torsion.sim;

import dev.torsion.cluster.LinkStats;

/// Claims that queues keep their bounds.
final class Queues {
    /// What may wait on a link beside events: interest, members, counts.
    private static final long BESIDE_EVENTS = 16 << 10;

    private final Simulation sim;

    Queues(Simulation sim) {
        this.sim = sim;
    }

    void claim(SimulatedNode node) {
        long capacity = node.capacity();
        if (!node.isUp() || capacity < 0) {
            return; // of what is waiting there too little is known
        }
        long waiting = node.life().bus().waiting();
        if (waiting > capacity) {
            broken(waiting + " events wait on " + node + ", which has room for " + capacity);
        }
        long room = node.life().options().queueBytes() + BESIDE_EVENTS;
        if (node.cluster().mostWaitingBytes() <= room) {
            return;
        }
        for (LinkStats link : node.cluster().links()) {
            if (link.waitingBytes() > room) {
                broken(
                        link.waitingBytes()
                                + " bytes wait on "
                                + node
                                + " for "
                                + link.node()
                                + ", where there is room for "
                                + room);
            }
        }
    }

    private void broken(String how) {
        sim.broken(new BrokenClaimError("queues keep their bounds", how));
    }
}
