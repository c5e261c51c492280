package dev.torsion.sim;

import dev.torsion.reactor.testing.Cut;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// Something that goes wrong at a moment of virtual time, and for how long. A place is the name of
/// a node or of a program.
///
/// Every fault refuses what cannot be with [IllegalArgumentException]: a moment or a time less than
/// zero, a place without a name, a way from a place to itself, a rate of nothing.
public sealed interface Fault {
    /// Lasts until it is mended by hand or everything is healed.
    Duration UNTIL_HEALED = Duration.ofNanos(Long.MAX_VALUE);

    /// When it begins, since the start of the world.
    Duration at();

    /// How long it lasts; zero for what happens in a moment.
    Duration lasting();

    /// The same, lasting as long as this.
    Fault shortenedTo(Duration shorter);

    /// In words, for a time line.
    default String describe() {
        String what =
                switch (this) {
                    case Kill it -> it.place + " is killed";
                    case PowerLoss it -> it.place + " loses its power";
                    case Restart it -> it.place + " is told to restart";
                    case Pause it -> it.place + " stands still";
                    case ClockJump it -> "the clock of " + it.place + " jumps by " + seconds(it.by);
                    case Reset it -> "the connections of " + it.place + " are reset";
                    case HalfOpen it -> it.place + " forgets its connections";
                    case SlowReader it ->
                            it.place + " reads " + it.bytes + " bytes every " + seconds(it.every);
                    case Partition it ->
                            String.join(", ", it.side) + " and the others are parted, " + it.how;
                    case OneWay it -> "nothing comes from " + it.from + " to " + it.to;
                    case Slow it ->
                            it.from + " to " + it.to + " takes up to " + seconds(it.latency);
                    case Narrow it ->
                            it.from + " to " + it.to + " takes " + it.bytesPerSecond + " bytes/s";
                    case Lossy it -> it.from + " to " + it.to + " loses " + it.percent + " %";
                };
        if (lasting().isZero()) {
            return what;
        }
        return what
                + (lasting().equals(UNTIL_HEALED) ? " until healed" : " for " + seconds(lasting()));
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.3f s", time.toNanos() / 1e9);
    }

    private static void check(Duration at, Duration lasting, String... places) {
        Checked.notNegative("the moment of a fault", at);
        Checked.notNegative("the time that a fault lasts", lasting);
        for (String place : places) {
            Checked.named("the place of a fault", place);
        }
    }

    private static void checkWay(Duration at, Duration lasting, String from, String to) {
        check(at, lasting, from, to);
        if (from.equals(to)) {
            throw new IllegalArgumentException(
                    "a way leads from one place to another, not from " + from + " to itself");
        }
    }

    /// What happens to one place.
    sealed interface OfPlace extends Fault {
        String place();
    }

    /// What happens to one place in a moment.
    sealed interface Momentary extends OfPlace {
        @Override
        default Duration lasting() {
            return Duration.ZERO;
        }

        @Override
        default Fault shortenedTo(Duration shorter) {
            return this;
        }
    }

    /// What happens to all that goes from one place to another.
    sealed interface OfWay extends Fault {
        String from();

        String to();
    }

    // ---- processes ----

    /// The process ends at once and its peers see their connections reset; it starts again, in a
    /// new incarnation.
    record Kill(Duration at, Duration lasting, String place) implements OfPlace {
        public Kill {
            check(at, lasting, place);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Kill(at, shorter, place);
        }
    }

    /// The machine ends at once and its peers see nothing; it starts again, in a new incarnation.
    record PowerLoss(Duration at, Duration lasting, String place) implements OfPlace {
        public PowerLoss {
            check(at, lasting, place);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new PowerLoss(at, shorter, place);
        }
    }

    /// The process is told to end: a node says goodbye first. It starts again, in a new
    /// incarnation.
    record Restart(Duration at, Duration lasting, String place) implements OfPlace {
        public Restart {
            check(at, lasting, place);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Restart(at, shorter, place);
        }
    }

    /// The process stands still, as in a long garbage collection, then goes on.
    record Pause(Duration at, Duration lasting, String place) implements OfPlace {
        public Pause {
            check(at, lasting, place);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Pause(at, shorter, place);
        }
    }

    /// The time of day on a machine changes.
    ///
    /// @param by forwards, or backwards if it is negative
    record ClockJump(Duration at, String place, Duration by) implements Momentary {
        public ClockJump {
            check(at, Duration.ZERO, place);
            Objects.requireNonNull(by, "by");
        }
    }

    // ---- connections ----

    /// Every connection of a place breaks, at both ends.
    record Reset(Duration at, String place) implements Momentary {
        public Reset {
            check(at, Duration.ZERO, place);
        }
    }

    /// Every connection of a place breaks at this end, and stays half open at the other until that
    /// sends something.
    record HalfOpen(Duration at, String place) implements Momentary {
        public HalfOpen {
            check(at, Duration.ZERO, place);
        }
    }

    /// A place takes only so many bytes from each connection each time.
    ///
    /// @param bytes at least 1
    /// @param every more than no time
    record SlowReader(Duration at, Duration lasting, String place, int bytes, Duration every)
            implements OfPlace {
        public SlowReader {
            check(at, lasting, place);
            Checked.between("the bytes that are read", bytes, 1, Integer.MAX_VALUE);
            Checked.positive("the time between two reads", every);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new SlowReader(at, shorter, place, bytes, every);
        }
    }

    // ---- the network ----

    /// The places of one side and all others cannot reach each other.
    ///
    /// @param side one place at least
    record Partition(Duration at, Duration lasting, Set<String> side, Cut how) implements Fault {
        public Partition {
            check(at, lasting, side.toArray(String[]::new));
            Objects.requireNonNull(how, "how");
            side = Collections.unmodifiableSortedSet(new TreeSet<>(side));
            if (side.isEmpty()) {
                throw new IllegalArgumentException(
                        "a partition has one place at least on its side");
            }
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Partition(at, shorter, side, how);
        }

        /// Whether it lies between these two.
        boolean parts(String a, String b) {
            return side.contains(a) != side.contains(b);
        }
    }

    /// What goes from one place to another is held; the other direction goes on.
    record OneWay(Duration at, Duration lasting, String from, String to) implements OfWay {
        public OneWay {
            checkWay(at, lasting, from, to);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new OneWay(at, shorter, from, to);
        }
    }

    /// What goes from one place to another takes longer, by up to `latency`.
    ///
    /// @param latency more than none
    record Slow(Duration at, Duration lasting, String from, String to, Duration latency)
            implements OfWay {
        public Slow {
            checkWay(at, lasting, from, to);
            Checked.positive("the latency of a slow way", latency);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Slow(at, shorter, from, to, latency);
        }
    }

    /// No more than this goes from one place to another.
    ///
    /// @param bytesPerSecond at least 1
    record Narrow(Duration at, Duration lasting, String from, String to, long bytesPerSecond)
            implements OfWay {
        public Narrow {
            checkWay(at, lasting, from, to);
            Checked.between(
                    "the bytes a second of a narrow way", bytesPerSecond, 1, Long.MAX_VALUE);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Narrow(at, shorter, from, to, bytesPerSecond);
        }
    }

    /// Some of what goes from one place to another is lost and sent again, so it comes late.
    ///
    /// @param percent of what goes there, 0 to 99
    record Lossy(Duration at, Duration lasting, String from, String to, int percent)
            implements OfWay {
        public Lossy {
            checkWay(at, lasting, from, to);
            Checked.between("the percentage that a lossy way loses", percent, 0, 99);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Lossy(at, shorter, from, to, percent);
        }
    }
}
