package dev.torsion.protocols.tls;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The files of a client, which are looked at when it connects. **Thread:** any.
final class RenewedFiles {
    private final SeenFiles files;
    private final Duration interval;
    private boolean looking; // guarded by this, as is the next
    private @Nullable Long looked; // by the clock of who looked

    /// @param interval how long a look is good for; more than zero
    RenewedFiles(SeenFiles files, Duration interval) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("an interval is more than zero, not " + interval);
        }
        this.files = files;
        this.interval = interval;
    }

    /// Looks at the files, unless somebody has done so within the interval, or does so now.
    ///
    /// @return completes on the loop, without a failure, when that is over; giving it up ends the
    ///   wait alone. Null if there is nothing to wait for
    @Nullable Deferred<Void> look(Reactor reactor) {
        if (!isDue(reactor.nanoTime())) {
            return null;
        }
        Deferred<Void> over = new Deferred<>(reactor, () -> {});
        var _ =
                reactor.callInThread(
                                () -> {
                                    files.look();
                                    return files;
                                })
                        .whenComplete((_, _) -> {
                            looked(reactor.nanoTime());
                            over.succeed(null);
                        });
        return over;
    }

    private synchronized boolean isDue(long now) {
        if (looking) {
            return false;
        }
        // Of two reactors with clocks of their own the difference means nothing, and may be less.
        long since = looked == null ? -1 : now - looked;
        looking = since < 0 || Duration.ofNanos(since).compareTo(interval) >= 0;
        return looking;
    }

    private synchronized void looked(long now) {
        looking = false;
        looked = now;
    }
}
