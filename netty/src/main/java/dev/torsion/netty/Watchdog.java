package dev.torsion.netty;

import dev.torsion.reactor.LoopMeter;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Looks at a loop now and then, from a thread of its own, and names the call that holds it too
/// long.
final class Watchdog implements Runnable {
    private final Loop loop;
    private final LoopMeter meter;
    private final Duration limit;
    private final Future<?> ended;
    private final Consumer<String> report;

    Watchdog(Loop loop, LoopMeter meter, Duration limit, Future<?> ended, Consumer<String> report) {
        this.loop = loop;
        this.meter = meter;
        this.limit = limit;
        this.ended = ended;
        this.report = report;
    }

    @Override
    public void run() {
        long pauseNanos = Math.max(1, TimeUnit.NANOSECONDS.convert(limit) / 2);
        while (!ended.isDone()) {
            try {
                awaitEnd(pauseNanos);
                if (!ended.isDone()) {
                    look();
                }
            } catch (Throwable _) { // no memory to look, or a log that is broken
                LockSupport.parkNanos(pauseNanos); // there may be more by then
            }
        }
    }

    private void awaitEnd(long nanos) throws InterruptedException {
        try {
            ended.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException _) {
            // It goes on, or it died, which is no less an end.
        }
    }

    private void look() {
        String overdue = meter.overdue(System.nanoTime());
        if (overdue != null) {
            report.accept(overdue + "; its thread is here:" + stack(loop));
        }
    }

    /// Where the loop's thread is, a line a frame.
    static String stack(Loop loop) {
        StringBuilder stack = new StringBuilder();
        for (StackTraceElement frame : loop.stack()) {
            stack.append("\n\tat ").append(frame);
        }
        return stack.toString();
    }
}
