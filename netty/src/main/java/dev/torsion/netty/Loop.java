package dev.torsion.netty;

import dev.torsion.reactor.LoopMeter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Netty's loop, with an eye on the end of each turn. It turns on the thread on which its starter
/// lets it, which may be the thread that made it.
final class Loop extends SingleThreadIoEventLoop {

    /// How long it may run queued calls before it looks at its sockets again.
    private static final long LONGEST_TURN_MILLIS = 10;

    private final LoopMeter meter;
    private boolean ready;
    private volatile @Nullable Thread home;
    private volatile @Nullable Thread turning;

    /// @param starter is given, at the first use, what turns the loop until it is shut down
    Loop(Executor starter, IoHandlerFactory watcher, LoopMeter meter) {
        super(
                null,
                starter,
                watcher,
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                LONGEST_TURN_MILLIS);
        this.meter = meter;
    }

    /// Makes the caller's thread this loop's own before it turns, so that sockets may be opened on
    /// it already. The starter gets its turns now, for that thread to run.
    void settle() {
        execute(() -> {});
        becomeReady();
        home = Thread.currentThread();
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return super.inEventLoop(thread) || thread == home;
    }

    /// As its parent does, but ready once only, and ready before if [#settle]d.
    @Override
    protected void run() {
        turning = Thread.currentThread();
        becomeReady();
        try {
            do {
                runIo();
                if (isShuttingDown()) {
                    ioHandler().prepareToDestroy();
                }
                runAllTasks(TimeUnit.MILLISECONDS.toNanos(LONGEST_TURN_MILLIS));
            } while (!confirmShutdown());
        } finally {
            home = null;
        }
    }

    private void becomeReady() {
        if (!ready) {
            ready = true;
            ioHandler().initialize();
        }
    }

    @Override
    protected void afterRunningAllTasks() {
        super.afterRunningAllTasks();
        meter.endTurn(System.nanoTime());
    }

    /// Where its thread is, innermost call first; empty if it has not turned yet.
    StackTraceElement[] stack() {
        Thread thread = turning;
        return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    }
}
