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
        Duration silence = Duration.ofNanos(reactor.nanoTime() - lastHeard);
        Duration longest = interval.multipliedBy(2);
        if (silence.compareTo(longest) >= 0) {
            next = null;
            giveUp.accept(silence);
            return;
        }
        boolean silent = silence.compareTo(interval) >= 0;
        next = reactor.callLater((silent ? longest : interval).minus(silence), this::listen);
        if (silent) {
            ask.run();
        }
    }
}
