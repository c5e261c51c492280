package dev.torsion.sim;

import dev.torsion.reactor.testing.Cut;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/// Something that goes wrong at a moment of virtual time, and for how long.
public sealed interface Fault {

    /// When it begins, since the start of the world.
    Duration at();

    /// How long it lasts; zero for what happens in a moment.
    Duration lasting();

    /// The same, lasting as long as this.
    Fault shortenedTo(Duration shorter);

    /// The process ends at once and its peers see their connections reset; it starts again, in a
    /// new incarnation.
    record Kill(Duration at, Duration lasting, String node) implements Fault {
        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Kill(at, shorter, node);
        }
    }

    /// The machine ends at once and its peers see nothing; it starts again, in a new incarnation.
    record PowerLoss(Duration at, Duration lasting, String node) implements Fault {
        @Override
        public Fault shortenedTo(Duration shorter) {
            return new PowerLoss(at, shorter, node);
        }
    }

    /// The process stands still, as in a long garbage collection, then goes on.
    record Pause(Duration at, Duration lasting, String node) implements Fault {
        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Pause(at, shorter, node);
        }
    }

    /// The nodes of one side and all others cannot reach each other.
    record Partition(Duration at, Duration lasting, Set<String> side, Cut how) implements Fault {
        public Partition {
            side = new TreeSet<>(side);
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Partition(at, shorter, side, how);
        }
    }

    /// What goes from one node to another is held; the other direction goes on.
    record OneWay(Duration at, Duration lasting, String from, String to) implements Fault {
        @Override
        public Fault shortenedTo(Duration shorter) {
            return new OneWay(at, shorter, from, to);
        }
    }

    /// What goes from one node to another takes longer, by up to `latency`.
    record Slow(Duration at, Duration lasting, String from, String to, Duration latency)
            implements Fault {
        @Override
        public Fault shortenedTo(Duration shorter) {
            return new Slow(at, shorter, from, to, latency);
        }
    }

    /// Every connection of a node breaks, at both ends.
    record Reset(Duration at, String node) implements Fault {
        @Override
        public Duration lasting() {
            return Duration.ZERO;
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return this;
        }
    }

    /// The time of day on a node's machine changes.
    record ClockJump(Duration at, String node, Duration by) implements Fault {
        @Override
        public Duration lasting() {
            return Duration.ZERO;
        }

        @Override
        public Fault shortenedTo(Duration shorter) {
            return this;
        }
    }
}
