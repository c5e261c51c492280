package dev.torsion.sim;

import dev.torsion.sim.Happening.Answered;
import dev.torsion.sim.Happening.Asked;
import dev.torsion.sim.Happening.Faulted;
import dev.torsion.sim.Happening.Lived;
import dev.torsion.sim.Happening.Unanswered;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must hold of the questions that were asked.
final class Claims {
    /// How late a deadline may be noticed.
    private static final long TOLERANCE = Duration.ofMillis(1).toNanos();

    private Claims() {}

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
