package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.sim.Happening.Answered;
import dev.torsion.sim.Happening.Asked;
import dev.torsion.sim.Happening.Delivered;
import dev.torsion.sim.Happening.Faulted;
import dev.torsion.sim.Happening.Lived;
import dev.torsion.sim.Happening.Published;
import dev.torsion.sim.Happening.Unanswered;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must hold of what happened.
final class Claims {
    /// How late a deadline may be noticed.
    private static final long TOLERANCE = Duration.ofMillis(1).toNanos();

    private Claims() {}

    // ---- at most once ----

    static void atMostOnce(Iterable<EventTrace> traces) {
        for (EventTrace trace : traces) {
            List<Delivered> deliveries = trace.deliveries();
            for (int i = 1; i < deliveries.size(); i++) {
                Watch watch = deliveries.get(i).watch();
                for (Delivered before : deliveries.subList(0, i)) {
                    if (share(watch, before.watch())) {
                        throw new BrokenClaimError(
                                "at most once",
                                recipient(watch) + " was given " + trace.id() + " again");
                    }
                }
            }
        }
    }

    /// Whether only one of the two may be given an event.
    private static boolean share(Watch one, Watch other) {
        String group = one.group();
        return group == null
                ? one.equals(other)
                : group.equals(other.group()) && one.pattern().equals(other.pattern());
    }

    private static String recipient(Watch watch) {
        return watch.group() == null
                ? watch.node() + "'s " + watch
                : "group " + watch.group() + " of " + watch.pattern();
    }

    // ---- order ----

    private record Reader(Watch watch, long incarnation) {
        @Override
        public int hashCode() {
            return watch.hashCode() * 31 + Long.hashCode(incarnation);
        }
    }

    static void inOrder(List<Happening> happenings, Map<String, EventTrace> traces) {
        Map<Reader, Map<String, Long>> lives = new HashMap<>();
        Map<Reader, Map<EventTrace.Stream, Long>> last = new HashMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Delivered it) {
                EventTrace trace = traces.get(it.event().id());
                Reader reader = new Reader(it.watch(), it.incarnation());
                if (trace != null && trace.published() != null) {
                    requireNoEarlierLife(
                            it,
                            trace.published(),
                            lives.computeIfAbsent(reader, _ -> new HashMap<>()));
                }
                if (trace == null || trace.sequence() < 0) {
                    continue;
                }
                Long before =
                        last.computeIfAbsent(reader, _ -> new HashMap<>())
                                .put(trace.stream(), trace.sequence());
                if (before != null && before >= trace.sequence()) {
                    throw new BrokenClaimError(
                            "in order",
                            it.watch()
                                    + " of "
                                    + it.node()
                                    + " was given "
                                    + it.event().id()
                                    + " after number "
                                    + before
                                    + " of the same publisher and topic");
                }
            }
        }
    }

    /// @param lives the life of each node that was heard last
    private static void requireNoEarlierLife(
            Delivered it, Published published, Map<String, Long> lives) {
        Long before = lives.put(published.node(), published.incarnation());
        if (before != null && before > published.incarnation()) {
            throw new BrokenClaimError(
                    "in order",
                    it.watch()
                            + " of "
                            + it.node()
                            + " was given "
                            + it.event().id()
                            + " of an earlier life of "
                            + published.node()
                            + ", after events of incarnation "
                            + before);
        }
    }

    // ---- nothing invented ----

    static void nothingInvented(Iterable<EventTrace> traces) {
        for (EventTrace trace : traces) {
            Published published = trace.published();
            @Nullable Event original = published == null ? null : published.event();
            for (Delivered it : trace.deliveries()) {
                boolean same = original == null || Objects.equals(original, it.event());
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

    // ---- questions ----

    static void answered(List<Happening> happenings, List<Calm> calms) {
        Map<Long, Asked> asked = new LinkedHashMap<>();
        for (Happening happening : happenings) {
            if (happening instanceof Asked it) {
                asked.put(it.number(), it);
            } else if (happening instanceof Unanswered it) {
                Asked question = asked.get(it.number());
                if (question != null && wholly(question, calms)) {
                    throw new BrokenClaimError(
                            "questions are answered in the calm", question + ": " + it.why());
                }
            }
        }
    }

    private static boolean wholly(Asked question, List<Calm> calms) {
        long deadline = question.nanos() + question.deadline().toNanos();
        return calms.stream().anyMatch(it -> it.holds(question.nanos()) && it.holds(deadline));
    }

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
