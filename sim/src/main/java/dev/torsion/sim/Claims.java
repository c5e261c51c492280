package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.sim.Happening.Answered;
import dev.torsion.sim.Happening.Asked;
import dev.torsion.sim.Happening.Delivered;
import dev.torsion.sim.Happening.Faulted;
import dev.torsion.sim.Happening.Lived;
import dev.torsion.sim.Happening.Missed;
import dev.torsion.sim.Happening.Published;
import dev.torsion.sim.Happening.Settled;
import dev.torsion.sim.Happening.Unanswered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must hold of what happened.
final class Claims {
    /// What is published so shortly before a calm ends may be underway when it does.
    private static final long UNDERWAY = Duration.ofSeconds(1).toNanos();

    /// How late a deadline may be noticed.
    private static final long TOLERANCE = Duration.ofMillis(1).toNanos();

    private Claims() {}

    // ---- at most once ----

    private record Recipient(String who, String event) {}

    static void atMostOnce(List<Happening> happenings) {
        Set<Recipient> seen = new HashSet<>();
        for (Happening happening : happenings) {
            if (happening instanceof Delivered it) {
                String group = it.watch().group();
                String who =
                        group == null
                                ? it.node() + it.watch()
                                : "group " + group + " of " + it.watch().pattern();
                if (!seen.add(new Recipient(who, it.event().id()))) {
                    throw new BrokenClaimError(
                            "at most once", who + " was given " + it.event().id() + " again");
                }
            }
        }
    }

    // ---- order ----

    private record Stream(String node, long incarnation, Watch watch, String life, String topic) {}

    static void inOrder(List<Happening> happenings) {
        Map<Stream, Long> last = new HashMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Delivered it) {
                String id = it.event().id();
                int dash = id.lastIndexOf('-');
                long sequence = Long.parseLong(id, dash + 1, id.length(), 10);
                Stream stream =
                        new Stream(
                                it.node(),
                                it.incarnation(),
                                it.watch(),
                                id.substring(0, dash),
                                it.event().topic().name());
                Long before = last.put(stream, sequence);
                if (before != null && before >= sequence) {
                    throw new BrokenClaimError(
                            "in order",
                            it.watch()
                                    + " of "
                                    + it.node()
                                    + " was given "
                                    + id
                                    + " after number "
                                    + before
                                    + " of the same publisher and topic");
                }
            }
        }
    }

    // ---- nothing invented ----

    static void nothingInvented(List<Happening> happenings) {
        Map<String, Event> published = new HashMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Published it) {
                published.put(it.event().id(), it.event());
            }
        }
        for (Happening happening : happenings) {
            if (happening instanceof Delivered it) {
                Event original = published.get(it.event().id());
                boolean same = original == null || original.equals(it.event());
                if (!same || !it.watch().pattern().matches(it.event().topic())) {
                    throw new BrokenClaimError(
                            "nothing invented",
                            it.watch()
                                    + " of "
                                    + it.node()
                                    + " was given "
                                    + it.event()
                                    + ", published was "
                                    + original);
                }
            }
        }
    }

    // ---- nothing lost in the calm ----

    /// A time in which nothing is broken and everybody is linked.
    private record Calm(long from, long until) {
        boolean holds(long nanos) {
            return nanos >= from && nanos < until;
        }
    }

    static void nothingLostInTheCalm(List<Happening> happenings, List<Watch> watches) {
        List<Calm> calms = calms(happenings);
        Map<String, List<Watch>> recipients = new LinkedHashMap<>();
        Map<Watch, Long> missed = new HashMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Delivered it) {
                recipients.computeIfAbsent(it.event().id(), _ -> new ArrayList<>()).add(it.watch());
            } else if (happening instanceof Missed it) {
                missed.merge(it.watch(), it.gap().count(), Long::sum);
            }
        }
        for (Happening happening : happenings) {
            if (happening instanceof Published it
                    && calms.stream().anyMatch(calm -> calm.holds(it.nanos()))) {
                List<Watch> given = recipients.getOrDefault(it.event().id(), List.of());
                wanted(it, watches).forEach(who -> requireOne(it, who, given, missed));
            }
        }
    }

    private static List<Calm> calms(List<Happening> happenings) {
        List<Calm> calms = new ArrayList<>();
        long from = -1;
        for (Happening happening : happenings) {
            if (happening instanceof Settled && from < 0) {
                from = happening.nanos();
            } else if (happening instanceof Faulted it && it.begins() && from >= 0) {
                calms.add(new Calm(from, happening.nanos() - UNDERWAY));
                from = -1;
            }
        }
        if (from >= 0) {
            calms.add(new Calm(from, Long.MAX_VALUE));
        }
        return calms;
    }

    /// Each watch without a group, and each group, as those of whom one must have it.
    private static Iterable<List<Watch>> wanted(Published published, List<Watch> watches) {
        List<List<Watch>> wanted = new ArrayList<>();
        Map<String, List<Watch>> groups = new LinkedHashMap<>();
        for (Watch watch : watches) {
            if (watch.pattern().matches(published.event().topic())) {
                if (watch.group() == null) {
                    wanted.add(List.of(watch));
                } else {
                    groups.computeIfAbsent(watch.group(), _ -> new ArrayList<>()).add(watch);
                }
            }
        }
        wanted.addAll(groups.values());
        return wanted;
    }

    private static void requireOne(
            Published published, List<Watch> wanted, List<Watch> given, Map<Watch, Long> missed) {
        if (wanted.stream().anyMatch(given::contains)) {
            return;
        }
        for (Watch watch : wanted) {
            Long left = missed.get(watch);
            if (left != null && left > 0) {
                missed.put(watch, left - 1);
                return;
            }
        }
        throw new BrokenClaimError(
                "nothing lost in the calm",
                published.event().id()
                        + " on "
                        + published.event().topic()
                        + ", published at "
                        + Duration.ofNanos(published.nanos())
                        + ", did not reach "
                        + wanted.stream().map(watch -> watch.node() + "'s " + watch).toList());
    }

    // ---- questions ----

    static void questionsSettled(List<Happening> happenings) {
        Map<Long, Asked> open = new LinkedHashMap<>();
        Set<String> paused = new LinkedHashSet<>();
        for (Happening happening : happenings) {
            switch (happening) {
                case Asked it -> open.put(it.number(), it);
                case Answered it -> settle(open, it.number(), it, paused);
                case Unanswered it -> settle(open, it.number(), it, paused);
                case Lived it when !it.started() ->
                        open.values().removeIf(asked -> asked.node().equals(it.node()));
                case Faulted it when it.fault() instanceof Fault.Pause ->
                        open.values().stream()
                                .filter(asked -> asked.node().equals(it.node()))
                                .forEach(asked -> paused.add(asked.node() + asked.number()));
                default -> {}
            }
        }
        if (!open.isEmpty()) {
            throw new BrokenClaimError("questions are settled", "never: " + open.values());
        }
    }

    private static void settle(
            Map<Long, Asked> open, long number, Happening how, Set<String> paused) {
        @Nullable Asked asked = open.remove(number);
        if (asked == null) {
            throw new BrokenClaimError("questions are settled", "more than once: " + how);
        }
        long late = how.nanos() - asked.nanos() - asked.deadline().toNanos();
        if (late > TOLERANCE && !paused.contains(asked.node() + number)) {
            throw new BrokenClaimError(
                    "questions are settled", "late by " + Duration.ofNanos(late) + ": " + asked);
        }
    }
}
