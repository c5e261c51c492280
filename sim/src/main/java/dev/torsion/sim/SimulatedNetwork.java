package dev.torsion.sim;

import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.Set;

/// The network of the world, to be broken by hand. What is done here is a [Fault] like those that a
/// seed draws, at this moment and until it is mended: it stands in the time line, the claims know
/// of it, and [Simulation#healAndSettle] mends it.
public final class SimulatedNetwork {
    private final Vigil vigil;
    private final Breakage breakage;
    private final MemoryNetwork memory;

    SimulatedNetwork(Breakage breakage, MemoryNetwork memory, Vigil vigil) {
        this.vigil = vigil;
        this.breakage = breakage;
        this.memory = memory;
    }

    /// Cuts one place off from all others, both ways.
    public void isolate(Place place, Cut how) {
        breakage.begin(new Fault.Partition(now(), untilHealed(), Set.of(place.name()), how));
    }

    /// Holds what goes from one place to another, while the other direction goes on.
    public void cutOneWay(Place from, Place to) {
        breakage.begin(new Fault.OneWay(now(), untilHealed(), from.name(), to.name()));
    }

    /// Holds what goes between two places, both ways.
    public void cut(Place a, Place b) {
        cutOneWay(a, b);
        cutOneWay(b, a);
    }

    /// Lets what goes from one place to another take half of `latency` to all of it.
    public void slow(Place from, Place to, Duration latency) {
        breakage.begin(new Fault.Slow(now(), untilHealed(), from.name(), to.name(), latency));
    }

    /// Lets no more than this go from one place to another.
    public void limit(Place from, Place to, long bytesPerSecond) {
        breakage.begin(
                new Fault.Narrow(now(), untilHealed(), from.name(), to.name(), bytesPerSecond));
    }

    /// Loses some of what goes from one place to another: it is sent again, and comes late.
    public void lose(Place from, Place to, int percent) {
        breakage.begin(new Fault.Lossy(now(), untilHealed(), from.name(), to.name(), percent));
    }

    /// Breaks every connection of a place, at both ends.
    public void reset(Place place) {
        breakage.begin(new Fault.Reset(now(), place.name()));
    }

    /// Mends what is between these two, partitions aside.
    public void heal(Place a, Place b) {
        breakage.heal(a.name(), b.name());
    }

    /// How long bytes are underway where no fault slows them: between the two, by chance. From 0.1
    /// to 2 ms unless this says otherwise.
    public void latency(Duration least, Duration most) {
        memory.latency(least, most);
        vigil.latency(most);
    }

    /// How bytes are cut into calls of `dataReceived`, on connections made from now on. The seed
    /// decides unless this does.
    public void chunks(Chunks chunks) {
        memory.chunks(chunks);
    }

    /// What it is made of.
    public MemoryNetwork memory() {
        return memory;
    }

    private Duration now() {
        return breakage.now();
    }

    private static Duration untilHealed() {
        return Fault.UNTIL_HEALED;
    }
}
