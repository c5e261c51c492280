package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.bus.Topic;
import dev.torsion.sim.Happening.Missed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What must hold of the events published in one [Calm]: each reaches whoever wants it, or is
/// counted where it was dropped.
///
/// Each recipient has an account of its own. An event that did not reach it was dropped either by a
/// link from its publisher, of which the link's books give the number, or by the recipient's queue,
/// of which its gaps do; neither says which events those were.
final class CalmClaim {
    private static final int EVENTS_NAMED = 3;

    private final Journal journal;
    private final List<Watch> watches;
    private final Map<Watch, Presence> presences;
    private final Calm calm;
    private final Map<Topic, List<Recipient>> wanted = new HashMap<>();
    private final Map<Watch, Long> gaps = new HashMap<>();

    /// Who is to have an event: any one of these.
    private record Recipient(List<Watch> watches) {
        boolean had(EventTrace trace, Journal journal) {
            for (int row = trace.lastDelivery(); row != Journal.NONE; row = journal.earlier(row)) {
                Watch given = journal.reader(row).watch();
                for (int i = 0; i < watches.size(); i++) {
                    if (watches.get(i).equals(given)) {
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return watches.stream().map(watch -> watch.node() + "'s " + watch).toList().toString();
        }
    }

    private CalmClaim(
            Journal journal, List<Watch> watches, Map<Watch, Presence> presences, Calm calm) {
        this.journal = journal;
        this.presences = presences;
        this.watches = watches;
        this.calm = calm;
    }

    static void nothingLost(
            Journal journal,
            List<EventTrace> traces,
            List<Watch> watches,
            Map<Watch, Presence> presences,
            Calm calm) {
        CalmClaim claim = new CalmClaim(journal, watches, presences, calm);
        claim.readGaps(journal.others());
        claim.missing(traces).forEach(claim::requireCounted);
    }

    private void readGaps(List<Happening> happenings) {
        for (Happening happening : happenings) {
            if (happening instanceof Missed it && calm.holds(it.nanos())) {
                gaps.merge(it.watch(), it.gap().count(), Long::sum);
            }
        }
    }

    /// By recipient and publisher's node.
    private Map<Recipient, Map<String, List<Event>>> missing(List<EventTrace> traces) {
        Map<Recipient, Map<String, List<Event>>> missing = new LinkedHashMap<>();
        for (EventTrace trace : traces) {
            EventTrace.@Nullable Origin by = trace.origin();
            long when = trace.publishedNanos();
            if (by == null || !calm.holdsWhatIsPublishedAt(when)) {
                continue;
            }
            for (Recipient who : wanted.computeIfAbsent(trace.event().topic(), this::wanted)) {
                if (!who.had(trace, journal) && isExpected(who, when)) {
                    missing.computeIfAbsent(who, _ -> new LinkedHashMap<>())
                            .computeIfAbsent(by.node(), _ -> new ArrayList<>())
                            .add(trace.event());
                }
            }
        }
        return missing;
    }

    /// Whether one of these was there, and none of them came or went when the event was underway.
    private boolean isExpected(Recipient who, long nanos) {
        boolean there = false;
        for (Watch watch : who.watches()) {
            Presence presence = presences.get(watch);
            if (presence != null && !presence.isSteadyAt(nanos)) {
                return false;
            }
            there |= presence == null || presence.at(nanos);
        }
        return there;
    }

    /// Each watch without a group, and each group.
    private List<Recipient> wanted(Topic topic) {
        List<Recipient> recipients = new ArrayList<>();
        Map<String, List<Watch>> groups = new LinkedHashMap<>();
        for (Watch watch : watches) {
            if (watch.pattern().matches(topic)) {
                if (watch.group() == null) {
                    recipients.add(new Recipient(List.of(watch)));
                } else {
                    groups.computeIfAbsent(watch.group(), _ -> new ArrayList<>()).add(watch);
                }
            }
        }
        groups.values().forEach(group -> recipients.add(new Recipient(group)));
        return recipients;
    }

    private void requireCounted(Recipient who, Map<String, List<Event>> missing) {
        long told = who.watches().stream().mapToLong(watch -> gaps.getOrDefault(watch, 0L)).sum();
        long left = told;
        for (Map.Entry<String, List<Event>> from : missing.entrySet()) {
            String publisher = from.getKey();
            List<Event> events = from.getValue();
            long dropped =
                    who.watches().stream()
                            .map(Watch::node)
                            .distinct()
                            .mapToLong(node -> calm.droppedBetween(publisher, node))
                            .sum();
            left -= Math.max(0, events.size() - dropped);
            if (left < 0) {
                throw new BrokenClaimError(
                        "nothing lost in the calm",
                        events.size()
                                + " events of "
                                + publisher
                                + ", such as "
                                + named(events)
                                + ", published after "
                                + Duration.ofNanos(calm.from())
                                + ", did not reach "
                                + who
                                + ", which was told of "
                                + told
                                + " missed; the links there dropped "
                                + dropped);
            }
        }
    }

    private static List<String> named(List<Event> events) {
        return events.stream()
                .limit(EVENTS_NAMED)
                .map(event -> event.id() + " on " + event.topic())
                .toList();
    }
}
