package dev.torsion.netty;

import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.Thrown;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One promised call.
final class Timer implements DelayedCall, Runnable {
    private static final Logger log = LoggerFactory.getLogger(Timer.class);

    private final NettyReactor reactor;
    private final Runnable action;
    private @Nullable ScheduledFuture<?> scheduled;
    private boolean active = true;
    private long due;

    Timer(NettyReactor reactor, Duration delay, Runnable action) {
        this.reactor = reactor;
        this.action = action;
        schedule(delay);
    }

    private void schedule(Duration delay) {
        due = System.nanoTime() + TimeUnit.NANOSECONDS.convert(delay);
        scheduled = reactor.schedule(delay, this);
    }

    @Override
    public boolean cancel() {
        reactor.requireLoop("DelayedCall.cancel");
        boolean wasActive = active;
        active = false;
        unschedule();
        return wasActive;
    }

    @Override
    public void reset(Duration delay) {
        reactor.requireLoop("DelayedCall.reset");
        Delays.requireNotNegative("a delay", delay);
        if (!active) {
            throw new IllegalStateException("this call has run or was cancelled");
        }
        unschedule();
        schedule(delay);
    }

    @Override
    public void delay(Duration longer) {
        reactor.requireLoop("DelayedCall.delay");
        Delays.requireNotNegative("a delay", longer);
        long left = Math.max(0, due - System.nanoTime());
        long more = TimeUnit.NANOSECONDS.convert(longer);
        reset(Duration.ofNanos(left + Math.min(more, Long.MAX_VALUE - left)));
    }

    @Override
    public boolean active() {
        reactor.requireLoop("DelayedCall.active");
        return active;
    }

    @Override
    public void run() {
        if (!active || reactor.stopping()) {
            return;
        }
        active = false;
        reactor.meter().ranLate(due);
        reactor.beginCall(action, "run");
        try {
            action.run();
        } catch (Throwable thrown) {
            Thrown.log(log, "a delayed call threw; the loop goes on", thrown);
        } finally {
            reactor.endCall();
        }
    }

    private void unschedule() {
        ScheduledFuture<?> current = scheduled;
        scheduled = null;
        if (current != null) {
            current.cancel(false);
        }
    }
}
