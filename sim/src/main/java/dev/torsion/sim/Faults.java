package dev.torsion.sim;

import dev.torsion.reactor.testing.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// Which faults a seed may draw, how often, and how long they last.
///
/// @param kinds what may happen
/// @param someKinds whether a seed turns on a random part of the kinds only: what fails under a few
///   kinds of fault is often hidden by the others
/// @param between the mean time from one fault to the next
/// @param longest the longest a fault lasts; half of them last less than a quarter of it
public record Faults(Set<Kind> kinds, boolean someKinds, Duration between, Duration longest) {
    private static final int LOSSIEST_PERCENT = 40;

    /// The kinds of [Fault].
    public enum Kind {
        KILL,
        POWER_LOSS,
        RESTART,
        PAUSE,
        PARTITION,
        ONE_WAY,
        SLOW,
        NARROW,
        LOSSY,
        SLOW_READER,
        RESET,
        HALF_OPEN,
        CLOCK_JUMP
    }

    public Faults {
        kinds = Collections.unmodifiableSortedSet(new TreeSet<>(kinds));
        Checked.positive("the time between two faults", between);
        Checked.positive("the longest time that a fault lasts", longest);
    }

    /// No faults, until some [#withKinds] are named.
    public static Faults none() {
        return new Faults(Set.of(), false, Duration.ofSeconds(5), Duration.ofSeconds(20));
    }

    /// Each seed draws from a random part of all kinds, one fault in five seconds, of up to twenty
    /// seconds.
    public static Faults swarm() {
        return new Faults(
                EnumSet.allOf(Kind.class), true, Duration.ofSeconds(5), Duration.ofSeconds(20));
    }

    public Faults withKinds(Set<Kind> newKinds) {
        return new Faults(newKinds, someKinds, between, longest);
    }

    public Faults withBetween(Duration newBetween) {
        return new Faults(kinds, someKinds, newBetween, longest);
    }

    public Faults withLongest(Duration newLongest) {
        return new Faults(kinds, someKinds, between, newLongest);
    }

    /// The part of the kinds that this run has.
    List<Kind> choose(RandomGenerator chance) {
        List<Kind> chosen = new ArrayList<>();
        for (Kind kind : kinds) {
            if (!someKinds || chance.nextBoolean()) {
                chosen.add(kind);
            }
        }
        return chosen;
    }

    /// The faults from `start` to `end`, in their order.
    List<Fault> plan(
            List<Kind> chosen,
            List<String> places,
            Duration start,
            Duration end,
            RandomGenerator chance) {
        List<Fault> plan = new ArrayList<>();
        if (chosen.isEmpty() || places.isEmpty()) {
            return plan;
        }
        Duration at = start;
        while (true) {
            at = at.plusNanos((long) (between.toNanos() * chance.nextExponential()));
            if (at.compareTo(end) >= 0) {
                return plan;
            }
            Kind kind = chosen.get(chance.nextInt(chosen.size()));
            if (places.size() > 1 || !needsTwo(kind)) {
                plan.add(draw(kind, at, places, chance));
            }
        }
    }

    private static boolean needsTwo(Kind kind) {
        return switch (kind) {
            case PARTITION, ONE_WAY, SLOW, NARROW, LOSSY -> true;
            case KILL, POWER_LOSS, RESTART, PAUSE -> false;
            case SLOW_READER, RESET, HALF_OPEN, CLOCK_JUMP -> false;
        };
    }

    private Fault draw(Kind kind, Duration at, List<String> places, RandomGenerator chance) {
        double part = chance.nextDouble();
        Duration lasting = Duration.ofNanos(1 + (long) (longest.toNanos() * part * part));
        String place = places.get(chance.nextInt(places.size()));
        String other = place;
        while (other.equals(place) && places.size() > 1) {
            other = places.get(chance.nextInt(places.size()));
        }
        return switch (kind) {
            case KILL -> new Fault.Kill(at, lasting, place);
            case POWER_LOSS -> new Fault.PowerLoss(at, lasting, place);
            case RESTART -> new Fault.Restart(at, lasting, place);
            case PAUSE -> new Fault.Pause(at, lasting, place);
            case PARTITION -> {
                Cut how = chance.nextBoolean() ? Cut.HOLD : Cut.RESET;
                yield new Fault.Partition(at, lasting, side(place, other, places, chance), how);
            }
            case ONE_WAY -> new Fault.OneWay(at, lasting, place, other);
            case SLOW -> {
                Duration latency = Duration.ofMillis(50 + chance.nextInt(3000));
                yield new Fault.Slow(at, lasting, place, other, latency);
            }
            case NARROW -> {
                long bytesPerSecond = 4_000L + chance.nextInt(100_000);
                yield new Fault.Narrow(at, lasting, place, other, bytesPerSecond);
            }
            case LOSSY ->
                    new Fault.Lossy(
                            at, lasting, place, other, 1 + chance.nextInt(LOSSIEST_PERCENT));
            case SLOW_READER -> {
                int bytes = 1 + chance.nextInt(4_000);
                Duration every = Duration.ofMillis(1 + chance.nextInt(200));
                yield new Fault.SlowReader(at, lasting, place, bytes, every);
            }
            case RESET -> new Fault.Reset(at, place);
            case HALF_OPEN -> new Fault.HalfOpen(at, place);
            case CLOCK_JUMP -> {
                Duration by = Duration.ofSeconds(chance.nextInt(-90_000, 90_000));
                yield new Fault.ClockJump(at, place, by);
            }
        };
    }

    private static Set<String> side(
            String inside, String outside, List<String> places, RandomGenerator chance) {
        Set<String> side = new TreeSet<>();
        side.add(inside);
        for (String place : places) {
            if (!place.equals(outside) && chance.nextBoolean()) {
                side.add(place);
            }
        }
        return side;
    }
}
