package dev.torsion.protocols.amp;

import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Watches for the peer's silence: after an interval of it, it is asked for a sign of life, after
/// as much again it is given up.
final class Heartbeat {
    private final Reactor reactor;
    private final Duration interval;
    private final BooleanSupplier mayBeSilent;
    private final Runnable ask;
    private final Consumer<Duration> giveUp;
    private long lastHeard;
    private boolean asked; // since it was last heard
    private long askedAt;
    private @Nullable DelayedCall next;

    /// Watches from now on.
    ///
    /// @param mayBeSilent whether there is a reason for the silence, so that it does not count
    /// @param giveUp told how long the silence has lasted
    Heartbeat(
            Reactor reactor,
            Duration interval,
            BooleanSupplier mayBeSilent,
            Runnable ask,
            Consumer<Duration> giveUp) {
        this.reactor = reactor;
        this.interval = interval;
        this.mayBeSilent = mayBeSilent;
        this.ask = ask;
        this.giveUp = giveUp;
        this.lastHeard = reactor.nanoTime();
        this.next = reactor.callLater(interval, this::listen);
    }

    /// Something came.
    void heard() {
        lastHeard = reactor.nanoTime();
        asked = false;
    }

    void stop() {
        if (next != null) {
            next.cancel();
            next = null;
        }
    }

    private void listen() {
        if (mayBeSilent.getAsBoolean()) {
            heard();
        }
        long now = reactor.nanoTime();
        Duration silence = Duration.ofNanos(now - lastHeard);
        Duration since = asked ? Duration.ofNanos(now - askedAt) : silence;
        Duration left = interval.minus(since);
        if (left.isPositive()) {
            next = reactor.callLater(left, this::listen);
        } else if (asked) {
            next = null;
            giveUp.accept(silence);
        } else { // however long it has been: it may be this end that stood still
            asked = true;
            askedAt = now;
            next = reactor.callLater(interval, this::listen);
            ask.run();
        }
    }
}
