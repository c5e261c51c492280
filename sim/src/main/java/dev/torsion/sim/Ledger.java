package dev.torsion.sim;

import dev.torsion.bus.BusStats;
import dev.torsion.bus.DropReason;
import dev.torsion.cluster.LinkStats;
import dev.torsion.sim.SimulatedNode.Books;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The books of all lives of all nodes, held against each other.
final class Ledger {
    private static final String CLAIM = "the books balance";

    private record Pair(String from, String to) {}

    /// What one node says of its way to another, or of what came from it, over all lives of both.
    ///
    /// @param events sent and not known to be lost, or received
    /// @param unconfirmed of those sent
    /// @param lost sent beside those, and lost as far as is known
    private record Totals(long events, long unconfirmed, long lost, long lives) {
        Totals plus(Totals more) {
            return new Totals(
                    events + more.events,
                    unconfirmed + more.unconfirmed,
                    lost + more.lost,
                    lives + more.lives);
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
                        new Totals(link.sent(), link.unconfirmed(), lost(link), 1),
                        Totals::plus);
                received.merge(
                        new Pair(link.node(), books.node()),
                        new Totals(link.received(), 0, 0, 1),
                        Totals::plus);
            }
        }
        sent.forEach((pair, there) -> {
            Totals back = received.getOrDefault(pair, new Totals(0, 0, 0, 1));
            requireAgreement(pair, there, back);
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

    /// @throws BrokenClaimError if a node has more links at the end of a calm time than it had at
    ///   its beginning
    static void linksStand(Calm calm) {
        for (Books before : calm.before()) {
            for (Books after : calm.after()) {
                if (before.node().equals(after.node())
                        && before.incarnation() == after.incarnation()
                        && links(before) != links(after)) {
                    throw new BrokenClaimError(
                            "links stand in the calm",
                            before.node()
                                    + " had "
                                    + before.links()
                                    + " and then "
                                    + after.links());
                }
            }
        }
    }

    private static long links(Books books) {
        return books.links().stream().mapToLong(LinkStats::links).sum();
    }

    private static long lost(LinkStats link) {
        return link.dropped().getOrDefault(DropReason.LINK_LOST, 0L);
    }

    /// What one end has sent is what the other has received, give or take what is unconfirmed still
    /// and, if one of them did not live to tell, what was given up for lost.
    private static void requireAgreement(Pair pair, Totals sent, Totals received) {
        boolean livedToTell = sent.lives() == 1 && received.lives() == 1;
        long least = sent.events() - sent.unconfirmed();
        long most = sent.events() + (livedToTell ? 0 : sent.lost());
        if (received.events() < least || received.events() > most) {
            throw new BrokenClaimError(
                    CLAIM,
                    pair.from()
                            + " sent "
                            + (least == most ? least : least + " to " + most)
                            + " events to "
                            + pair.to()
                            + ", which received "
                            + received.events());
        }
    }

    private static String life(Books books) {
        return books.node() + " in incarnation " + books.incarnation();
    }
}
