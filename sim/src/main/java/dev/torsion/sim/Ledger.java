package dev.torsion.sim;

import dev.torsion.bus.BusStats;
import dev.torsion.cluster.LinkStats;
import dev.torsion.sim.SimulatedNode.Books;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The books of all lives of all nodes, held against each other.
final class Ledger {
    private static final String CLAIM = "the books balance";

    private record Pair(String from, String to) {}

    /// What one node says of its way to another, over all lives of both.
    private record Totals(long events, long links, long lives) {
        Totals plus(Totals more) {
            return new Totals(events + more.events, links + more.links, lives + more.lives);
        }
    }

    private Ledger() {}

    static void balances(List<Books> all) {
        Map<Pair, Totals> sent = new LinkedHashMap<>();
        Map<Pair, Totals> received = new LinkedHashMap<>();
        for (Books books : all) {
            requireBalance(books, books.bus());
            for (LinkStats link : books.links()) {
                requireBalance(books, link);
                sent.merge(
                        new Pair(books.node(), link.node()),
                        new Totals(link.sent(), link.links(), 1),
                        Totals::plus);
                received.merge(
                        new Pair(link.node(), books.node()),
                        new Totals(link.received(), link.links(), 1),
                        Totals::plus);
            }
        }
        sent.forEach((pair, there) -> {
            Totals back = received.getOrDefault(pair, new Totals(0, 0, 1));
            requireNoMore(pair, there, back);
        });
    }

    private static void requireBalance(Books books, BusStats bus) {
        if (bus.offered() != bus.delivered() + bus.waiting() + bus.droppedTotal()) {
            throw new BrokenClaimError(CLAIM, "not on the bus of " + life(books) + ": " + bus);
        }
    }

    private static void requireBalance(Books books, LinkStats link) {
        if (link.offered() != link.sent() + link.waiting() + link.droppedTotal()) {
            throw new BrokenClaimError(CLAIM, "not on a link of " + life(books) + ": " + link);
        }
    }

    private static void requireNoMore(Pair pair, Totals sent, Totals received) {
        boolean neverBroken = sent.links() == 1 && sent.lives() == 1 && received.lives() == 1;
        if (received.events() > sent.events()
                || (neverBroken && received.events() < sent.events())) {
            throw new BrokenClaimError(
                    CLAIM,
                    pair.from()
                            + " sent "
                            + sent.events()
                            + " events to "
                            + pair.to()
                            + ", which received "
                            + received.events()
                            + (neverBroken ? " over the one link they had" : ""));
        }
    }

    private static String life(Books books) {
        return books.node() + " in incarnation " + books.incarnation();
    }
}
